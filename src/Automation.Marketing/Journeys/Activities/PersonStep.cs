using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>A step that does something about the person and is done; left out when it hangs on a date that has passed.</summary>
public abstract class PersonStep : CodeActivity
{
    protected sealed override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        if (LateSteps.IsLate(context))
        {
            await LateSteps.PassAsync(context, "Done");
            return;
        }
        var scope = context.GetRequiredService<FlowScope>();
        await DoAsync(context, scope);
        scope.PersonChanged();
    }

    private protected abstract Task DoAsync(ActivityExecutionContext context, FlowScope scope);
}

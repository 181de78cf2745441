using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Waits until a moment; one that has passed already is not waited for.</summary>
[Activity("Automation", "Wait", "Waits until a moment: a working day, a weekday, or days before a date of the person.")]
public sealed class WaitUntil : Activity
{
    /// <summary><c>next-business-day 10:00</c>, <c>next monday 09:00</c>, <c>field deal.revisit_on -3d 10:00</c>, or <c>+P3D</c>.</summary>
    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<string> Until { get; set; } = default!;

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var scope = context.GetRequiredService<FlowScope>();
        var moment = Moment.Parse(Until.Get(context));
        var field = moment.Field is { } expression ? await scope.EvaluateAsync(expression, context.CancellationToken) : null;
        var due = moment.After(scope.Now, field, scope.Zone);
        if (due is null || due <= scope.Now) await context.CompleteActivityAsync();
        else context.CreateBookmark(new CreateBookmarkArgs { Payload = new { Until = moment.Text }, DueAt = due });
    }
}

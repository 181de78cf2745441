using Automation.Marketing.Deals;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Gives somebody something to do about the person, by a day.</summary>
[Activity("Automation", "Sales", "Gives somebody something to do about the person, by a day.")]
public sealed class CreateTask : PersonStep
{
    private const string DefaultDueIn = "P1D";

    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<string> Title { get; set; } = default!;

    /// <summary>Default: the owner of the person's newest deal; where there is none, everyone in sales.</summary>
    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<string>? Owner { get; set; }

    /// <summary>ISO 8601, default <c>P1D</c>; a weekend moves it to Monday.</summary>
    [Input(DefaultValue = DefaultDueIn)]
    public Input<string>? DueIn { get; set; }

    private protected override async Task DoAsync(ActivityExecutionContext context, FlowScope scope)
    {
        var dueIn = Durations.Parse(context.Get(DueIn) is { Length: > 0 } text ? text : DefaultDueIn);
        await Tasks.AddAsync(
            scope.Db, scope.Instance.ContactId, context.Get(Owner), Title.Get(context), LocalTime.DayOf(scope.Now + dueIn, scope.Zone), scope.Instance.DefinitionId, scope.Now,
            context.CancellationToken);
    }
}

using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Starts the flow for everyone of an audience, days before, on or after a day of the season calendar.</summary>
[Activity("Automation", "Triggers", "Starts for an audience days before, on or after a day of the season calendar.", Kind = ActivityKind.Trigger)]
public sealed class CalendarOccurrence : Trigger
{
    /// <summary>A day of the calendar, e.g. <c>解禁日</c>.</summary>
    [Input(UIHint = InputUIHints.DropDown)]
    public Input<string> Anchor { get; set; } = default!;

    /// <summary>E.g. <c>-14d</c> or <c>-14d 10:00</c>; default on the day at 10:00, local time of the shop.</summary>
    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<string>? Lead { get; set; }

    /// <summary>Who enters, as in calendar files, e.g. <c>{"tags": ["かに"]}</c>; default everyone with an address.</summary>
    [Input(UIHint = InputUIHints.Json)]
    public Input<string>? Audience { get; set; }

    protected override object? GetTriggerPayload(TriggerIndexingContext context) =>
        new OccurrenceStimulus(context.Get(Anchor) ?? "", context.Get(Lead) ?? "", context.Get(Audience) is { Length: > 0 } audience ? audience : "{}");

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) => context.CompleteActivityAsync();
}

/// <summary>Which day of the calendar is looked out for, and for whom.</summary>
internal sealed record OccurrenceStimulus(string Anchor, string Lead, string Audience);

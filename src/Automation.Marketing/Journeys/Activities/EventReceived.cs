using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Starts the flow when a lead event of a type arrives.</summary>
[Activity("Automation", "Triggers", "Starts when a person does something.", Kind = ActivityKind.Trigger)]
public sealed class EventReceived : Trigger
{
    /// <summary>E.g. <c>lead.created</c>.</summary>
    [Input(UIHint = InputUIHints.DropDown)]
    public Input<string> EventType { get; set; } = default!;

    /// <summary>A Scriban condition over <c>event</c> and <c>contact</c>; empty: always.</summary>
    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<string>? Where { get; set; }

    protected override object? GetTriggerPayload(TriggerIndexingContext context) =>
        new EventStimulus(context.Get(EventType) ?? "", context.Get(Where));

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) => context.CompleteActivityAsync();
}

/// <summary>What an event is matched by.</summary>
internal sealed record EventStimulus(string EventType, string? Where);

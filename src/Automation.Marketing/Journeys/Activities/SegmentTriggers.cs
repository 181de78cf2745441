using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Starts the flow when a person's place in a segment changes.</summary>
public abstract class SegmentTrigger : Trigger
{
    /// <summary>The segment's key.</summary>
    [Input(UIHint = InputUIHints.DropDown)]
    public Input<string> Segment { get; set; } = default!;

    protected override object? GetTriggerPayload(TriggerIndexingContext context) => new SegmentStimulus(context.Get(Segment) ?? "");

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) => context.CompleteActivityAsync();
}

/// <summary>Starts the flow when a person comes into a segment.</summary>
[Activity("Automation", "Triggers", "Starts when a person comes into a segment.", Kind = ActivityKind.Trigger)]
public sealed class SegmentEntered : SegmentTrigger;

/// <summary>Starts the flow when a person drops out of a segment.</summary>
[Activity("Automation", "Triggers", "Starts when a person drops out of a segment.", Kind = ActivityKind.Trigger)]
public sealed class SegmentLeft : SegmentTrigger;

/// <summary>What a change of a segment is matched by.</summary>
internal sealed record SegmentStimulus(string Segment);

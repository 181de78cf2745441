using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Starts the flow when sales hands a deal back for one of these reasons.</summary>
[Activity("Automation", "Triggers", "Starts when sales hands a deal back.", Kind = ActivityKind.Trigger)]
public sealed class HandedBack : Trigger
{
    /// <summary>Comma-separated: <c>too-early, budget, competitor, no-contact, no-fit, duplicate</c>, or <c>revisit</c> for any with a revisit date.</summary>
    [Input(UIHint = InputUIHints.CheckList)]
    public Input<string> Reasons { get; set; } = default!;

    protected override object? GetTriggerPayload(TriggerIndexingContext context) => new HandBackStimulus(context.Get(Reasons) ?? "");

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) => context.CompleteActivityAsync();
}

/// <summary>What a hand-back is matched by.</summary>
internal sealed record HandBackStimulus(string Reasons);

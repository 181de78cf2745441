using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Starts the flow when a person's score rises to a threshold or beyond; falling below it starts nothing.</summary>
[Activity("Automation", "Triggers", "Starts when a person's score rises to a threshold.", Kind = ActivityKind.Trigger)]
public sealed class ScoreCrossed : Trigger
{
    /// <summary>Points.</summary>
    [Input]
    public Input<double> Threshold { get; set; } = new(60);

    protected override object? GetTriggerPayload(TriggerIndexingContext context) => new ScoreStimulus(context.Get(Threshold));

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context) => context.CompleteActivityAsync();
}

/// <summary>What a change of a score is compared with.</summary>
internal sealed record ScoreStimulus(double Threshold);

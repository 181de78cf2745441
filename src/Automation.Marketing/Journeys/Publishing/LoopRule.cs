using Automation.Marketing.Journeys.Activities;
using Automation.Workflows.Activities;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Publishing;

/// <summary>Each way round a loop counts, can end, and waits at least an hour (brief §4.4).</summary>
internal sealed class LoopRule : IWorkflowRule
{
    private static readonly TimeSpan LeastWait = TimeSpan.FromHours(1);

    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph)
    {
        var drawing = FlowDrawing.Of(graph);
        foreach (var loop in drawing.Loops(drawing.Lines))
        {
            var inside = drawing.Lines.Where(line => loop.Contains(line.From) && loop.Contains(line.To)).ToList();
            var leaves = drawing.Lines.Any(line => loop.Contains(line.From) && !loop.Contains(line.To));
            if (!leaves || RingWithout(drawing, inside, line => Counts(drawing.Steps[line.From])) is not null)
                yield return WorkflowFinding.Error(
                    First(drawing, loop), "loop-unbounded", "The loop at '{0}' has no counter that ends it. Count each round with 'Set Variable' and leave by a decision.", Name(drawing, loop));
            if (RingWithout(drawing, inside, line => WaitsLong(drawing.Steps[line.From], line.Port)) is { } quick)
                yield return WorkflowFinding.Error(
                    First(drawing, quick), "loop-too-fast", "The loop at '{0}' can go round without waiting an hour. Put a wait of at least one hour on every way round.", Name(drawing, quick));
        }
        foreach (var loop in graph.Steps.Where(step => step is While or Do))
        {
            if (!Below(graph, loop).Any(step => WaitsLong(step, port: null)))
                yield return WorkflowFinding.Error(
                    loop, "loop-too-fast", "The loop at '{0}' can go round without waiting an hour. Put a wait of at least one hour on every way round.", loop.Name ?? loop.Id);
            if (!Below(graph, loop).Any(Counts))
                yield return WorkflowFinding.Error(
                    loop, "loop-unbounded", "The loop at '{0}' has no counter that ends it. Count each round with 'Set Variable' and leave by a decision.", loop.Name ?? loop.Id);
        }
    }

    // A ring that is left when the lines out of such steps are cut.
    private static IReadOnlySet<string>? RingWithout(FlowDrawing drawing, IEnumerable<FlowLine> lines, Func<FlowLine, bool> cut) =>
        drawing.Loops(lines.Where(line => !cut(line))) is [var ring, ..] ? ring : null;

    private static Activity First(FlowDrawing drawing, IReadOnlySet<string> loop) => drawing.Steps.First(step => loop.Contains(step.Key)).Value;

    private static string Name(FlowDrawing drawing, IReadOnlySet<string> loop) => First(drawing, loop) is var step && step.Name is { Length: > 0 } name ? name : step.Id;

    private static IEnumerable<Activity> Below(WorkflowGraph graph, Activity loop) => graph.Steps.Where(step => IsBelow(step, loop));

    private static bool IsBelow(Activity step, Activity loop)
    {
        for (var parent = step.Parent; parent is not null; parent = parent.Parent)
            if (parent == loop) return true;
        return false;
    }

    private static bool Counts(Activity step) => step is SetVariable or RunJavaScript;

    /// <param name="port">The way out that is taken; null: any.</param>
    private static bool WaitsLong(Activity step, string? port) => step switch
    {
        Delay delay => !delay.TimeSpan.TryGetLiteral(out var span) || span >= LeastWait,
        WaitForEvent wait => port is "TimedOut" && (wait.Timeout is null || !wait.Timeout.TryGetLiteral(out var text) || Durations.TryParse(text, out var timeout) is false || timeout >= LeastWait),
        WaitUntil wait => wait.Until is null || !wait.Until.TryGetLiteral(out var until) || Moment.TryParse(until) is not { } moment || moment.Least >= LeastWait,
        WaitForAnchor or StartAt => true,
        _ => false,
    };
}

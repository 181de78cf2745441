using Automation.Workflows.Activities;
using Automation.Workflows.Definitions.Checks;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys;

/// <summary>A line of a drawing.</summary>
internal readonly record struct FlowLine(string From, string Port, string To);

/// <summary>The steps and lines of a flow as drawn, for what looks at its shape. Ids are those of the activities.</summary>
internal sealed class FlowDrawing
{
    private readonly ILookup<string, FlowLine> from;

    private FlowDrawing(IReadOnlyDictionary<string, Activity> steps, IReadOnlyList<FlowLine> lines)
    {
        (Steps, Lines) = (steps, lines);
        from = lines.ToLookup(line => line.From, StringComparer.Ordinal);
    }

    public IReadOnlyDictionary<string, Activity> Steps { get; }
    public IReadOnlyList<FlowLine> Lines { get; }

    public static FlowDrawing Of(WorkflowGraph graph)
    {
        var steps = new Dictionary<string, Activity>(StringComparer.Ordinal);
        var lines = new List<FlowLine>();
        foreach (var step in graph.Steps)
        {
            steps.TryAdd(step.Id, step);
            if (step is Flowchart chart) lines.AddRange(chart.Connections.Select(line => new FlowLine(line.Source.Id, line.Port, line.Target.Id)));
        }
        return new FlowDrawing(steps, [.. lines.Distinct()]);
    }

    public IEnumerable<FlowLine> LinesFrom(string step) => from[step];

    public bool IsWired(string step, string port) => from[step].Any(line => line.Port == port);

    /// <summary>The rings that can be gone round: each a set of steps from every one of which every other is reached.</summary>
    public IReadOnlyList<IReadOnlySet<string>> Loops(IEnumerable<FlowLine> lines)
    {
        string[] ids = [.. Steps.Keys];
        var at = ids.Index().ToDictionary(one => one.Item, one => one.Index, StringComparer.Ordinal);
        var next = Array.ConvertAll(ids, _ => new List<int>());
        foreach (var line in lines) next[at[line.From]].Add(at[line.To]);
        return [.. Components.Of(next).OrderBy(loop => loop[0]).Select(loop => loop.Select(place => ids[place]).ToHashSet(StringComparer.Ordinal))];
    }
}

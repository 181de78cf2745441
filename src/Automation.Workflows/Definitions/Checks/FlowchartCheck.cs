using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Definitions.Checks;

/// <summary>What concerns the drawing: ends and ports of connections, the start, and steps that no path leads to.</summary>
internal sealed class FlowchartCheck(ActivityRegistry registry) : IWorkflowRule
{
    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph) =>
        graph.Steps.OfType<Flowchart>().SelectMany(chart => Connections(chart).Concat(chart.Connections.SelectMany(Port)).Concat(Reach(chart)));

    private static IEnumerable<WorkflowFinding> Connections(Flowchart chart)
    {
        var steps = new Dictionary<string, Activity>(StringComparer.Ordinal);
        foreach (var step in chart.Activities) steps.TryAdd(step.Id, step);
        var seen = new HashSet<(string, string, string, string)>();
        foreach (var connection in FlowConnection.ReadAll(chart.Source?["connections"]))
        {
            var (source, target) = (steps.GetValueOrDefault(connection.Source), steps.GetValueOrDefault(connection.Target));
            if (source is null || target is null)
                yield return WorkflowFinding.Error(source ?? target ?? chart, "dangling-connection", "The connection from '{0}' to '{1}' has a loose end: there is no step '{2}'. Remove it, or draw it to a step that exists.",
                    connection.Source, connection.Target, source is null ? connection.Source : connection.Target);
            else if (!seen.Add(connection))
                yield return WorkflowFinding.Warning(source, "duplicate-connection", "'{0}' is connected to '{1}' by '{2}' more than once: it counts once. Remove the others.", connection.Source, connection.Target, connection.Port);
        }
        if (chart.StartId is { Length: > 0 } start && !steps.ContainsKey(start))
            yield return WorkflowFinding.Error(chart, "unknown-start", "The start '{0}' is not among the steps. Choose one that is.", start);
    }

    private IEnumerable<WorkflowFinding> Port(FlowConnection connection)
    {
        var source = connection.Source;
        if (source is NotFoundActivity or RunJavaScript { PossibleOutcomes: null or { IsSet: false } }) yield break;
        var known = source.OwnOutcomes ?? PortsOf(source);
        if (known is not null && !known.Contains(connection.Port))
            yield return WorkflowFinding.Error(source, "unknown-port", "'{0}' has no outcome '{1}', so its connection is never followed. Connect one of: {2}.", source.Id, connection.Port, string.Join(", ", known));
    }

    private List<string>? PortsOf(Activity step)
    {
        if (registry.Describe(step.Type) is not { } descriptor) return null;
        var ports = descriptor.Ports.Where(port => port.Type == PortType.Flow).Select(port => port.Name).ToList();
        // The number of an expected status is a way out too.
        if (step is SendHttpRequest { ExpectedStatusCodes: { } expected })
            ports.AddRange(expected.TryGetLiteral(out var codes) && codes is not null ? codes.Select(code => code.ToString(System.Globalization.CultureInfo.InvariantCulture)) : []);
        return ports.Count > 0 ? ports : ["Done"];
    }

    private static IEnumerable<WorkflowFinding> Reach(Flowchart chart)
    {
        if (chart.DefaultStart() is not (>= 0 and var first)) yield break;
        var next = FlowSteps.Successors(chart);
        // Every trigger can be a beginning, besides the drawn one.
        var open = new Stack<int>([first, .. Enumerable.Range(0, chart.Activities.Count).Where(at => chart.Activities[at] is ITrigger { CanStartWorkflow: true })]);
        var reached = new bool[chart.Activities.Count];
        while (open.TryPop(out var at))
        {
            if (reached[at]) continue;
            reached[at] = true;
            foreach (var (target, _) in next[at]) open.Push(target);
        }
        for (var at = 0; at < reached.Length; at++)
            if (!reached[at]) yield return WorkflowFinding.Warning(chart.Activities[at], "unreachable", "No path leads to this step: it never runs. Connect it, or remove it.");
    }
}

/// <summary>A flowchart's steps by number, with the connections out of each.</summary>
internal static class FlowSteps
{
    public static List<(int Target, FlowConnection By)>[] Successors(Flowchart chart)
    {
        var index = new Dictionary<Activity, int>(chart.Activities.Count, ReferenceEqualityComparer.Instance);
        for (var at = 0; at < chart.Activities.Count; at++) index[chart.Activities[at]] = at;
        var next = new List<(int, FlowConnection)>[chart.Activities.Count];
        for (var at = 0; at < next.Length; at++) next[at] = [];
        foreach (var connection in chart.Connections) next[index[connection.Source]].Add((index[connection.Target], connection));
        return next;
    }
}

using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;
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
        foreach (var step in graph.Steps) steps.TryAdd(step.Id, step);
        return new FlowDrawing(steps, [.. LinesOf(graph.Definition).Where(line => steps.ContainsKey(line.From) && steps.ContainsKey(line.To)).Distinct()]);
    }

    /// <summary>Every line of every flowchart in the definition.</summary>
    public static IReadOnlyList<FlowLine> LinesOf(WorkflowDefinition definition)
    {
        var lines = new List<FlowLine>();
        Collect(definition.Root, lines);
        return lines;
    }

    public IEnumerable<FlowLine> LinesFrom(string step) => from[step];

    public bool IsWired(string step, string port) => from[step].Any(line => line.Port == port);

    /// <summary>The rings that can be gone round: each a set of steps from every one of which every other is reached.</summary>
    public IReadOnlyList<IReadOnlySet<string>> Loops(IEnumerable<FlowLine> lines)
    {
        var next = lines.ToLookup(line => line.From, line => line.To, StringComparer.Ordinal);
        var reached = Steps.Keys.ToDictionary(step => step, step => Reach(step, next), StringComparer.Ordinal);
        var loops = new List<IReadOnlySet<string>>();
        foreach (var step in Steps.Keys.Where(step => reached[step].Contains(step)))
        {
            if (loops.Exists(loop => loop.Contains(step))) continue;
            loops.Add(reached[step].Where(other => reached[other].Contains(step)).ToHashSet(StringComparer.Ordinal));
        }
        return loops;
    }

    private static HashSet<string> Reach(string start, ILookup<string, string> next)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(next[start]);
        while (open.TryPop(out var step))
        {
            if (!reached.Add(step)) continue;
            foreach (var other in next[step]) open.Push(other);
        }
        return reached;
    }

    private static void Collect(JsonNode? node, List<FlowLine> lines)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list) Collect(item, lines);
        }
        if (node is not JsonObject json) return;
        foreach (var (name, value) in json)
        {
            if (name.Equals("metadata", StringComparison.OrdinalIgnoreCase) || name.Equals("customProperties", StringComparison.OrdinalIgnoreCase)) continue;
            if (name.Equals("connections", StringComparison.OrdinalIgnoreCase) && value is JsonArray connections)
                lines.AddRange(connections.OfType<JsonObject>().Select(Line).OfType<FlowLine>());
            else Collect(value, lines);
        }
    }

    // Both the present form (source: {activity, port}) and the older one (source, sourcePort).
    private static FlowLine? Line(JsonObject connection)
    {
        var (from, port) = End(connection, "source");
        var (to, _) = End(connection, "target");
        return from is not null && to is not null ? new FlowLine(from, port ?? "Done", to) : null;
    }

    private static (string? Step, string? Port) End(JsonObject connection, string name) => connection[name] is JsonObject end
        ? (Text(end["activity"]), Text(end["port"]))
        : (Text(connection[name]), Text(connection[name + "Port"]));

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}

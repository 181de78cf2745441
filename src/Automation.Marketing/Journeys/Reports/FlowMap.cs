using Automation.Workflows.Definitions;

namespace Automation.Marketing.Journeys.Reports;

/// <summary>A flow drawn from top to bottom for reading: where each step stands and how the lines run, in pixels.</summary>
public sealed record FlowMap(IReadOnlyList<MapStep> Steps, IReadOnlyList<MapLine> Lines, double Width, double Height)
{
    public const double StepWidth = 196;
    public const double StepHeight = 78;

    /// <summary>The place on the map of a step, also of one that is held by another; null when the drawing has no such step.</summary>
    public MapStep? Find(string id) => places.GetValueOrDefault(id);

    private readonly Dictionary<string, MapStep> places = [];

    public static FlowMap Of(WorkflowDefinition definition)
    {
        var all = DrawnStep.AllOf(definition);
        var steps = all.Where(step => step.Outer == step.Id).DistinctBy(step => step.Id).ToList();
        var at = steps.Index().ToDictionary(pair => pair.Item.Id, pair => pair.Index, StringComparer.Ordinal);
        // Several ways out that lead to the same step are one line with several names.
        var lines = DrawnLine.AllOf(definition).Where(line => line.From != line.To && at.ContainsKey(line.From) && at.ContainsKey(line.To))
            .GroupBy(line => (From: at[line.From], To: at[line.To])).ToList();
        var layout = MapLayout.Of(steps.Count, [.. lines.Select(line => line.Key)], Order(steps));
        var placed = steps.Select((step, index) => new MapStep(step, layout.X[index], layout.Y[index])).ToList();
        var map = new FlowMap(
            placed,
            [.. lines.Select((line, index) => new MapLine(steps[line.Key.From].Id, [.. line.Select(one => one.Port)], steps[line.Key.To].Id, layout.Ways[index]))],
            layout.Width, layout.Height);
        foreach (var step in all)
            if (at.TryGetValue(step.Outer, out var index)) map.places.TryAdd(step.Id, placed[index]);
        return map;
    }

    // The designer draws from left to right mostly: what stands above there stands to the left here.
    private static double[] Order(List<DrawnStep> steps)
    {
        var placed = steps.Where(step => step.Place is not null).Select(step => step.Place!.Value).ToList();
        var sideways = placed.Count < 2 || placed.Max(place => place.X) - placed.Min(place => place.X) >= placed.Max(place => place.Y) - placed.Min(place => place.Y);
        return [.. steps.Select((step, index) => step.Place is { } place ? sideways ? place.Y : place.X : index)];
    }
}

/// <param name="X">Of the middle of the box.</param>
/// <param name="Y">Of its upper edge.</param>
public sealed record MapStep(DrawnStep Step, double X, double Y);

/// <param name="Ports">The ways out that it stands for.</param>
/// <param name="Way">Where the line runs through, from the step to the next.</param>
public sealed record MapLine(string From, IReadOnlyList<string> Ports, string To, MapWay Way);

/// <param name="Back">It leads up again: a loop.</param>
public sealed record MapWay(IReadOnlyList<(double X, double Y)> Points, bool Back);

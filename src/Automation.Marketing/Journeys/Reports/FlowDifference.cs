using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;

namespace Automation.Marketing.Journeys.Reports;

/// <summary>One thing in which two versions of a flow differ.</summary>
public abstract record FlowChange
{
    private FlowChange() { }

    public sealed record Added(DrawnStep Step) : FlowChange;

    public sealed record Removed(DrawnStep Step) : FlowChange;

    public sealed record Renamed(DrawnStep Before, DrawnStep After) : FlowChange;

    /// <summary>Another kind of step under the same id.</summary>
    public sealed record Replaced(DrawnStep Before, DrawnStep After) : FlowChange;

    /// <param name="Input">As the file names it.</param>
    /// <param name="Before">Null: nothing was written there.</param>
    public sealed record InputChanged(DrawnStep Step, string Input, string? Before, string? After) : FlowChange;

    /// <summary>It starts the flow now, or does no longer.</summary>
    public sealed record StartChanged(DrawnStep Step) : FlowChange;

    public sealed record Joined(DrawnStep From, string Port, DrawnStep To) : FlowChange;

    public sealed record Parted(DrawnStep From, string Port, DrawnStep To) : FlowChange;

    /// <param name="Setting">Path below the settings, e.g. <c>reentry.mode</c>; <c>name</c> and <c>description</c> are the flow's own.</param>
    public sealed record SettingChanged(string Setting, string? Before, string? After) : FlowChange;
}

/// <summary>What changed from one version of a flow to another, as a person would tell it; where steps stand on the drawing does not count.</summary>
public static class FlowDifference
{
    public static IReadOnlyList<FlowChange> Of(WorkflowDefinition before, WorkflowDefinition after)
    {
        var (left, right) = (StepsOf(before), StepsOf(after));
        return
        [
            .. Settings(before, after),
            .. right.Values.Where(step => !left.ContainsKey(step.Id)).Select(step => new FlowChange.Added(step)),
            .. left.Values.Where(step => !right.ContainsKey(step.Id)).Select(step => new FlowChange.Removed(step)),
            .. left.Values.Where(step => right.ContainsKey(step.Id)).SelectMany(step => Between(step, right[step.Id])),
            .. Lines(before, after, left, right),
        ];
    }

    private static Dictionary<string, DrawnStep> StepsOf(WorkflowDefinition definition) =>
        DrawnStep.AllOf(definition).DistinctBy(step => step.Id).ToDictionary(step => step.Id, StringComparer.Ordinal);

    private static IEnumerable<FlowChange> Between(DrawnStep before, DrawnStep after)
    {
        if (before.Type != after.Type)
        {
            yield return new FlowChange.Replaced(before, after);
            yield break;
        }
        if (before.Name != after.Name) yield return new FlowChange.Renamed(before, after);
        if (before.StartsFlow != after.StartsFlow) yield return new FlowChange.StartChanged(after);
        foreach (var input in before.Inputs.Keys.Union(after.Inputs.Keys, StringComparer.Ordinal))
        {
            var (old, now) = (before.Inputs.GetValueOrDefault(input), after.Inputs.GetValueOrDefault(input));
            if (old != now) yield return new FlowChange.InputChanged(after, input, old, now);
        }
    }

    // A line of a step that came or went is told with it.
    private static IEnumerable<FlowChange> Lines(
        WorkflowDefinition before, WorkflowDefinition after, Dictionary<string, DrawnStep> left, Dictionary<string, DrawnStep> right)
    {
        var (old, now) = (DrawnLine.AllOf(before), DrawnLine.AllOf(after));
        foreach (var line in now.Except(old).Where(line => right.ContainsKey(line.From) && right.ContainsKey(line.To)))
            yield return new FlowChange.Joined(right[line.From], line.Port, right[line.To]);
        foreach (var line in old.Except(now).Where(line => right.ContainsKey(line.From) && right.ContainsKey(line.To) && left.ContainsKey(line.From) && left.ContainsKey(line.To)))
            yield return new FlowChange.Parted(left[line.From], line.Port, left[line.To]);
    }

    private static IEnumerable<FlowChange> Settings(WorkflowDefinition before, WorkflowDefinition after)
    {
        if (before.Name != after.Name) yield return new FlowChange.SettingChanged("name", before.Name, after.Name);
        if ((before.Description ?? "") != (after.Description ?? "")) yield return new FlowChange.SettingChanged("description", before.Description, after.Description);
        var (old, now) = (Flat(before.CustomProperties[FlowMerge.Settings]), Flat(after.CustomProperties[FlowMerge.Settings]));
        foreach (var setting in old.Keys.Union(now.Keys, StringComparer.Ordinal))
        {
            var (was, isNow) = (old.GetValueOrDefault(setting), now.GetValueOrDefault(setting));
            if (was != isNow) yield return new FlowChange.SettingChanged(setting, was, isNow);
        }
    }

    private static Dictionary<string, string> Flat(JsonNode? settings)
    {
        var flat = new Dictionary<string, string>(StringComparer.Ordinal);
        Add("", settings);
        return flat;

        void Add(string path, JsonNode? node)
        {
            if (node is JsonObject json)
            {
                foreach (var (name, value) in json) Add(path.Length == 0 ? name : $"{path}.{name}", value);
            }
            else if (node is JsonArray list)
            {
                foreach (var (index, item) in list.Index()) Add($"{path}.{index + 1}", item);
            }
            else if (node is not null) flat[path] = node.ToString();
        }
    }
}

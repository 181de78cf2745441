using System.Text.Json.Nodes;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Definitions.Checks;

/// <summary>What concerns the workflow as a whole: its options, its defaults, what starts it, and that its steps can be told apart.</summary>
internal sealed class DefinitionCheck : IWorkflowRule
{
    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph) =>
        Options(graph.Definition).Concat(Defaults(graph.Definition)).Concat(Starts(graph)).Concat(Ids(graph));

    private static IEnumerable<WorkflowFinding> Options(WorkflowDefinition definition)
    {
        if (definition.Options.IncidentStrategy is { } incident and not ("FaultStrategy" or "ContinueWithIncidentsStrategy"))
            yield return WorkflowFinding.Error(null, "unknown-strategy", "There is no incident strategy '{0}'. Choose FaultStrategy or ContinueWithIncidentsStrategy.", incident);
        if (definition.Options.ActivationStrategy is { } activation
            and not ("AllowAlwaysStrategy" or "AlwaysStrategy" or "SingletonStrategy" or "CorrelatedSingletonStrategy" or "CorrelationStrategy"))
            yield return WorkflowFinding.Error(null, "unknown-strategy", "There is no activation strategy '{0}'. Choose AlwaysStrategy, SingletonStrategy, CorrelatedSingletonStrategy or CorrelationStrategy.", activation);
        if (definition.Options.CommitStrategyName is { Length: > 0 } commit && !CommitStrategies.OfWorkflows.Contains(commit))
            yield return WorkflowFinding.Warning(null, "unknown-strategy", "There is no commit strategy '{0}': runs are saved when they wait or end. Choose one of: {1}.", commit, string.Join(", ", CommitStrategies.OfWorkflows));
    }

    private static IEnumerable<WorkflowFinding> Defaults(WorkflowDefinition definition)
    {
        foreach (var input in definition.Inputs)
            if (input.Default is { } value && Conversion.Problem(value, input.Type) is { } problem)
                yield return WorkflowFinding.Error(null, "bad-default", "The default of input '{0}' does not fit its type: {1}. Change the one or the other.", input.Name, problem);
        foreach (var finding in Conversion.CheckVariables(null, definition.Variables, definition.Json["variables"])) yield return finding;
        foreach (var twice in Repeated(definition.Inputs.Select(input => input.Name)))
            yield return WorkflowFinding.Error(null, "duplicate-name", "Two inputs are called '{0}'. Rename one.", twice);
        foreach (var twice in Repeated(definition.Outputs.Select(output => output.Name)))
            yield return WorkflowFinding.Error(null, "duplicate-name", "Two outputs are called '{0}'. Rename one.", twice);
    }

    private static IEnumerable<WorkflowFinding> Starts(WorkflowGraph graph)
    {
        var started = graph.Definition.Options.UsableAsActivity;
        foreach (var step in graph.Steps.Where(step => step.CanStartWorkflow))
        {
            if (step is NotFoundActivity) continue;
            if (step is not ITrigger trigger)
            {
                yield return WorkflowFinding.Warning(step, "no-trigger", "This step is marked as the start, but nothing outside sets it off. Mark a trigger instead.");
                continue;
            }
            started = true;
            if (graph.TryIndex(trigger, step, DateTimeOffset.UnixEpoch, []) is { } error)
                yield return WorkflowFinding.Error(step, "bad-trigger", "This trigger can never be set off: {0} Correct its inputs; they must be literal values.", Sentence(error));
        }
        if (!graph.Steps.Any())
            yield return WorkflowFinding.Warning(null, "no-steps", "The workflow has no steps. Draw at least one.");
        else if (!started)
            yield return WorkflowFinding.Warning(null, "no-trigger", "Nothing starts this workflow by itself. Mark a trigger as its start, unless another workflow or a person starts it.");
    }

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";

    // Two steps with one path of ids cannot be told apart once the workflow waits in one of them. The same id in two places is legal in Elsa,
    // but events of the journal and waits are shown by it.
    private static IEnumerable<WorkflowFinding> Ids(WorkflowGraph graph)
    {
        foreach (var same in graph.Steps.GroupBy(step => step.Id).Where(group => group.Count() > 1))
        {
            var paths = same.GroupBy(step => step.NodeId).ToList();
            if (paths.Find(path => path.Count() > 1) is { } twice)
                yield return WorkflowFinding.Error(same.First(), "duplicate-id", "The id '{0}' is used {1} times side by side: a run that waits could not tell the steps apart. Give each its own id.", same.Key, twice.Count());
            else
                yield return WorkflowFinding.Warning(same.First(), "duplicate-id", "The id '{0}' is used in {1} places: the history of a run shows them as one. Give each its own id.", same.Key, paths.Count);
        }
    }

    internal static IEnumerable<string> Repeated(IEnumerable<string> names) => names.GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key);
}

/// <summary>Whether stored values fit the types they are declared with.</summary>
internal static class Conversion
{
    /// <returns>Why the value is none of the type; null when it is.</returns>
    public static string? Problem(JsonNode value, Type type)
    {
        try
        {
            ValueConverter.Convert(PlainValue.FromJson(value), type);
            return null;
        }
        catch (FormatException broken)
        {
            return broken.Message;
        }
    }

    public static IEnumerable<WorkflowFinding> CheckVariables(Activity? owner, IReadOnlyList<VariableDefinition> variables, JsonNode? source)
    {
        foreach (var variable in variables)
            if (variable.Default is { } value && Problem(value, variable.Type) is { } problem)
                yield return WorkflowFinding.Error(owner, "bad-default", "The default of variable '{0}' does not fit its type: {1}. Change the one or the other.", variable.Name, problem);
        foreach (var json in (source as JsonArray ?? []).OfType<JsonObject>())
            if (json.Text("typeName") is { } type && !TypeAliases.IsKnown(type))
                yield return WorkflowFinding.Warning(owner, "unknown-type", "Variable '{0}' has the unknown type '{1}': its values are kept as they come. Choose a known type.", json.Text("name"), type);
        foreach (var twice in DefinitionCheck.Repeated(variables.Select(variable => variable.Name)))
            yield return WorkflowFinding.Error(owner, "duplicate-name", "Two variables are called '{0}': steps see only the first. Rename one.", twice);
    }
}

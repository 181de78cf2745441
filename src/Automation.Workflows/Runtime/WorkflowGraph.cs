using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Workflows.Activities;
using Automation.Workflows.Definitions;

namespace Automation.Workflows.Runtime;

/// <summary>Names a workflow that is used as an activity.</summary>
/// <param name="VersionId">The exact version drawn; used when it still exists.</param>
public sealed record WorkflowReference(string TypeName, string? DefinitionId, string? VersionId, int? Version);

/// <summary>Finds the workflow behind an activity type that no code defines; null when there is none or it is not usable as an activity.</summary>
/// <remarks>Order: the exact version by its id, or by its number when no id is given; else the published version behind the type name; else the latest.</remarks>
public delegate WorkflowDefinition? WorkflowResolver(WorkflowReference reference);

/// <summary>A definition made ready to run: immutable, shared by all its instances; cache it per definition version.</summary>
public sealed class WorkflowGraph
{
    private readonly Dictionary<string, Activity> byNodeId;
    private IReadOnlyList<WorkflowTrigger>? triggers;

    internal WorkflowGraph(WorkflowDefinition definition, Workflow workflow, List<Activity> nodes)
    {
        (Definition, Workflow, Nodes) = (definition, workflow, nodes);
        ContinuesOnFault = WorkflowOptions.ContinuesOnFault(definition.Options.IncidentStrategy) ?? false;
        byNodeId = new Dictionary<string, Activity>(nodes.Count, StringComparer.Ordinal);
        foreach (var node in nodes) byNodeId.TryAdd(node.NodeId, node);
    }

    public WorkflowDefinition Definition { get; }

    /// <summary>Every activity, in the order of the file, the workflow itself first.</summary>
    public IReadOnlyList<Activity> Nodes { get; }

    /// <summary>The activities that belong to this workflow itself: without those inside workflows used as activities, which are looked at with theirs.</summary>
    public IEnumerable<Activity> Steps => Nodes.Where(node => node != Workflow && !IsInsideAnother(node));

    /// <summary>What can start this workflow. Payloads that depend on the time (a timer's) are those of <see cref="IndexTriggers"/>.</summary>
    public IReadOnlyList<WorkflowTrigger> Triggers => triggers ??= IndexTriggers(DateTimeOffset.UnixEpoch).Triggers;

    /// <summary>The step of this workflow itself that a trigger's id means; null when there is none.</summary>
    internal Activity? TriggerOf(string? id) => id is null ? null : Steps.FirstOrDefault(step => step.Id == id);

    internal Workflow Workflow { get; }
    internal int NodeCount => Nodes.Count;
    internal bool HasNestedWorkflows { get; init; }

    /// <summary>Whether the workflow or a step of it is to be saved at other points than the end of a burst.</summary>
    internal bool HasCommitPoints { get; init; }

    /// <summary>Whether an instance goes on when a step fails that does not say otherwise.</summary>
    internal bool ContinuesOnFault { get; }

    /// <summary>Whether some expression reads outputs of earlier steps; only then they are kept over a suspend.</summary>
    internal bool LooksBack { get; init; }

    /// <summary>The activity with that node id; null when there is none.</summary>
    public Activity? Find(string nodeId) => byNodeId.GetValueOrDefault(nodeId);

    /// <summary>The first activity with that id.</summary>
    public Activity? FindById(string id) => Nodes.FirstOrDefault(node => node.Id == id);

    public static WorkflowGraph Build(WorkflowDefinition definition, ActivityRegistry registry, WorkflowResolver? resolver = null) =>
        new GraphBuilder(registry, resolver).Build(definition);

    /// <summary>What publishing this workflow puts into the index of triggers, and what is wrong with triggers that cannot be indexed.</summary>
    public (IReadOnlyList<WorkflowTrigger> Triggers, IReadOnlyList<string> Errors) IndexTriggers(DateTimeOffset now)
    {
        var found = new List<WorkflowTrigger>();
        var errors = new List<string>();
        foreach (var node in Steps)
        {
            if (node is not ITrigger trigger || !node.CanStartWorkflow) continue;
            if (TryIndex(trigger, node, now, found) is { } error) errors.Add(error);
        }
        return (found, errors);
    }

    /// <returns>What is wrong with the trigger; null when it was indexed.</returns>
    internal string? TryIndex(ITrigger trigger, Activity node, DateTimeOffset now, List<WorkflowTrigger> found)
    {
        var context = new TriggerIndexingContext(Definition, node, now);
        try
        {
            foreach (var payload in trigger.GetTriggerPayloads(context))
            {
                var json = payload is null ? null : payload as JsonNode ?? JsonSerializer.SerializeToNode(payload, payload.GetType(), TriggerPayloads.Options);
                found.Add(new WorkflowTrigger(node.Id, context.TriggerName, json, StimulusHash.Compute(context.TriggerName, payload))
                {
                    DueAt = (payload as ITimedTrigger)?.DueAt,
                });
            }
            return null;
        }
        // Arguments out of range: an interval beyond the end of the calendar.
        catch (Exception broken) when (broken is FormatException or InvalidOperationException or ArgumentException)
        {
            return broken.Message;
        }
    }

    // A trigger inside a workflow used as an activity starts that workflow, not this one.
    private static bool IsInsideAnother(Activity node)
    {
        for (var parent = node.Parent; parent is not null; parent = parent.Parent)
            if (parent is WorkflowActivity) return true;
        return false;
    }
}

internal static class TriggerPayloads
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };
}

/// <summary>One way a workflow can be started.</summary>
public sealed record WorkflowTrigger(string ActivityId, string Name, JsonNode? Payload, string Hash)
{
    /// <summary>When the host starts it by itself next; null for a trigger that something from outside sets off.</summary>
    public DateTimeOffset? DueAt { get; init; }
}

/// <summary>A trigger payload that the clock sets off.</summary>
public interface ITimedTrigger
{
    DateTimeOffset? DueAt { get; }
}

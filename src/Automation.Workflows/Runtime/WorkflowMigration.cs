using Automation.Workflows.Activities;

namespace Automation.Workflows.Runtime;

/// <summary>
/// Moves waiting instances from one version of a workflow to another by an explicit map of steps. What a run has done stays
/// done: its values, its counts and the paths it has taken go along; only where it waits is put to the new drawing.
/// </summary>
public sealed class WorkflowMigration
{
    /// <summary>Property of a moved instance: what a step was called before, so that it is known to be the same.</summary>
    public const string FormerNodes = "formerNodes";

    private readonly WorkflowGraph from;
    private readonly WorkflowGraph to;
    private readonly IReadOnlyDictionary<string, string> steps;
    private readonly Activity?[] target;

    /// <param name="steps">New ids by old ones. Every step in which runs wait that shall move is named; others are taken to be the same where id and type are.</param>
    public WorkflowMigration(WorkflowGraph from, WorkflowGraph to, IReadOnlyDictionary<string, string> steps)
    {
        (this.from, this.to, this.steps) = (from, to, steps);
        target = new Activity?[from.NodeCount];
        foreach (var node in from.Nodes) target[node.NodeIndex] = TargetOf(node);
    }

    /// <summary>Why runs that wait in this step stay; null: they can move.</summary>
    /// <param name="nodeId">Of the step in the old version.</param>
    public WorkflowStay? WhyStay(string nodeId)
    {
        if (from.Find(nodeId) is not { } node) return WorkflowStay.UnknownStep;
        if (!steps.TryGetValue(node.Id, out var id)) return WorkflowStay.NotMapped;
        if (to.FindById(id) is not { } other) return WorkflowStay.NoSuchStep;
        if (other.Type != node.Type) return WorkflowStay.OtherType;
        for (var outer = node.Parent; outer is not null; outer = outer.Parent)
            if (target[outer.NodeIndex] is null) return WorkflowStay.OtherPlace;
        return target[node.Parent!.NodeIndex] == other.Parent ? null : WorkflowStay.OtherPlace;
    }

    /// <returns>The state on the new version; null when the run must stay on its own.</returns>
    public WorkflowState? Move(WorkflowState state)
    {
        if (state.Status == WorkflowStatus.Finished || state.Bookmarks.Count == 0) return null;
        if (state.Bookmarks.Exists(mark => WhyStay(mark.ActivityNodeId) is not null)) return null;
        var waiting = state.Bookmarks.Select(mark => mark.ActivityNodeId).ToHashSet(StringComparer.Ordinal);
        var activities = new List<ActivityState>(state.Activities.Count);
        foreach (var activity in state.Activities)
        {
            if (from.Find(activity.NodeId) is not { } node || target[node.NodeIndex] is not { } moved) return null;
            if (node.Parent is { } parent && target[parent.NodeIndex] != moved.Parent) return null;
            activities.Add(activity with
            {
                NodeId = moved.NodeId,
                Flow = activity.Flow is { } flow && node is Flowchart before && moved is Flowchart after ? Redrawn(before, after, flow, state, waiting) : null,
            });
        }
        var visits = VisitsIn(state);
        return new WorkflowState
        {
            InstanceId = state.InstanceId,
            DefinitionId = to.Definition.DefinitionId,
            DefinitionVersionId = to.Definition.Id,
            Version = to.Definition.Version,
            CorrelationId = state.CorrelationId,
            ParentInstanceId = state.ParentInstanceId,
            Name = state.Name,
            Status = state.Status,
            SubStatus = state.SubStatus,
            CreatedAt = state.CreatedAt,
            UpdatedAt = state.UpdatedAt,
            Bookmarks = [.. state.Bookmarks.Select(Moved)],
            Incidents = [.. state.Incidents],
            Input = new(state.Input),
            Output = new(state.Output),
            Properties = WithFormerNodes(state),
            Activities = activities,
            Outputs = OutputsOf(state),
            LastResult = state.LastResult,
            TriggerActivityId = state.TriggerActivityId is { } trigger ? steps.GetValueOrDefault(trigger, trigger) : null,
            LastSequence = state.LastSequence,
            LastNumber = state.LastNumber,
            Visits = to.HasNestedWorkflows ? [] : visits,
            VisitsByNode = !to.HasNestedWorkflows ? null
                : to.Nodes.Where(node => visits[node.NodeIndex] > 0).ToDictionary(node => node.NodeId, node => visits[node.NodeIndex]),
            Memory = state.Memory,
        };
    }

    private Activity? TargetOf(Activity node)
    {
        if (steps.TryGetValue(node.Id, out var id)) return to.FindById(id) is { } named && named.Type == node.Type ? named : null;
        return to.Find(node.NodeId) is { } same && same.Type == node.Type ? same : null;
    }

    private Bookmark Moved(Bookmark mark)
    {
        var moved = target[from.Find(mark.ActivityNodeId)!.NodeIndex]!;
        return mark with { ActivityId = moved.Id, ActivityNodeId = moved.NodeId };
    }

    // The flowchart as if it had been walked from its beginning to where the run waits: what does not lie ahead counts as done, so that no join waits
    // for a path that will never be gone.
    private FlowScopeState Redrawn(Flowchart before, Flowchart after, FlowScopeState flow, WorkflowState state, HashSet<string> waiting)
    {
        var start = flow.Start < before.Activities.Count && target[before.Activities[flow.Start].NodeIndex] is { } trigger && after.Activities.IndexOf(trigger) is var at and >= 0
            ? at : Math.Max(0, after.DefaultStart());
        var graph = new FlowGraph(after.Activities, after.Connections, start);
        var here = new HashSet<int>();
        var again = new HashSet<int>();
        foreach (var active in state.Activities)
        {
            if (from.Find(active.NodeId) is not { } node || node.Parent != before || target[node.NodeIndex] is not { } moved) continue;
            if (after.Activities.IndexOf(moved) is not (var place and >= 0)) continue;
            here.Add(place);
            if (active.Tag is true) again.Add(place);
        }
        var ahead = Ahead(graph, here);
        var visits = new int[graph.NodeCount];
        for (var node = 0; node < visits.Length; node++) visits[node] = ahead.Contains(node) || (here.Contains(node) && !again.Contains(node)) ? 0 : 1;
        var connections = new int[graph.ConnectionCount];
        var followed = new bool[graph.ConnectionCount];
        var taken = Taken(before, flow);
        foreach (var connection in after.Connections)
        {
            var source = after.Activities.IndexOf(connection.Source);
            if (here.Contains(source) || ahead.Contains(source) || graph.IsBackward(connection)) continue;
            connections[connection.Index] = 1;
            followed[connection.Index] = taken.Contains((connection.Source, connection.Port, connection.Target));
        }
        return new FlowScopeState(start, visits, connections, followed);
    }

    // Old connections that were followed, in terms of the new drawing.
    private HashSet<(Activity, string, Activity)> Taken(Flowchart before, FlowScopeState flow) =>
    [
        .. before.Connections
            .Where(connection => connection.Index < flow.Followed.Length && flow.Followed[connection.Index])
            .Where(connection => target[connection.Source.NodeIndex] is not null && target[connection.Target.NodeIndex] is not null)
            .Select(connection => (target[connection.Source.NodeIndex]!, connection.Port, target[connection.Target.NodeIndex]!)),
    ];

    private static HashSet<int> Ahead(FlowGraph graph, HashSet<int> here)
    {
        var ahead = new HashSet<int>();
        var open = new Stack<int>(here);
        while (open.TryPop(out var node))
        {
            foreach (var connection in graph.Outbound(node))
                if (!graph.IsBackward(connection) && graph.TargetOf(connection) is var next && !here.Contains(next) && ahead.Add(next)) open.Push(next);
        }
        return ahead;
    }

    // How often each step was visited goes along: the identity of what it sent rests on it. Only what lay behind the run and now lies ahead of it begins
    // anew, so that it meets the identity of what was sent already.
    private int[] VisitsIn(WorkflowState state)
    {
        var before = new int[from.NodeCount];
        for (var node = 0; node < before.Length && node < state.Visits.Count; node++) before[node] = state.Visits[node];
        foreach (var (nodeId, count) in state.VisitsByNode ?? new Dictionary<string, int>())
            if (from.Find(nodeId) is { } node) before[node.NodeIndex] = count;
        var old = state.Bookmarks.Select(mark => from.Find(mark.ActivityNodeId)!).ToList();
        var (reachedBefore, reachedNow) = (Reach(old), Reach(old.Select(node => target[node.NodeIndex]!)));
        var visits = new int[to.NodeCount];
        foreach (var node in from.Nodes)
        {
            if (before[node.NodeIndex] == 0 || target[node.NodeIndex] is not { } moved) continue;
            visits[moved.NodeIndex] = reachedNow.Contains(moved) && !reachedBefore.Contains(node) ? 0 : before[node.NodeIndex];
        }
        return visits;
    }

    private static HashSet<Activity> Reach(IEnumerable<Activity> steps)
    {
        var reached = new HashSet<Activity>(ReferenceEqualityComparer.Instance);
        var open = new Stack<Activity>(steps);
        while (open.TryPop(out var step))
        {
            if (step.Parent is not Flowchart flowchart) continue;
            foreach (var connection in flowchart.Connections)
                if (connection.Source == step && reached.Add(connection.Target)) open.Push(connection.Target);
        }
        return reached;
    }

    private Dictionary<string, object?> WithFormerNodes(WorkflowState state)
    {
        var properties = new Dictionary<string, object?>(state.Properties);
        var known = properties.GetValueOrDefault(FormerNodes) as IDictionary<string, object?>;
        var former = new Dictionary<string, object?>();
        foreach (var node in from.Nodes)
        {
            if (target[node.NodeIndex] is not { } moved) continue;
            var first = known is not null && known.TryGetValue(node.NodeId, out var older) ? older?.ToString() ?? node.NodeId : node.NodeId;
            if (first != moved.NodeId) former[moved.NodeId] = first;
        }
        if (former.Count > 0) properties[FormerNodes] = former;
        else properties.Remove(FormerNodes);
        return properties;
    }

    private Dictionary<string, Dictionary<string, object?>> OutputsOf(WorkflowState state)
    {
        var outputs = new Dictionary<string, Dictionary<string, object?>>();
        foreach (var (nodeId, values) in state.Outputs)
            if (from.Find(nodeId) is { } node && target[node.NodeIndex] is { } moved) outputs[moved.NodeId] = values;
        return outputs;
    }
}

/// <summary>Why runs that wait in a step stay on their version.</summary>
public enum WorkflowStay
{
    /// <summary>The map does not name the step.</summary>
    NotMapped,
    /// <summary>Their own version does not have the step.</summary>
    UnknownStep,
    /// <summary>The new version has no step of the id that the map gives.</summary>
    NoSuchStep,
    /// <summary>The new step is of another type: it would not know how to go on.</summary>
    OtherType,
    /// <summary>The new step lies in another container.</summary>
    OtherPlace,
}

using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>What follows when a step of a flowchart is done: counts visits and decides about joins.</summary>
internal readonly struct FlowStep(Flowchart flowchart, ActivityExecutionContext flow)
{
    private readonly FlowScope scope = flow.Flow!;

    /// <exception cref="InvalidOperationException">An outcome leads back to a step that not every path to here has passed.</exception>
    public async ValueTask FollowAsync(int node, IReadOnlyList<string> outcomes, bool viaBackward)
    {
        if (node < 0) return;
        if (!viaBackward) scope.Visit(node);
        foreach (var connection in scope.Graph.Outbound(node))
        {
            var followed = Contains(outcomes, connection.Port);
            scope.Visit(connection, followed);
            if (!scope.Graph.IsBackward(connection)) await ArriveAsync(connection);
            else if (followed) GoBack(connection);
        }
    }

    private static bool Contains(IReadOnlyList<string> outcomes, string port)
    {
        for (var i = 0; i < outcomes.Count; i++)
            if (outcomes[i] == port) return true;
        return false;
    }

    private void GoBack(FlowConnection connection)
    {
        if (!scope.Graph.IsValidBackward(connection)) throw new InvalidOperationException($"Invalid backward connection: {connection}");
        flowchart.Schedule(flow, connection.Target, viaBackward: true);
    }

    private ValueTask ArriveAsync(FlowConnection connection)
    {
        var target = scope.Graph.TargetOf(connection);
        return connection.Target is FlowJoin join ? join.ModeIn(flow) switch
        {
            FlowJoinMode.WaitAny => ArriveFirstAsync(connection, target),
            FlowJoinMode.WaitAll => ArriveLastAsync(target, needsAll: true),
            _ => ArriveLastAsync(target, needsAll: false),
        } : ArriveLastAsync(target, needsAll: false);
    }

    private ValueTask ArriveLastAsync(int target, bool needsAll)
    {
        if (!AllVisited(target)) return default;
        var runs = needsAll;
        foreach (var inbound in scope.Graph.ForwardInbound(target))
            runs = needsAll ? runs && scope.WasFollowed(inbound) : runs || scope.WasFollowed(inbound);
        if (!runs) return SkipAsync(target);
        flowchart.Schedule(flow, flowchart.Activities[target], viaBackward: false);
        return default;
    }

    private ValueTask ArriveFirstAsync(FlowConnection connection, int target)
    {
        var join = flowchart.Activities[target];
        // Of this round the join has had its turn.
        if (scope.Visits(connection) <= scope.Visits(target) || flow.WorkflowExecutionContext.IsQueued(flow, join)) return default;
        if (scope.WasFollowed(connection))
        {
            flowchart.Schedule(flow, join, viaBackward: false);
            return CancelOthersAsync(target);
        }
        return AllVisited(target) ? SkipAsync(target) : default;
    }

    private bool AllVisited(int target)
    {
        var visits = scope.Visits(target);
        foreach (var inbound in scope.Graph.ForwardInbound(target))
            if (scope.Visits(inbound) <= visits) return false;
        return true;
    }

    // Only what has begun is cancelled; a step that is merely queued still runs.
    private async ValueTask CancelOthersAsync(int join)
    {
        if (flow.Children.Count == 0) return;
        var ancestors = scope.Graph.AncestorsOf(join);
        foreach (var child in flow.Children.ToArray())
            if (flowchart.Activities.IndexOf(child.Activity) is var at and >= 0 && ancestors[at] && child.Status == ActivityStatus.Running)
                await child.CancelAsync();
    }

    /// <summary>A step that will not run counts as done with no outcomes: so a dead path releases the joins behind it, however far.</summary>
    private ValueTask SkipAsync(int node) => FollowAsync(node, [], viaBackward: false);
}

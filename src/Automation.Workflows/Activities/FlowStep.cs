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
        // A step that will not run counts as done with no outcomes: so a dead path releases the joins behind it, however far. Depth first on a
        // stack of our own: a dead path may be as long as the flowchart.
        Stack<(int Node, int Next)>? skipped = null;
        var (at, next) = (node, 0);
        while (true)
        {
            var outbound = scope.Graph.Outbound(at);
            if (next < outbound.Length)
            {
                var connection = outbound[next++];
                if (await VisitAsync(connection, at == node && skipped is null or { Count: 0 } ? outcomes : [])) continue;
                (skipped ??= new()).Push((at, next));
                (at, next) = (scope.Graph.TargetOf(connection), 0);
                scope.Visit(at);
            }
            else if (skipped is { Count: > 0 }) (at, next) = skipped.Pop();
            else return;
        }
    }

    /// <returns>False when the target is to be skipped.</returns>
    private async ValueTask<bool> VisitAsync(FlowConnection connection, IReadOnlyList<string> outcomes)
    {
        var followed = Contains(outcomes, connection.Port);
        scope.Visit(connection, followed);
        if (!scope.Graph.IsBackward(connection)) return await ArriveAsync(connection);
        if (followed) GoBack(connection);
        return true;
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

    private ValueTask<bool> ArriveAsync(FlowConnection connection)
    {
        var target = scope.Graph.TargetOf(connection);
        return connection.Target is FlowJoin join ? join.ModeIn(flow) switch
        {
            FlowJoinMode.WaitAny => ArriveFirstAsync(connection, target),
            FlowJoinMode.WaitAll => new(ArriveLast(target, needsAll: true)),
            _ => new(ArriveLast(target, needsAll: false)),
        } : new(ArriveLast(target, needsAll: false));
    }

    private bool ArriveLast(int target, bool needsAll)
    {
        if (!AllVisited(target)) return true;
        var runs = needsAll;
        foreach (var inbound in scope.Graph.ForwardInbound(target))
            runs = needsAll ? runs && scope.WasFollowed(inbound) : runs || scope.WasFollowed(inbound);
        if (runs) flowchart.Schedule(flow, flowchart.Activities[target], viaBackward: false);
        return runs;
    }

    private async ValueTask<bool> ArriveFirstAsync(FlowConnection connection, int target)
    {
        var join = flowchart.Activities[target];
        // Of this round the join has had its turn.
        if (scope.Visits(connection) <= scope.Visits(target) || flow.WorkflowExecutionContext.IsQueued(flow, join)) return true;
        if (scope.WasFollowed(connection))
        {
            flowchart.Schedule(flow, join, viaBackward: false);
            await CancelOthersAsync(target);
            return true;
        }
        return !AllVisited(target);
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
}

using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>A flowchart as seen from one start: which connections lead forward and which close a loop.</summary>
internal sealed class FlowGraph
{
    private static readonly FlowConnection[] None = [];
    private readonly FlowConnection[][] outbound;
    private readonly FlowConnection[][] forwardInbound;
    private readonly bool[] isBackward;
    private readonly bool[] isValidBackward;
    private readonly int[] sourceOf;
    private readonly int[] targetOf;

    public FlowGraph(IReadOnlyList<Activity> activities, IReadOnlyList<FlowConnection> connections, int start)
    {
        (Start, NodeCount, ConnectionCount) = (start, activities.Count, connections.Count);
        isBackward = new bool[ConnectionCount];
        isValidBackward = new bool[ConnectionCount];
        var index = new Dictionary<Activity, int>(NodeCount, ReferenceEqualityComparer.Instance);
        for (var i = 0; i < NodeCount; i++) index[activities[i]] = i;
        sourceOf = [.. connections.Select(connection => index[connection.Source])];
        targetOf = [.. connections.Select(connection => index[connection.Target])];
        var bySource = new List<FlowConnection>?[NodeCount];
        foreach (var connection in connections) (bySource[sourceOf[connection.Index]] ??= []).Add(connection);
        outbound = new FlowConnection[NodeCount][];
        forwardInbound = new FlowConnection[NodeCount][];
        Classify(bySource);
        for (var node = 0; node < NodeCount; node++) MarkValid(node);
    }

    public int Start { get; }
    public int NodeCount { get; }
    public int ConnectionCount { get; }

    /// <summary>Connections out of a node, in their listed order; none for a node that cannot be reached.</summary>
    public FlowConnection[] Outbound(int node) => outbound[node] ?? None;
    public FlowConnection[] ForwardInbound(int node) => forwardInbound[node] ?? None;
    public bool IsReachable(int node) => outbound[node] is not null;
    public bool IsBackward(FlowConnection connection) => isBackward[connection.Index];
    public bool IsValidBackward(FlowConnection connection) => isValidBackward[connection.Index];
    public int TargetOf(FlowConnection connection) => targetOf[connection.Index];

    // Breadth first; a connection that would close a cycle over those already accepted leads backward.
    private void Classify(List<FlowConnection>?[] bySource)
    {
        var inbound = new List<FlowConnection>?[NodeCount];
        var waiting = new Queue<int>();
        Reach(Start);
        while (waiting.TryDequeue(out var node))
        {
            foreach (var connection in outbound[node])
            {
                var target = TargetOf(connection);
                if (outbound[target] is not null && Leads(target, node)) isBackward[connection.Index] = true;
                else (inbound[target] ??= []).Add(connection);
                Reach(target);
                forwardInbound[target] = [.. inbound[target] ?? []];
            }
        }

        void Reach(int node)
        {
            if (outbound[node] is not null) return;
            outbound[node] = [.. bySource[node] ?? []];
            waiting.Enqueue(node);
        }

        // Whether accepted connections lead from one node to another: looks back from the goal.
        bool Leads(int from, int goal)
        {
            if (from == goal) return true;
            var seen = new bool[NodeCount];
            var open = new Stack<int>();
            open.Push(goal);
            while (open.TryPop(out var node))
            {
                foreach (var connection in inbound[node] ?? [])
                {
                    var source = sourceOf[connection.Index];
                    if (source == from) return true;
                    if (seen[source]) continue;
                    seen[source] = true;
                    open.Push(source);
                }
            }
            return false;
        }
    }

    // A way back is valid when every way from the start to its source passes through its target.
    private void MarkValid(int node)
    {
        foreach (var connection in outbound[node] ?? [])
            if (isBackward[connection.Index]) isValidBackward[connection.Index] = !ReachesWithout(node, TargetOf(connection));
    }

    private bool ReachesWithout(int goal, int avoided)
    {
        if (Start == avoided) return false;
        if (goal == avoided) return false;
        var seen = new bool[NodeCount];
        var open = new Stack<int>();
        open.Push(Start);
        seen[Start] = true;
        while (open.TryPop(out var node))
        {
            if (node == goal) return true;
            foreach (var connection in outbound[node] ?? [])
            {
                var target = TargetOf(connection);
                if (isBackward[connection.Index] || target == avoided || seen[target]) continue;
                seen[target] = true;
                open.Push(target);
            }
        }
        return false;
    }

    /// <summary>The nodes from which forward connections lead to <paramref name="node"/>.</summary>
    public bool[] AncestorsOf(int node)
    {
        var found = new bool[NodeCount];
        var open = new Stack<int>();
        open.Push(node);
        while (open.TryPop(out var next))
        {
            foreach (var connection in ForwardInbound(next))
            {
                var source = sourceOf[connection.Index];
                if (found[source]) continue;
                found[source] = true;
                open.Push(source);
            }
        }
        return found;
    }
}

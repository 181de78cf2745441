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
        var accepted = new AcceptedWays(NodeCount);
        var waiting = new Queue<int>();
        Reach(Start);
        while (waiting.TryDequeue(out var node))
        {
            foreach (var connection in outbound[node])
            {
                var target = TargetOf(connection);
                Reach(target);
                if (accepted.TryAdd(node, target)) (inbound[target] ??= []).Add(connection);
                else isBackward[connection.Index] = true;
            }
        }
        for (var node = 0; node < NodeCount; node++) forwardInbound[node] = [.. inbound[node] ?? []];

        void Reach(int node)
        {
            if (outbound[node] is not null) return;
            outbound[node] = [.. bySource[node] ?? []];
            accepted.Append(node);
            waiting.Enqueue(node);
        }
    }

    /// <summary>Connections that together close no cycle. Their nodes are kept in an order in which each leads to later ones only, so that most
    /// connections need no search, and the others only one between their two ends.</summary>
    private sealed class AcceptedWays(int nodes)
    {
        private readonly List<int>?[] next = new List<int>?[nodes];
        private readonly List<int>?[] before = new List<int>?[nodes];
        private readonly int[] place = new int[nodes];
        private readonly int[] seenIn = new int[nodes];
        private readonly Stack<int> open = new();
        private int appended;
        private int search;

        public void Append(int node) => place[node] = appended++;

        /// <returns>False when accepted ways lead from the target back to the source.</returns>
        public bool TryAdd(int source, int target)
        {
            if (source == target) return false;
            if (place[target] < place[source])
            {
                var after = Reached(target, next, node => place[node] <= place[source]);
                if (seenIn[source] == search) return false;
                Reorder(Reached(source, before, node => place[node] >= place[target]), after);
            }
            (next[source] ??= []).Add(target);
            (before[target] ??= []).Add(source);
            return true;
        }

        private List<int> Reached(int from, List<int>?[] ways, Predicate<int> isBetween)
        {
            search++;
            var found = new List<int>();
            seenIn[from] = search;
            open.Push(from);
            while (open.TryPop(out var node))
            {
                found.Add(node);
                foreach (var other in ways[node] ?? [])
                {
                    if (seenIn[other] == search || !isBetween(other)) continue;
                    seenIn[other] = search;
                    open.Push(other);
                }
            }
            return found;
        }

        // What leads to the source moves in front of what the target leads to, all within the places they hold together.
        private void Reorder(List<int> first, List<int> then)
        {
            var places = first.Concat(then).Select(node => place[node]).Order().ToList();
            var at = 0;
            foreach (var node in first.OrderBy(node => place[node]).Concat(then.OrderBy(node => place[node])).ToList()) place[node] = places[at++];
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

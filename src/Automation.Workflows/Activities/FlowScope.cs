using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>What a running flowchart remembers: how often each step and connection was visited, and whether the last visit was followed.</summary>
internal sealed class FlowScope
{
    private readonly int[] activityVisits;
    private readonly int[] connectionVisits;
    private readonly bool[] lastFollowed;

    public FlowScope(FlowGraph graph)
    {
        Graph = graph;
        activityVisits = new int[graph.NodeCount];
        connectionVisits = new int[graph.ConnectionCount];
        lastFollowed = new bool[graph.ConnectionCount];
    }

    public FlowScope(FlowGraph graph, FlowScopeState saved) : this(graph)
    {
        Copy(saved.Activities, activityVisits);
        Copy(saved.Connections, connectionVisits);
        Copy(saved.Followed, lastFollowed);
    }

    public FlowGraph Graph { get; }

    public int Visits(int node) => activityVisits[node];
    public int Visits(FlowConnection connection) => connectionVisits[connection.Index];
    public bool WasFollowed(FlowConnection connection) => lastFollowed[connection.Index];
    public void Visit(int node) => activityVisits[node]++;

    public void Visit(FlowConnection connection, bool followed)
    {
        connectionVisits[connection.Index]++;
        lastFollowed[connection.Index] = followed;
    }

    public FlowScopeState Save() => new(Graph.Start, [.. activityVisits], [.. connectionVisits], [.. lastFollowed]);

    private static void Copy<T>(T[] from, T[] to) => Array.Copy(from, to, Math.Min(from.Length, to.Length));
}

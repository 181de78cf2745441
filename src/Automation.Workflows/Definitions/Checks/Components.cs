namespace Automation.Workflows.Definitions.Checks;

/// <summary>Finds what can come back to itself.</summary>
public static class Components
{
    /// <param name="next">By each place, the places that follow it.</param>
    /// <returns>The strongly connected components that hold a cycle, each in ascending order.</returns>
    /// <remarks>Tarjan's algorithm with a stack of its own: a drawn chain may be longer than the thread's stack is deep.</remarks>
    public static List<List<int>> Of(IReadOnlyList<IReadOnlyList<int>> next)
    {
        var found = new List<List<int>>();
        var (number, low) = (new int[next.Count], new int[next.Count]);
        var onStack = new bool[next.Count];
        var stack = new Stack<int>();
        var calls = new Stack<(int Node, int Way)>();
        var last = 0;
        for (var root = 0; root < next.Count; root++)
        {
            if (number[root] == 0) Visit(root);
        }
        return found;

        void Visit(int root)
        {
            Enter(root);
            while (calls.TryPop(out var call))
            {
                var (node, way) = call;
                if (way < next[node].Count)
                {
                    calls.Push((node, way + 1));
                    var target = next[node][way];
                    if (number[target] == 0) Enter(target);
                    else if (onStack[target]) low[node] = Math.Min(low[node], number[target]);
                    continue;
                }
                if (low[node] == number[node]) Take(node);
                if (calls.TryPeek(out var caller)) low[caller.Node] = Math.Min(low[caller.Node], low[node]);
            }
        }

        void Enter(int node)
        {
            number[node] = low[node] = ++last;
            stack.Push(node);
            onStack[node] = true;
            calls.Push((node, 0));
        }

        void Take(int head)
        {
            var component = new List<int>();
            int node;
            do
            {
                node = stack.Pop();
                onStack[node] = false;
                component.Add(node);
            }
            while (node != head);
            component.Sort();
            if (component.Count > 1 || next[head].Contains(head)) found.Add(component);
        }
    }
}

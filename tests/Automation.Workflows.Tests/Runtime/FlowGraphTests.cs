using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Tests.Runtime;

public sealed class FlowGraphTests
{
    [Fact]
    public void Ways_lead_backward_exactly_where_they_would_close_a_cycle_over_those_before_them()
    {
        var random = new Random(11);
        for (var round = 0; round < 2000; round++)
        {
            var count = random.Next(2, 12);
            var ways = Enumerable.Range(0, random.Next(1, 30)).Select(_ => (From: random.Next(count), To: random.Next(count))).Distinct().ToList();
            var chart = Chart(count, ways);
            var graph = new FlowGraph(chart.Activities, chart.Connections, 0);
            var expected = Backward(count, ways);
            foreach (var connection in chart.Connections)
                Assert.Equal(expected.Contains(ways[connection.Index]), graph.IsBackward(connection));
            for (var node = 0; node < count; node++)
                Assert.Equal(ways.Where(way => way.To == node && !expected.Contains(way) && graph.IsReachable(way.From)).Order(), graph.ForwardInbound(node).Select(one => ways[one.Index]).Order());
        }
    }

    // The rule word for word: breadth first in the listed order, a search over what was accepted for every way.
    private static HashSet<(int From, int To)> Backward(int count, List<(int From, int To)> ways)
    {
        var (accepted, backward) = (new HashSet<(int From, int To)>(), new HashSet<(int From, int To)>());
        var reached = new bool[count];
        var waiting = new Queue<int>([0]);
        reached[0] = true;
        while (waiting.TryDequeue(out var node))
        {
            foreach (var way in ways.Where(way => way.From == node))
            {
                if (Leads(way.To, way.From)) backward.Add(way);
                else accepted.Add(way);
                if (reached[way.To]) continue;
                reached[way.To] = true;
                waiting.Enqueue(way.To);
            }
        }
        return backward;

        bool Leads(int from, int goal) => from == goal || accepted.Any(way => way.From == from && Leads(way.To, goal));
    }

    private static Flowchart Chart(int count, List<(int From, int To)> ways)
    {
        var steps = string.Join(',', Enumerable.Range(0, count).Select(n => Flow.Write("s" + n)));
        var definition = Flow.Definition(Flow.Chart(steps, string.Join(';', ways.Select(way => $"s{way.From}->s{way.To}"))));
        return (Flowchart)WorkflowGraph.Build(definition, ActivityRegistry.WithGeneralActivities()).FindById("flow")!;
    }
}

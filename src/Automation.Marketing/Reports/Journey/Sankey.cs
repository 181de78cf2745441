namespace Automation.Marketing.Reports.Journey;

/// <param name="Column">From 0, one for each stage that occurs.</param>
public sealed record SankeyNode(JourneyNode Node, int People, int Column, double X, double Y, double Height);

/// <param name="FromY">Where its middle leaves the node on the left.</param>
public sealed record SankeyLink(JourneyNode From, JourneyNode To, int People, double FromX, double FromY, double ToX, double ToY, double Width);

/// <summary>Where the streams of people are drawn: stages from left to right, as thick as there are people.</summary>
public sealed record Sankey(IReadOnlyList<SankeyNode> Nodes, IReadOnlyList<SankeyLink> Links)
{
    public const double Width = 1000;
    public const double Height = 420;
    public const double NodeWidth = 14;
    public const double Top = 34;

    // Beside the last column there is room for its words.
    private const double RoomForWords = 130;
    private const double Gap = 16;
    private const double Thinnest = 1.5;

    /// <param name="least">Streams of fewer people are left out.</param>
    public static Sankey Of(JourneyMap map, int least)
    {
        var links = map.Links.Where(link => link.People >= least).ToList();
        var people = links.SelectMany(link => new[] { link.From, link.To }).Distinct()
            .ToDictionary(node => node, node => Math.Max(links.Where(link => link.From == node).Sum(link => link.People), links.Where(link => link.To == node).Sum(link => link.People)));
        var columns = people.Keys.Select(node => node.Stage).Distinct().Order().ToList();
        if (columns.Count == 0) return new Sankey([], []);
        var scale = columns.Min(stage =>
        {
            var own = people.Where(node => node.Key.Stage == stage).ToList();
            return (Height - Top - (Gap * own.Count)) / own.Sum(node => node.Value);
        });
        var nodes = new Dictionary<JourneyNode, SankeyNode>();
        for (var column = 0; column < columns.Count; column++)
        {
            var y = Top;
            foreach (var (node, count) in people.Where(node => node.Key.Stage == columns[column]).OrderByDescending(node => node.Value).ThenBy(node => node.Key.Channel, StringComparer.Ordinal))
            {
                nodes[node] = new SankeyNode(node, count, column, column * (Width - RoomForWords) / Math.Max(1, columns.Count - 1), y, Math.Max(Thinnest, count * scale));
                y += nodes[node].Height + Gap;
            }
        }
        return new Sankey([.. nodes.Values], LinksOf(links, nodes, scale));
    }

    private static List<SankeyLink> LinksOf(List<(JourneyNode From, JourneyNode To, int People)> links, Dictionary<JourneyNode, SankeyNode> nodes, double scale)
    {
        var (left, right) = (nodes.Keys.ToDictionary(node => node, _ => 0.0), nodes.Keys.ToDictionary(node => node, _ => 0.0));
        var drawn = new List<SankeyLink>();
        foreach (var (from, to, count) in links.OrderBy(link => nodes[link.From].Y).ThenBy(link => nodes[link.To].Column).ThenBy(link => nodes[link.To].Y))
        {
            var width = Math.Max(Thinnest, count * scale);
            drawn.Add(new SankeyLink(from, to, count, nodes[from].X + NodeWidth, nodes[from].Y + right[from] + (width / 2), nodes[to].X, nodes[to].Y + left[to] + (width / 2), width));
            right[from] += width;
            left[to] += width;
        }
        return drawn;
    }
}

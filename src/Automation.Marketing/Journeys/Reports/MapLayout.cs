namespace Automation.Marketing.Journeys.Reports;

/// <summary>
/// Puts steps into rows, each below those that lead to it, and lines between them with few crossings (Sugiyama, Tagawa and Toda 1981).
/// Lines that skip rows are held apart from the boxes they pass; a line that leads back up runs outside on the right.
/// </summary>
internal sealed class MapLayout
{
    private const double Margin = 14;
    private const double Gap = 18;
    private const double LaneGap = 18;
    private const double RowHeight = FlowMap.StepHeight + 60;
    private const int Sweeps = 8;

    private readonly int steps;
    private readonly IReadOnlyList<(int From, int To)> lines;
    private readonly bool[] isBack;
    private readonly List<int> row = [];
    private readonly List<double> order = [];
    private readonly List<double> x = [];
    private readonly List<List<int>> above = [];
    private readonly List<List<int>> below = [];
    private readonly List<List<int>> chains = [];
    private List<List<int>> rows = [];

    private MapLayout(int steps, IReadOnlyList<(int From, int To)> lines, double[] wished)
    {
        (this.steps, this.lines) = (steps, lines);
        isBack = FindLinesBack();
        foreach (var place in Rows()) AddPlace(place, wished[row.Count]);
        foreach (var (line, index) in lines.Select((line, index) => (line, index))) chains.Add(isBack[index] ? [] : Chain(line));
        Arrange();
        Place();
    }

    public IReadOnlyList<double> X => x;
    public IReadOnlyList<double> Y => [.. row.Select(TopOf)];
    public IReadOnlyList<MapWay> Ways { get; private set; } = [];
    public double Width { get; private set; }
    public double Height { get; private set; }

    /// <param name="lines">Between two different steps each, by their places in the list; each pair once.</param>
    /// <param name="wished">Of two steps in one row, the one with the smaller number would like to stand to the left.</param>
    public static MapLayout Of(int steps, IReadOnlyList<(int From, int To)> lines, double[] wished)
    {
        var layout = new MapLayout(steps, lines, wished);
        layout.Draw();
        return layout;
    }

    // A line to a step that is still being walked from closes a ring.
    private bool[] FindLinesBack()
    {
        var back = new bool[lines.Count];
        var from = lines.Index().ToLookup(line => line.Item.From, line => line.Index);
        var state = new int[steps];   // 0 not met, 1 being walked from, 2 done
        for (var start = 0; start < steps; start++)
        {
            if (state[start] != 0) continue;
            var walk = new Stack<(int Step, IEnumerator<int> Lines)>();
            Meet(start);
            while (walk.TryPeek(out var at))
            {
                if (!at.Lines.MoveNext())
                {
                    state[at.Step] = 2;
                    walk.Pop();
                    continue;
                }
                var to = lines[at.Lines.Current].To;
                if (state[to] == 1) back[at.Lines.Current] = true;
                else if (state[to] == 0) Meet(to);
            }

            void Meet(int step)
            {
                state[step] = 1;
                walk.Push((step, from[step].GetEnumerator()));
            }
        }
        return back;
    }

    // The longest way to a step says how far down it stands.
    private int[] Rows()
    {
        var forward = lines.Where((_, index) => !isBack[index]).ToList();
        var next = forward.ToLookup(line => line.From, line => line.To);
        var missing = new int[steps];
        foreach (var line in forward) missing[line.To]++;
        var rowOf = new int[steps];
        var ready = new Queue<int>(Enumerable.Range(0, steps).Where(step => missing[step] == 0));
        while (ready.TryDequeue(out var step))
        {
            foreach (var to in next[step])
            {
                rowOf[to] = Math.Max(rowOf[to], rowOf[step] + 1);
                if (--missing[to] == 0) ready.Enqueue(to);
            }
        }
        return rowOf;
    }

    private int AddPlace(int inRow, double wish)
    {
        row.Add(inRow);
        order.Add(wish);
        x.Add(0);
        above.Add([]);
        below.Add([]);
        return row.Count - 1;
    }

    // One place in each row that the line passes.
    private List<int> Chain((int From, int To) line)
    {
        List<int> chain = [line.From];
        for (var between = row[line.From] + 1; between < row[line.To]; between++)
            chain.Add(AddPlace(between, (order[line.From] + order[line.To]) / 2));
        chain.Add(line.To);
        foreach (var (upper, lower) in chain.Zip(chain.Skip(1)))
        {
            below[upper].Add(lower);
            above[lower].Add(upper);
        }
        return chain;
    }

    // Each place goes to the middle of those it is joined to, row by row, down and up again.
    private void Arrange()
    {
        rows = [.. Enumerable.Range(0, row.Count).GroupBy(place => row[place]).OrderBy(group => group.Key)
            .Select(group => group.OrderBy(place => order[place]).ThenBy(place => place).ToList())];
        var rank = new double[row.Count];
        foreach (var places in rows) Number(places);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var down = sweep % 2 == 0;
            foreach (var at in Enumerable.Range(1, Math.Max(0, rows.Count - 1)).Select(step => down ? step : rows.Count - 1 - step))
            {
                var beside = down ? above : below;
                rows[at] = [.. rows[at].OrderBy(place => beside[place].Count == 0 ? rank[place] : beside[place].Average(other => rank[other])).ThenBy(place => rank[place])];
                Number(rows[at]);
            }
        }

        void Number(List<int> places)
        {
            foreach (var (index, place) in places.Index()) rank[place] = index - (places.Count - 1) / 2.0;
        }
    }

    private void Place()
    {
        foreach (var places in rows) Spread(places, _ => 0);
        for (var sweep = 0; sweep < Sweeps; sweep++)
            foreach (var places in rows)
                Spread(places, place => above[place].Concat(below[place]) is var joined && joined.Any() ? joined.Average(other => x[other]) : x[place]);
        var left = Enumerable.Range(0, row.Count).Select(place => x[place] - HalfOf(place)).DefaultIfEmpty().Min();
        for (var place = 0; place < x.Count; place++) x[place] += Margin - left;
    }

    // As near as can be to where each would like to be: the middle between pushing all to the right and all to the left.
    private void Spread(List<int> places, Func<int, double> wish)
    {
        var wished = places.ConvertAll(place => wish(place));
        var (right, left) = (wished.ToArray(), wished.ToArray());
        for (var at = 1; at < places.Count; at++) right[at] = Math.Max(right[at], right[at - 1] + Between(places[at - 1], places[at]));
        for (var at = places.Count - 2; at >= 0; at--) left[at] = Math.Min(left[at], left[at + 1] - Between(places[at], places[at + 1]));
        for (var at = 0; at < places.Count; at++) x[places[at]] = (right[at] + left[at]) / 2;
    }

    private void Draw()
    {
        var width = Enumerable.Range(0, row.Count).Select(place => x[place] + HalfOf(place)).DefaultIfEmpty().Max();
        var lane = width;
        Ways = [.. lines.Select((line, index) => new MapWay(isBack[index] ? Around(line, lane += LaneGap) : Down(chains[index]), isBack[index]))];
        (Width, Height) = (lane + Margin, TopOf(row.DefaultIfEmpty().Max()) + FlowMap.StepHeight + Margin);
    }

    private List<(double X, double Y)> Down(List<int> chain)
    {
        List<(double X, double Y)> points = [(x[chain[0]], TopOf(row[chain[0]]) + FlowMap.StepHeight)];
        foreach (var place in chain[1..^1])
            points.AddRange([(x[place], TopOf(row[place])), (x[place], TopOf(row[place]) + FlowMap.StepHeight)]);
        points.Add((x[chain[^1]], TopOf(row[chain[^1]])));
        return points;
    }

    private List<(double X, double Y)> Around((int From, int To) line, double lane)
    {
        var (start, end) = (TopOf(row[line.From]) + FlowMap.StepHeight * .65, TopOf(row[line.To]) + FlowMap.StepHeight * .35);
        return [(x[line.From] + FlowMap.StepWidth / 2, start), (lane, start), (lane, end), (x[line.To] + FlowMap.StepWidth / 2, end)];
    }

    private double Between(int one, int other) => HalfOf(one) + HalfOf(other) + Gap;

    private double HalfOf(int place) => place < steps ? FlowMap.StepWidth / 2 : 4;

    private static double TopOf(int row) => Margin + row * RowHeight;
}

using Automation.Marketing.Storage;

namespace Automation.Marketing.Reports.Journey;

/// <summary>What a figure of the map is known by; an address can hold it.</summary>
public static class JourneyFigures
{
    public static string Cell(JourneyStage stage, string channel) => $"cell:{stage}:{channel}";

    public static string Stage(JourneyStage stage) => $"stage:{stage}";

    public static string WentOn(JourneyStage stage) => $"on:{stage}";

    public static string Path(IEnumerable<JourneyNode> nodes) => "path:" + string.Join('>', nodes);

    public static string Link(JourneyNode from, JourneyNode to) => $"link:{from}>{to}";

    public static string Of(CreditModel model, string channel) => $"credit:{model}:{channel}";
}

/// <summary>A stage as it was first reached, and by what.</summary>
public readonly record struct JourneyNode(JourneyStage Stage, string Channel)
{
    public override string ToString() => $"{Stage}.{Channel}";

    internal static JourneyNode Parse(string text) => new(Enum.Parse<JourneyStage>(text[..text.IndexOf('.', StringComparison.Ordinal)]), text[(text.IndexOf('.', StringComparison.Ordinal) + 1)..]);
}

/// <summary>How people came to buy, and by which channels: counted from each person's way, so that every figure has its rows.</summary>
/// <remarks>
/// A person is in a stage's figures when they came to it in the period. They went on when they came to a later stage afterwards, at any time; the
/// stay lasts from the one to the other. A path is the stages in the order in which they were reached, going forward only, each with the channel by
/// which it was reached first. Revenue is that of the period's purchases and won deals, shared among the touches since the person's revenue before it,
/// at most a year back; where there was none it is <see cref="Direct"/>. A won deal whose order arrived too is one sale (<see cref="OneSale"/>).
/// </remarks>
public sealed class JourneyMap
{
    /// <summary>Revenue that no touch came before.</summary>
    public const string Direct = "direct";

    /// <summary>How far back touches count for revenue.</summary>
    public static readonly TimeSpan LooksBack = TimeSpan.FromDays(365);

    private readonly Dictionary<string, (int People, long Units)> figures = new(StringComparer.Ordinal);
    private readonly Dictionary<JourneyStage, List<TimeSpan>> stays = Enum.GetValues<JourneyStage>().ToDictionary(stage => stage, _ => new List<TimeSpan>());

    /// <summary>Revenue of the period, in ten-thousandths.</summary>
    public long Revenue { get; private set; }

    /// <summary>The channels that occur, those of the default first and in their order.</summary>
    public IReadOnlyList<string> Channels => [.. figures.Keys.Where(key => key.StartsWith("cell:", StringComparison.Ordinal)).Select(key => key[(key.IndexOf(':', 5) + 1)..]).Distinct()
        .OrderBy(channel => IndexOf(channel)).ThenBy(channel => channel, StringComparer.Ordinal)];

    /// <summary>The channels that have credit.</summary>
    public IReadOnlyList<string> Credited => [.. figures.Keys.Where(key => key.StartsWith("credit:", StringComparison.Ordinal)).Select(key => key[(key.IndexOf(':', 7) + 1)..]).Distinct()
        .OrderBy(channel => channel == Direct).ThenBy(channel => IndexOf(channel)).ThenBy(channel => channel, StringComparer.Ordinal)];

    /// <summary>People on each path, the most walked first.</summary>
    public IReadOnlyList<(IReadOnlyList<JourneyNode> Nodes, int People)> Paths => [.. figures.Where(figure => figure.Key.StartsWith("path:", StringComparison.Ordinal))
        .OrderByDescending(figure => figure.Value.People).ThenBy(figure => figure.Key, StringComparer.Ordinal)
        .Select(figure => ((IReadOnlyList<JourneyNode>)[.. figure.Key[5..].Split('>').Select(JourneyNode.Parse)], figure.Value.People))];

    /// <summary>People who went from one node of a path to the next.</summary>
    public IReadOnlyList<(JourneyNode From, JourneyNode To, int People)> Links => [.. figures.Where(figure => figure.Key.StartsWith("link:", StringComparison.Ordinal))
        .Select(figure => (figure.Key[5..].Split('>'), figure.Value.People)).Select(link => (JourneyNode.Parse(link.Item1[0]), JourneyNode.Parse(link.Item1[1]), link.People))];

    public static async Task<JourneyMap> OfAsync(AutomationDb db, Period period, TimeZoneInfo zone, DateTimeOffset now, CancellationToken cancellation)
    {
        var map = new JourneyMap();
        await JourneyReader.ReadAsync(db, await db.JourneyRulesAsync(cancellation), zone, period.From - LooksBack, now, person => map.Add(person, period), cancellation);
        return map;
    }

    /// <summary>The people behind a figure, who came last first.</summary>
    public static async Task<List<BehindRow>> BehindAsync(
        AutomationDb db, Period period, TimeZoneInfo zone, DateTimeOffset now, string figure, int skip, int take, CancellationToken cancellation)
    {
        var people = new List<(Guid Id, DateTimeOffset At, long Units)>();
        await JourneyReader.ReadAsync(
            db, await db.JourneyRulesAsync(cancellation), zone, period.From - LooksBack, now,
            person => people.AddRange(FiguresOf(person, period).Where(one => one.Key == figure).Select(one => (person.ContactId, one.At, one.Units))), cancellation);
        var page = people.OrderByDescending(one => one.At).ThenBy(one => one.Id).Skip(skip).Take(take).ToList();
        var known = (await db.QueryAsync(
            $"SELECT id, external_id, name, email, company FROM contacts WHERE {db.Dialect.Among("id", "@p0")}",
            row => (Id: row.Guid(0), ExternalId: row.TextOrNull(1), Name: row.TextOrNull(2), Email: row.TextOrNull(3), Company: row.TextOrNull(4)), cancellation, page.Select(one => one.Id).ToArray()))
            .ToDictionary(one => one.Id);
        return [.. page.Where(one => known.ContainsKey(one.Id)).Select(one => new BehindRow(
            one.Id, known[one.Id].ExternalId, known[one.Id].Name, known[one.Id].Email, known[one.Id].Company, one.At,
            one.Units == 0 ? "" : (one.Units / 10_000m).ToString("0.####", System.Globalization.CultureInfo.InvariantCulture)))];
    }

    public int People(string figure) => figures.GetValueOrDefault(figure).People;

    /// <summary>Revenue credited, in ten-thousandths.</summary>
    public long Units(string figure) => figures.GetValueOrDefault(figure).Units;

    /// <returns>The median; null: nobody went on.</returns>
    public TimeSpan? Stay(JourneyStage stage)
    {
        if (stays[stage] is not { Count: > 0 } all) return null;
        all.Sort();
        return (all[(all.Count - 1) / 2] + all[all.Count / 2]) / 2;
    }

    internal void Add(PersonJourney person, Period period)
    {
        foreach (var (key, _, units) in FiguresOf(person, period))
        {
            var (people, sum) = figures.GetValueOrDefault(key);
            figures[key] = (people + 1, sum + units);
        }
        foreach (var (stage, came, wentOn) in Stays(person, period)) stays[stage].Add(wentOn - came);
        Revenue += person.Revenue.Where(one => IsIn(one.At, period)).Sum(one => one.Units);
    }

    /// <summary>Every figure that a person is counted in, once each.</summary>
    internal static IEnumerable<(string Key, DateTimeOffset At, long Units)> FiguresOf(PersonJourney person, Period period)
    {
        var touches = person.Touches.Where(touch => IsIn(touch.At, period)).ToList();
        foreach (var stage in touches.GroupBy(touch => touch.Stage)) yield return (JourneyFigures.Stage(stage.Key), stage.First().At, 0);
        foreach (var cell in touches.GroupBy(touch => (touch.Stage, touch.Channel))) yield return (JourneyFigures.Cell(cell.Key.Stage, cell.Key.Channel), cell.First().At, 0);
        foreach (var (stage, came, _) in Stays(person, period)) yield return (JourneyFigures.WentOn(stage), came, 0);
        var path = new List<JourneyTouch>();
        foreach (var touch in touches)
            if (path.Count == 0 || touch.Stage > path[^1].Stage) path.Add(touch);
        if (path.Count > 0) yield return (JourneyFigures.Path(path.Select(NodeOf)), path[0].At, 0);
        for (var at = 1; at < path.Count; at++) yield return (JourneyFigures.Link(NodeOf(path[at - 1]), NodeOf(path[at])), path[at].At, 0);
        foreach (var credit in CreditsOf(person, period).GroupBy(credit => credit.Key)) yield return (credit.Key, credit.Max(one => one.At), credit.Sum(one => one.Units));
    }

    private static IEnumerable<(JourneyStage Stage, DateTimeOffset Came, DateTimeOffset WentOn)> Stays(PersonJourney person, Period period)
    {
        foreach (var stage in person.Touches.Where(touch => IsIn(touch.At, period)).GroupBy(touch => touch.Stage))
        {
            var came = stage.First().At;
            if (person.Touches.Where(touch => touch.Stage > stage.Key && touch.At >= came).Select(touch => (DateTimeOffset?)touch.At).FirstOrDefault() is { } wentOn)
                yield return (stage.Key, came, wentOn);
        }
    }

    private static IEnumerable<(string Key, DateTimeOffset At, long Units)> CreditsOf(PersonJourney person, Period period)
    {
        var before = DateTimeOffset.MinValue;
        foreach (var won in person.Revenue)
        {
            var since = won.At - LooksBack > before ? won.At - LooksBack : before;
            before = won.At;
            if (!IsIn(won.At, period)) continue;
            // The purchase itself brought nobody.
            var touches = person.Touches.Where(touch => touch.At > since && touch.At <= won.At && !(touch.At == won.At && touch.Stage >= JourneyStage.Won)).ToList();
            foreach (var model in Enum.GetValues<CreditModel>())
            {
                if (touches.Count == 0) yield return (JourneyFigures.Of(model, Direct), won.At, won.Units);
                var shares = touches.Count == 0 ? [] : Credit.Of(model, won.Units, touches.Count);
                for (var at = 0; at < shares.Length; at++)
                    if (shares[at] > 0) yield return (JourneyFigures.Of(model, touches[at].Channel), won.At, shares[at]);
            }
        }
    }

    private static bool IsIn(DateTimeOffset at, Period period) => at >= period.From && at < period.Until;

    private static JourneyNode NodeOf(JourneyTouch touch) => new(touch.Stage, touch.Channel);

    private static int IndexOf(string channel) =>
        Enumerable.Range(0, JourneyRules.Channels.Count).FirstOrDefault(at => JourneyRules.Channels[at] == channel, JourneyRules.Channels.Count);
}

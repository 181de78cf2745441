using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Repurchase;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Reports.Relatedness;

/// <summary>Finds what is bought together, in everybody's purchases (brief §5).</summary>
/// <remarks>What somebody owns already is nothing to offer them, durable or not: the audience made of a pair leaves its owners out.</remarks>
public static class RelatedPairs
{
    /// <summary>How long after the one the other counts as bought with it.</summary>
    public const int Days = 90;

    public const int LeastSupport = 20;
    public const double LeastConfidence = 0.1;
    public const double LeastLift = 1.2;

    /// <summary>Only so many products are looked at, those with the most buyers: every pair of them takes room.</summary>
    public const int MostItems = 1_000;

    /// <param name="first">First day whose purchases count.</param>
    /// <param name="last">Last day.</param>
    /// <returns>By lift, then confidence, the highest first, then by name.</returns>
    public static async Task<IReadOnlyList<RelatedPair>> OfAsync(AutomationDb db, RelatedKind kind, DateOnly first, DateOnly last, CancellationToken cancellation)
    {
        var (buyers, people) = await BuyersAsync(db, kind, first, last, cancellation);
        var items = buyers.Where(item => item.Value >= LeastSupport).OrderByDescending(item => item.Value).ThenBy(item => item.Key, StringComparer.Ordinal)
            .Take(MostItems).Select(item => item.Key).ToList();
        if (items.Count < 2) return [];
        var counts = new PairCounts(items, Days);
        await foreach (var page in PurchaseLines.PagesAsync(db, first, last, cancellation))
        {
            foreach (var person in page) counts.Add(BoughtBy(person, kind, last));
        }
        return Chosen(counts.All().Select(pair => new RelatedPair(pair.Bought, pair.Then, pair.People, buyers[pair.Bought], buyers[pair.Then], people)));
    }

    /// <summary>The buyers behind a pair, whose second purchase was last first; the detail is the day of the first.</summary>
    /// <param name="zone">The shop's: days begin there.</param>
    public static async Task<List<BehindRow>> BehindAsync(
        AutomationDb db, RelatedKind kind, string bought, string then, DateOnly first, DateOnly last, TimeZoneInfo zone, int skip, int take, CancellationToken cancellation)
    {
        var column = kind is RelatedKind.Product ? "product" : "category";
        var both = await db.QueryAsync(
            $"SELECT contact_id FROM purchases WHERE {column} = @p0 AND date <= @p2 INTERSECT SELECT contact_id FROM purchases WHERE {column} = @p1 AND date <= @p2",
            row => row.Guid(0), cancellation, bought, then, last);
        var lines = await PurchaseLines.OfAsync(db, both, first, last, cancellation);
        var found = both.Select(person => (Person: person, Days: FirstPair(BoughtBy(lines[person], kind, last), bought, then))).Where(one => one.Days is not null)
            .OrderByDescending(one => one.Days!.Value.Then).ThenBy(one => one.Person).Skip(skip).Take(take).ToList();
        return await BehindRow.NamedAsync(
            db,
            [.. found.Select(one => (one.Person, LocalTime.InstantOf(one.Days!.Value.Then, TimeOnly.MinValue, zone), one.Days.Value.Bought.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)))],
            cancellation);
    }

    /// <summary>Those that say something, in the order of the report.</summary>
    public static IReadOnlyList<RelatedPair> Chosen(IEnumerable<RelatedPair> pairs) =>
    [
        .. pairs.Where(pair => pair.Support >= LeastSupport && pair.Confidence >= LeastConfidence && pair.Lift >= LeastLift)
            .OrderByDescending(pair => pair.Lift).ThenByDescending(pair => pair.Confidence).ThenBy(pair => pair.Bought, StringComparer.Ordinal).ThenBy(pair => pair.Then, StringComparer.Ordinal),
    ];

    private static async Task<(Dictionary<string, int> Buyers, int People)> BuyersAsync(AutomationDb db, RelatedKind kind, DateOnly first, DateOnly last, CancellationToken cancellation)
    {
        var (buyers, people) = (new Dictionary<string, int>(StringComparer.Ordinal), 0);
        await foreach (var page in PurchaseLines.PagesAsync(db, first, last, cancellation))
        {
            foreach (var person in page)
            {
                if (PurchaseDays.Of(person, last).Count > 0) people++;
                foreach (var item in BoughtBy(person, kind, last).Select(one => one.Item).Distinct()) buyers[item] = buyers.GetValueOrDefault(item) + 1;
            }
        }
        return (buyers, people);
    }

    private static List<(string Item, DateOnly Day)> BoughtBy(IEnumerable<Purchase> lines, RelatedKind kind, DateOnly last) =>
    [
        .. PurchaseDays.ByKind(lines, last, kind is RelatedKind.Product ? line => line.Product : line => line.Category)
            .SelectMany(item => item.Days, (item, day) => (item.Kind, day.Day)),
    ];

    // The first time that the other followed in time.
    private static (DateOnly Bought, DateOnly Then)? FirstPair(List<(string Item, DateOnly Day)> purchases, string bought, string then)
    {
        var firsts = purchases.Where(one => one.Item == bought).Select(one => one.Day).ToList();
        foreach (var day in purchases.Where(one => one.Item == then).Select(one => one.Day))
        {
            var before = firsts.Where(first => first <= day && day.DayNumber - first.DayNumber <= Days).ToList();
            if (before.Count > 0) return (before[^1], day);
        }
        return null;
    }
}

using System.Globalization;
using Automation.Marketing.Contacts;
using Automation.Marketing.Reports.Relatedness;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Reports.Relatedness;

public sealed class RelatedPairsTests
{
    private static readonly DateOnly First = new(2026, 1, 1), Last = new(2026, 12, 31);
    private static readonly TimeZoneInfo Tokyo = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Fact]
    public void Confidence_is_the_share_of_buyers_and_lift_how_much_more_that_is_than_among_all()
    {
        var pair = new RelatedPair("かに", "かに鍋だし", Support: 30, Buyers: 120, ThenBuyers: 50, People: 400);
        Assert.Equal((0.25, 2), (pair.Confidence, pair.Lift));
    }

    [Theory]
    [InlineData(true, 20, 200, 50, 600)]
    [InlineData(false, 19, 100, 50, 600)]
    [InlineData(false, 20, 201, 50, 600)]
    [InlineData(true, 20, 100, 100, 600)]
    [InlineData(false, 20, 100, 101, 600)]
    public void What_says_too_little_is_left_out(bool said, int support, int buyers, int thenBuyers, int people) =>
        Assert.Equal(said, RelatedPairs.Chosen([new RelatedPair("A", "B", support, buyers, thenBuyers, people)]).Count == 1);

    [Fact]
    public void The_highest_lift_is_first_then_confidence_then_the_name()
    {
        RelatedPair[] pairs =
        [
            new("C", "D", 40, 100, 100, 800), new("B", "D", 40, 100, 100, 800), new("B", "C", 40, 100, 100, 800),
            new("X", "Y", 80, 200, 100, 800), new("P", "Q", 30, 50, 150, 800), new("A", "B", 25, 100, 100, 800), new("A", "D", 60, 100, 100, 800),
        ];
        Assert.Equal(["A-D", "P-Q", "B-C", "B-D", "C-D", "X-Y", "A-B"], RelatedPairs.Chosen(pairs).Select(pair => $"{pair.Bought}-{pair.Then}"));
    }

    [Fact]
    public void A_pair_counts_once_a_person_on_one_day_both_ways_and_until_ninety_days_after()
    {
        var counts = new PairCounts(["A", "B", "C"], 90);
        counts.Add([("A", First), ("B", First), ("A", First.AddDays(10)), ("B", First.AddDays(20))]);
        counts.Add([("C", First.AddDays(90)), ("A", First)]);
        counts.Add([("C", First.AddDays(91)), ("A", First)]);
        counts.Add([("A", First), ("A", First.AddDays(5)), ("unknown", First)]);
        Assert.Equal([("A", "B", 1), ("A", "C", 1), ("B", "A", 1)], counts.All().Order());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_pairs_are_what_a_plain_slow_look_at_everybody_gives_and_their_rows_are_as_many(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await MakeAsync(given, people: 700, seed: 12);
        await using var db = given.Open();
        var lines = await db.Purchases.AsNoTracking().ToListAsync();
        var found = 0;
        foreach (var (kind, first, last) in new[] { (RelatedKind.Product, First, Last), (RelatedKind.Category, First, Last), (RelatedKind.Product, First.AddDays(60), First.AddDays(200)) })
        {
            var pairs = await RelatedPairs.OfAsync(db, kind, first, last, default);
            Assert.Equal(Slow(lines, kind, first, last), pairs);
            found += pairs.Count;
            foreach (var pair in pairs.Take(4))
            {
                var rows = await RelatedPairs.BehindAsync(db, kind, pair.Bought, pair.Then, first, last, Tokyo, 0, 10_000, default);
                Assert.Equal(pair.Support, rows.Select(row => row.ContactId).Distinct().Count());
                Assert.Equal(rows.Count, pair.Support);
                Assert.Equal(rows.Skip(3).Take(5), await RelatedPairs.BehindAsync(db, kind, pair.Bought, pair.Then, first, last, Tokyo, 3, 5, default));
            }
        }
        Assert.True(found > 5, $"Only {found} pairs.");
        Assert.Empty(await RelatedPairs.OfAsync(db, RelatedKind.Product, Last.AddDays(1), Last.AddDays(30), default));
    }

    // Every person, every two products, every two days.
    private static List<RelatedPair> Slow(List<Purchase> lines, RelatedKind kind, DateOnly first, DateOnly last)
    {
        var within = lines.Where(line => line.Date >= first && line.Date <= last).ToList();
        var people = within.GroupBy(line => line.ContactId).Select(person => (
            Any: DaysOf(person).Count > 0,
            Items: person.GroupBy(line => kind is RelatedKind.Product ? line.Product : line.Category).Where(item => item.Key is not null).ToDictionary(item => item.Key!, item => DaysOf(item)))).ToList();
        var items = people.SelectMany(person => person.Items.Keys).Distinct().ToList();
        int Buyers(string item) => people.Count(person => person.Items.TryGetValue(item, out var days) && days.Count > 0);
        var all = people.Count(person => person.Any);
        var pairs =
            from bought in items
            from then in items
            where bought != then
            let support = people.Count(person => person.Items.TryGetValue(bought, out var ones) && person.Items.TryGetValue(then, out var others)
                && ones.Any(one => others.Any(other => other >= one && other.DayNumber - one.DayNumber <= 90)))
            where support >= 20 && support >= 0.1 * Buyers(bought) && (double)support / Buyers(bought) / ((double)Buyers(then) / all) >= 1.2 - 1e-12
            select new RelatedPair(bought, then, support, Buyers(bought), Buyers(then), all);
        return [.. pairs.OrderByDescending(pair => pair.Lift).ThenByDescending(pair => pair.Confidence).ThenBy(pair => pair.Bought, StringComparer.Ordinal).ThenBy(pair => pair.Then, StringComparer.Ordinal)];
    }

    private static List<DateOnly> DaysOf(IEnumerable<Purchase> lines) =>
        [.. lines.GroupBy(line => line.OrderId).Select(order => (Day: order.Min(line => line.Date), Net: order.Sum(line => line.Net))).GroupBy(order => order.Day).Where(day => day.Sum(order => order.Net) > 0).Select(day => day.Key)];

    // Stews follow crab, and cups come with tea.
    private static async Task MakeAsync(Scenario given, int people, int seed)
    {
        var dice = new Random(seed);
        await using var db = given.Open();
        var number = 0;
        for (var person = 0; person < people; person++)
        {
            var contact = Contact.Create(Guid.CreateVersion7(given.Clock.Now), given.Clock.Now);
            contact.SetEmail(EmailAddress.Parse($"person-{person.ToString(CultureInfo.InvariantCulture)}@example.com"));
            db.Contacts.Add(contact);
            for (var order = 0; order < dice.Next(5); order++)
            {
                var day = First.AddDays(dice.Next(360));
                switch (dice.Next(4))
                {
                    case 0:
                        Add(contact, day, "越前がに", "かに");
                        if (dice.Next(2) == 0) Add(contact, day.AddDays(dice.Next(140)), "だし", "鍋");
                        break;
                    case 1:
                        Add(contact, day, "茶", "茶");
                        if (dice.Next(2) == 0) Add(contact, day, "湯のみ", "器");
                        break;
                    default:
                        Add(contact, day, $"品{dice.Next(4)}", dice.Next(3) == 0 ? null : "他");
                        break;
                }
            }
        }
        await db.SaveChangesAsync();

        void Add(Contact who, DateOnly on, string product, string? category)
        {
            var order = $"order-{number++}";
            db.Purchases.Add(Line(who, on, order, 1, 1_000, product, category));
            if (dice.Next(12) == 0) db.Purchases.Add(Line(who, on.AddDays(dice.Next(20)), order, 2, -1_000, product, category));
        }
    }

    private static Purchase Line(Contact who, DateOnly on, string order, int line, decimal net, string product, string? category) => new()
    {
        Id = Guid.NewGuid(),
        Source = "shop",
        OrderId = order,
        Line = line,
        ContactId = who.Id,
        Date = on,
        Product = product,
        Category = category,
        Quantity = 1,
        Net = net,
    };
}

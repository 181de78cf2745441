using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Weekly;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns;

public sealed class AudiencesTests
{
    private static readonly DateOnly Today = new(2026, 11, 16);
    private static readonly string[] Tags = ["旅館", "b2b", "vip"];
    private static readonly string[] Prefectures = ["福井県", "東京都", "大阪府"];
    private static readonly (string Product, string Category)[] Products = [("越前がに", "かに"), ("せいこがに", "かに"), ("干物", "干物")];

    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task An_audience_is_whom_a_plain_look_at_everybody_finds(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var dice = new Random(20261116);
        var people = await MakePeopleAsync(given, dice, 120);
        var found = 0;
        await using var db = given.Open();
        for (var round = 0; round < 150; round++)
        {
            var audience = RandomAudience(dice);
            var expected = people.Count(person => Matches(person, audience));
            Assert.True(expected == await Audiences.CountAsync(db, audience, Today, default), audience.ToJson());
            Assert.Equal(expected, await Audiences.CountAsync(db, Audiences.Parse(audience.ToJson(), "audience"), Today, default));
            found += expected;
        }
        Assert.True(found > 500, "The audiences were all but empty.");
    }

    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task A_silent_customer_may_be_mailed_and_has_heard_nothing_for_two_cycles_or_90_days(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: new DateTimeOffset(2026, 7, 1, 10, 0, 0, TimeSpan.FromHours(9)));
        var bought = new DateOnly(2026, 5, 1);
        var told = await Customer("told");
        var slow = await Customer("slow");
        foreach (var one in new[] { told, slow }) await given.SentAsync(given.Mail(one));
        await Customer("never");
        await given.Contact("lead@example.com").Tagged("lead").WhoConsented();
        await given.Contact("unasked@example.com").Tagged("unasked").WhoBought(bought);
        await Customer("left").WhoUnsubscribed();
        await Customer("owned").WhomSalesOwns("D-1");
        await Customer("angry").With(one => one.ComplaintOpenedAt = given.Clock.Now);
        await using var db = given.Open();
        await db.ExecuteAsync("INSERT INTO purchase_cycles (contact_id, category, days) VALUES (@p0, '', 60)", default, slow.Id);
        Assert.Equal(["never"], await SilentAsync(new DateOnly(2026, 7, 2)));
        // 90 days after the mail of 1 July; the slow one is left in peace for two cycles of 60.
        Assert.Equal(["never"], await SilentAsync(new DateOnly(2026, 9, 29)));
        Assert.Equal(["never", "told"], await SilentAsync(new DateOnly(2026, 10, 1)));
        Assert.Equal(["never", "slow", "told"], await SilentAsync(new DateOnly(2026, 10, 31)));
        Assert.Equal(3, (await WeeklySummary.OfAsync(db, new DateOnly(2026, 11, 2), default)).Silent);

        Person Customer(string name) => given.Contact($"{name}@example.com").Tagged(name).WhoConsented().WhoBought(bought);

        async Task<List<string>> SilentAsync(DateOnly day)
        {
            var found = new List<string>();
            foreach (var name in new[] { "angry", "lead", "left", "never", "owned", "slow", "told", "unasked" })
            {
                if (await Audiences.CountAsync(db, new Audience(Tags: [name], Silent: true), day, default) > 0) found.Add(name);
            }
            return found;
        }
    }

    [Theory]
    [InlineData("""{"tag":["x"]}""", "audience.tag")]
    [InlineData("""{"silent":"yes"}""", "audience.silent")]
    [InlineData("""{"bought":{"since":"2026-01-01"}}""", "audience.bought.since")]
    [InlineData("""{"bought":{"from":"1 January"}}""", "audience.bought.from")]
    [InlineData("""{"tags":"vip"}""", "audience.tags")]
    [InlineData("""{"notBought":{"lastDays":-1}}""", "audience.notBought.lastDays")]
    [InlineData("""{"bought":{"lastDays":2147483647}}""", "audience.bought.lastDays")]
    [InlineData("""{"due":{"withinDays":7}}""", "audience.due.category")]
    [InlineData("""{"due":{"category":"かに","withinDays":-1}}""", "audience.due.withinDays")]
    [InlineData("""{"due":{"category":"かに","withinDays":366}}""", "audience.due.withinDays")]
    [InlineData("""[]""", "audience")]
    public void What_is_no_audience_is_refused_by_its_field(string json, string place) =>
        Assert.Equal(place, Assert.Throws<BadInputException>(() => Audiences.Parse(json, "audience")).Place);

    private static async Task<List<Somebody>> MakePeopleAsync(Scenario given, Random dice, int count)
    {
        var people = Enumerable.Range(0, count).Select(number => new Somebody(
            number % 10 == 0 ? null : $"person-{number}@example.com",
            [.. Tags.Where(_ => dice.Next(3) == 0)],
            dice.Next(4) == 0 ? null : Prefectures[dice.Next(Prefectures.Length)],
            [.. Enumerable.Range(0, dice.Next(4)).Select(_ => Bought(dice))])).ToList();
        foreach (var person in people)
        {
            var made = given.Contact(person.Email).Tagged([.. person.Tags]);
            if (person.Prefecture is { } prefecture) made = made.From(prefecture);
            foreach (var (on, product, category, net) in person.Purchases) made = made.WhoBought(on, product, category, net);
            await made;
        }
        return people;
    }

    private static (DateOnly, string, string, decimal) Bought(Random dice)
    {
        var (product, category) = Products[dice.Next(Products.Length)];
        return (Today.AddDays(-dice.Next(60) + 2), product, category, dice.Next(5) == 0 ? -1000 : 1000);
    }

    private static Audience RandomAudience(Random dice) => new(
        dice.Next(3) == 0 ? [.. Tags.Where(_ => dice.Next(3) == 0)] : null,
        dice.Next(3) == 0 ? [.. Tags.Where(_ => dice.Next(3) == 0)] : null,
        dice.Next(3) == 0 ? [.. Prefectures.Where(_ => dice.Next(2) == 0)] : null,
        dice.Next(3) == 0 ? RandomSpan(dice) : null,
        dice.Next(3) == 0 ? RandomSpan(dice) : null);

    private static PurchaseSpan RandomSpan(Random dice)
    {
        var lastDays = dice.Next(2) == 0 ? dice.Next(60) : (int?)null;
        var product = dice.Next(4) == 0 ? Products[dice.Next(Products.Length)].Product : null;
        return new PurchaseSpan(
            lastDays is null && dice.Next(2) == 0 ? Today.AddDays(-dice.Next(60)) : null, dice.Next(3) == 0 ? Today.AddDays(-dice.Next(30)) : null,
            lastDays, product, dice.Next(3) == 0 ? "かに" : null);
    }

    private static bool Matches(Somebody person, Audience audience) =>
        person.Email is not null
        && (audience.Tags ?? []).All(person.Tags.Contains)
        && !(audience.NotTags ?? []).Any(person.Tags.Contains)
        && (audience.Prefectures is null or { Count: 0 } || (person.Prefecture is { } home && audience.Prefectures.Contains(home)))
        && (audience.Bought is not { } bought || person.Purchases.Any(purchase => IsIn(purchase, bought)))
        && (audience.NotBought is not { } not || !person.Purchases.Any(purchase => IsIn(purchase, not)));

    private static bool IsIn((DateOnly On, string Product, string Category, decimal Net) purchase, PurchaseSpan span)
    {
        var first = span.LastDays is { } days ? Today.AddDays(-days) : span.From ?? DateOnly.MinValue;
        return purchase.Net > 0 && purchase.On >= first && purchase.On <= (span.To ?? Today)
            && (span.Product is null || span.Product == purchase.Product) && (span.Category is null || span.Category == purchase.Category);
    }

    private sealed record Somebody(
        string? Email, IReadOnlyList<string> Tags, string? Prefecture, IReadOnlyList<(DateOnly On, string Product, string Category, decimal Net)> Purchases);
}

using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Repurchase;
using Automation.Marketing.Imports;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Deals;
using Automation.Marketing.Tests.Imports;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace Automation.Marketing.Tests.Contacts.Repurchase;

public sealed class PurchaseCycleRoundTests(ITestOutputHelper output)
{
    private const int LeastRealPeople = 7_473;

    private static readonly DateOnly First = new(2026, 1, 1);
    private static readonly DateTimeOffset Morning = new(2026, 4, 24, 9, 0, 0, TimeSpan.FromHours(9));

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Flows_are_told_once_that_somebody_is_due_then_lapsed_then_dormant(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: Morning);
        var ada = await Monthly(given, "ada@example.com");
        // Due 1 May; the reminder is in place on 25 April.
        Assert.Equal(0, await RunAsync(given));
        await NextAsync(given, new DateOnly(2026, 4, 25), "repurchase.due");
        await NextAsync(given, new DateOnly(2026, 4, 26));
        await NextAsync(given, new DateOnly(2026, 5, 15));
        await NextAsync(given, new DateOnly(2026, 5, 16), "repurchase.lapsed");
        await NextAsync(given, new DateOnly(2026, 6, 29));
        await NextAsync(given, new DateOnly(2026, 6, 30), "repurchase.dormant");
        await NextAsync(given, new DateOnly(2026, 12, 1));
        await using var db = given.Open();
        var cycle = await db.PurchaseCycles.SingleAsync(one => one.ContactId == ada.Id && one.Category == "かに");
        Assert.Equal((30, new DateOnly(2026, 4, 1), new DateOnly(2026, 5, 1), true, RepurchaseState.Dormant), (cycle.Days, cycle.LastOn!.Value, cycle.DueOn!.Value, cycle.IsSure, cycle.Told));
        Assert.Equal([("", 30), ("かに", 30)], (await db.CategoryCycles.ToListAsync()).Select(one => (one.Category, one.Days)).Order());
    }

    [Fact]
    public async Task A_flow_that_begins_with_it_mails_the_person_once_a_cycle()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: Morning);
        await given.PublishAsync(
            new FlowSketch("again").Step("begin", "Automation.EventReceived", ("eventType", "repurchase.due"), ("where", "event.data.category == 'かに'"))
                .Step("mail", "Automation.SendEmail", ("template", "care/thanks-after-purchase")).Line("begin", "Done", "mail"),
            "again");
        var ada = await Monthly(given, "ada@example.com");
        for (var day = 0; day < 12; day++)
        {
            await RunAsync(given);
            await given.ForAsync(TimeSpan.FromDays(1));
        }
        Assert.Equal(["care/thanks-after-purchase"], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_purchase_cancels_what_was_expected_and_a_return_of_it_brings_it_back(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: Morning);
        var ada = await Monthly(given, "ada@example.com");
        await RunAsync(given);
        Assert.Equal(1, await DueAsync(given, 7));
        Assert.Equal(0, await DueAsync(given, 6));
        // Not worked out anew yet: the purchase counts at once.
        await BuyAsync(given, ada, new DateOnly(2026, 4, 24), "A-9", 1, 5_000);
        Assert.Equal(0, await DueAsync(given, 365));
        given.Clock.Now = Morning.AddDays(1);
        Assert.Equal(0, await RunAsync(given));
        Assert.Equal(1, await DueAsync(given, 365));
        await BuyAsync(given, ada, new DateOnly(2026, 4, 25), "A-9", 2, -5_000);
        Assert.Equal(1, await RunAsync(given));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_was_due_long_ago_tells_nobody_and_an_uneven_rhythm_never_does(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: Morning.AddYears(1));
        await Monthly(given, "ada@example.com");
        var uneven = given.Contact("uneven@example.com");
        foreach (var day in new[] { 0, 5, 200, 210, 400, 420 }) uneven = uneven.WhoBought(First.AddDays(day));
        await uneven;
        Assert.Equal(0, await RunAsync(given));
        await using var db = given.Open();
        Assert.Equal([RepurchaseState.Dormant, RepurchaseState.Waiting], await db.PurchaseCycles.Where(one => one.Category == "かに").OrderBy(one => one.Told).Select(one => one.Told).ToListAsync());
        Assert.Equal(0, await Audiences.CountAsync(db, new Audience(Due: new RepurchaseDue("", 365)), DateOnly.FromDateTime(Morning.AddYears(1).Date), default));
    }

    [Fact]
    public async Task Where_nothing_has_a_category_what_was_bought_at_all_is_told()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: Morning.AddDays(1));
        await Monthly(given, "ada@example.com");
        await using var db = given.Open();
        await db.ExecuteAsync("UPDATE purchases SET category = NULL", default);
        Assert.Equal(1, await RunAsync(given));
        Assert.Equal("", JsonNode.Parse((await db.Stimuli.SingleAsync()).Payload)!["data"]!["category"]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Two_processes_tell_it_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: new DateTimeOffset(2026, 4, 27, 9, 0, 0, TimeSpan.FromHours(9)));
        for (var person = 0; person < 40; person++) await Monthly(given, $"person-{person}@example.com");
        var told = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => RunAsync(given))));
        Assert.Equal(40, told.Sum());
        await using var db = given.Open();
        Assert.Equal(40, await db.Stimuli.CountAsync(one => one.Key == "repurchase.due"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whose_purchases_are_gone_has_no_cycle_any_more(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: Morning);
        var ada = await Monthly(given, "ada@example.com");
        await RunAsync(given);
        await using (var db = given.Open()) await db.ExecuteAsync("DELETE FROM purchases WHERE contact_id = @p0", default, ada.Id);
        await RunAsync(given);
        await using var after = given.Open();
        Assert.Empty(await after.PurchaseCycles.ToListAsync());
        Assert.Empty(await after.CategoryCycles.ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Everybodys_cycle_is_what_a_plain_slow_calculation_gives(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: new DateTimeOffset(2027, 6, 1, 9, 0, 0, TimeSpan.FromHours(9)));
        var dice = new Random(9);
        await using (var db = given.Open())
        {
            for (var person = 0; person < 1_200; person++)
            {
                var contact = Contact.Create(Guid.CreateVersion7(given.Clock.Now), given.Clock.Now);
                contact.SetEmail(EmailAddress.Parse($"person-{person.ToString(CultureInfo.InvariantCulture)}@example.com"));
                db.Contacts.Add(contact);
                for (var order = 0; order < dice.Next(9); order++)
                    db.Purchases.Add(NewLine(contact.Id, First.AddDays(dice.Next(600)), $"{person}-{order}", 1, dice.Next(8) == 0 ? -500 : 1_000, dice.Next(3) == 0 ? null : dice.Next(2) == 0 ? "かに" : "干物", dice.Next(1, 5)));
            }
            await db.SaveChangesAsync();
        }
        await RunAsync(given);
        output.WriteLine($"{provider}: {await CompareAsync(given.Open(), new DateOnly(2027, 6, 1), 400)} cycles");
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_real_purchases_give_what_a_plain_slow_calculation_gives(DatabaseProvider provider)
    {
        if (CdnowImportTests.RealFile() is not { } path)
        {
            output.WriteLine("0 people: the CDNOW file is not beside this repository.");
            return;
        }
        await using var scene = await ImportScene.OnAsync(provider);
        await scene.ImportAsync(ImportKind.Cdnow, await File.ReadAllBytesAsync(path), "CDNOW_master.txt");
        // The last day of the file, at midnight of the shop.
        var today = new DateOnly(1998, 6, 30);
        await new PurchaseCycleRound(scene.Databases, new TestClock(new DateTimeOffset(today, new TimeOnly(12, 0), TimeSpan.Zero))).RunAsync(default);
        output.WriteLine($"{provider}: {await CompareAsync(scene.Open(), today, LeastRealPeople)} people with a rhythm of their own");
    }

    // Order by order and gap by gap, as the brief has it.
    private static async Task<int> CompareAsync(AutomationDb open, DateOnly today, int least)
    {
        await using var db = open;
        var lines = await db.Purchases.AsNoTracking().ToListAsync();
        var days = new Dictionary<(Guid, string), List<(DateOnly Day, int Quantity)>>();
        foreach (var of in lines.SelectMany(line => string.IsNullOrEmpty(line.Category) ? new[] { (line, "") } : [(line, ""), (line, line.Category)]).Where(one => one.line.Date <= today).GroupBy(one => (one.line.ContactId, one.Item2), one => one.line))
        {
            var byDay = new SortedDictionary<DateOnly, (decimal Net, int Quantity)>();
            foreach (var order in of.GroupBy(line => line.OrderId))
            {
                var day = order.Min(line => line.Date);
                var sum = byDay.GetValueOrDefault(day);
                byDay[day] = (sum.Net + order.Sum(line => line.Net), sum.Quantity + (int)order.Sum(line => line.Quantity));
            }
            days[of.Key] = [.. byDay.Where(day => day.Value.Net > 0).Select(day => (day.Key, day.Value.Quantity))];
        }
        var medians = new Dictionary<string, int>();
        foreach (var category in days.GroupBy(one => one.Key.Item2))
        {
            var people = category.Where(one => one.Value.Count > 1).Select(one => Middle([.. one.Value.Skip(1).Select((day, at) => day.Day.DayNumber - (double)one.Value[at].Day.DayNumber)])).ToList();
            if (people.Count > 0) medians[category.Key] = (int)Math.Floor(Middle(people) + 0.5);
        }
        Assert.Equal(medians, await db.CategoryCycles.ToDictionaryAsync(one => one.Category, one => one.Days));
        var stored = await db.PurchaseCycles.AsNoTracking().ToDictionaryAsync(one => (one.ContactId, one.Category));
        var own = days.Where(one => one.Value.Count > 2).ToList();
        Assert.Equal(own.Count, stored.Count);
        foreach (var (key, purchases) in own)
        {
            var expected = PurchaseRhythmTests.Slow(purchases, medians[key.Item2])!.Value;
            Assert.Equal((purchases[^1].Day, expected.Due, expected.Sure), (stored[key].LastOn!.Value, stored[key].DueOn!.Value, stored[key].IsSure));
        }
        Assert.True(own.Count >= least, $"Only {own.Count} cycles.");
        return own.Count;
    }

    private static double Middle(List<double> values)
    {
        values.Sort();
        return (values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2;
    }

    private static async Task NextAsync(Scenario given, DateOnly day, params string[] told)
    {
        given.Clock.Now = new DateTimeOffset(day, new TimeOnly(9, 0), TimeSpan.FromHours(9));
        Assert.Equal(told.Length, await RunAsync(given));
        await using var db = given.Open();
        var stimuli = await db.Stimuli.ToListAsync();
        Assert.Equal(told, stimuli.Select(one => one.Key));
        foreach (var one in stimuli)
        {
            Assert.Equal(Stimuli.EventReceived, one.Name);
            Assert.Equal("2026-05-01", JsonNode.Parse(one.Payload)!["data"]!["due_on"]!.GetValue<string>());
        }
        await db.ExecuteAsync("DELETE FROM stimuli", default);
    }

    private static async Task<int> DueAsync(Scenario given, int within)
    {
        await using var db = given.Open();
        return await Audiences.CountAsync(db, new Audience(Due: new RepurchaseDue("かに", within)), DateOnly.FromDateTime(given.Clock.Now.Date), default);
    }

    private static Task<int> RunAsync(Scenario given) => new PurchaseCycleRound(given.Databases, given.Clock).RunAsync(default);

    // 1 January, 31 January, 2 March, 1 April: thirty days each.
    private static async Task<Contact> Monthly(Scenario given, string email)
    {
        var person = given.Contact(email).WhoConsented();
        for (var at = 0; at < 4; at++) person = person.WhoBought(First.AddDays(30 * at));
        return await person;
    }

    private static async Task BuyAsync(Scenario given, Contact who, DateOnly on, string order, int line, decimal net)
    {
        await using var db = given.Open();
        db.Purchases.Add(NewLine(who.Id, on, order, line, net, "かに", 1));
        await db.SaveChangesAsync();
    }

    private static Purchase NewLine(Guid who, DateOnly on, string order, int line, decimal net, string? category, int quantity) => new()
    {
        Id = Guid.NewGuid(),
        Source = "web-shop",
        OrderId = order,
        Line = line,
        ContactId = who,
        Date = on,
        Category = category,
        Quantity = quantity,
        Net = net,
    };
}

using Automation.Marketing.Contacts;
using Automation.Marketing.Deals;
using Automation.Marketing.Reports;
using Automation.Marketing.Reports.Journey;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Deals;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Reports.Journey;

public sealed class JourneyMapTests
{
    private static readonly TimeZoneInfo Tokyo = TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo");

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_way_from_the_first_mail_to_a_deal_is_on_the_map_with_its_stays_and_its_credit(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var began = given.Clock.Now;
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var mail = await given.SentAsync(given.Mail(ada));
        given.Clock.Now = began.AddDays(1);
        await given.ReportedAsync(given.Event("delivered", mail));
        given.Clock.Now = began.AddDays(2);
        await given.ReportedAsync(given.Event("click", mail, ("url", "https://shop.example.com/")));
        given.Clock.Now = began.AddDays(4);
        await given.HappensAsync(ada, "quote.requested");
        given.Clock.Now = began.AddDays(9);
        await using (var db = given.Open()) await DealChanges.SaveAsync(db, "D-1", ada.Id, null, _ => new DealEdit("見積", null, 1000m, null, null), "crm", given.Clock.Now, default);
        given.Clock.Now = began.AddDays(20);
        await using (var db = given.Open()) await DealChanges.WinAsync(db, "D-1", null, "crm", given.Clock.Now, default);
        given.Clock.Now = began.AddDays(21);

        var map = await MapAsync(given, began.AddDays(-1), began.AddDays(30));
        var (touch, interest, inquiry, proposal, won) = (
            new JourneyNode(JourneyStage.Touch, "mail"), new JourneyNode(JourneyStage.Interest, "mail"), new JourneyNode(JourneyStage.Inquiry, "form"),
            new JourneyNode(JourneyStage.Proposal, "sales"), new JourneyNode(JourneyStage.Won, "sales"));
        Assert.Equal([[touch, interest, inquiry, proposal, won]], map.Paths.Select(path => path.Nodes));
        Assert.Equal([(touch, interest), (interest, inquiry), (inquiry, proposal), (proposal, won)], map.Links.Select(link => (link.From, link.To)));
        Assert.Equal([2.0, 2.0, 5.0, 11.0], new[] { JourneyStage.Touch, JourneyStage.Interest, JourneyStage.Inquiry, JourneyStage.Proposal }.Select(stage => Math.Round(map.Stay(stage)!.Value.TotalDays)));
        Assert.Null(map.Stay(JourneyStage.Won));
        Assert.Equal(10_000_000, map.Revenue);
        // Four touches: mail twice, form, sales.
        Assert.Equal(
            [("First", 10_000_000, 0, 0), ("Last", 0, 0, 10_000_000), ("Linear", 5_000_000, 2_500_000, 2_500_000), ("UShaped", 5_000_000, 1_000_000, 4_000_000)],
            Enum.GetValues<CreditModel>().Select(model => (model.ToString(), Units(model, "mail"), Units(model, "form"), Units(model, "sales"))));
        Assert.Empty((await MapAsync(given, began.AddDays(22), began.AddDays(30))).Channels);

        long Units(CreditModel model, string channel) => map.Units(JourneyFigures.Of(model, channel));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Every_figure_has_as_many_rows_and_each_model_gives_all_of_the_revenue(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await MakeAsync(given, 150);
        var (from, until) = (given.Clock.Now.AddDays(-200), given.Clock.Now);
        var map = await MapAsync(given, from, until);
        await using var db = given.Open();
        var figures = new List<(string Key, int People)>();
        foreach (var stage in Enum.GetValues<JourneyStage>())
        {
            figures.Add((JourneyFigures.Stage(stage), map.People(JourneyFigures.Stage(stage))));
            figures.Add((JourneyFigures.WentOn(stage), map.People(JourneyFigures.WentOn(stage))));
            figures.AddRange(map.Channels.Select(channel => (JourneyFigures.Cell(stage, channel), map.People(JourneyFigures.Cell(stage, channel)))));
        }
        figures.AddRange(map.Paths.Take(5).Select(path => (JourneyFigures.Path(path.Nodes), path.People)));
        figures.AddRange(map.Links.Take(5).Select(link => (JourneyFigures.Link(link.From, link.To), link.People)));
        Assert.True(figures.Count(figure => figure.People > 0) > 15, "Too little is on the map to be a test.");
        foreach (var (key, people) in figures)
        {
            var rows = await JourneyMap.BehindAsync(db, new Period(from, until), Tokyo, given.Clock.Now, key, 0, 10_000, default);
            Assert.Equal((key, people, people), (key, rows.Count, rows.Select(row => row.ContactId).Distinct().Count()));
        }
        Assert.Equal(map.People(JourneyFigures.Stage(JourneyStage.Won)), await BuyersAsync(db, from, until));
        Assert.True(map.Revenue > 0);
        foreach (var model in Enum.GetValues<CreditModel>())
        {
            var units = map.Credited.Select(channel => map.Units(JourneyFigures.Of(model, channel))).ToList();
            Assert.Equal(map.Revenue, units.Sum());
            Assert.Equal(1000, Credit.Split(1000, units).Sum());
        }
        Assert.All(Sankey.Of(map, 5).Links, link => Assert.True(link.People >= 5));
        Assert.All(Sankey.Of(map, 1).Nodes, node => Assert.InRange(node.Y + node.Height, 0, Sankey.Height + 1));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_won_deal_that_arrives_as_an_order_too_is_one_sale(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var began = given.Clock.Now;
        var ada = await given.Contact("ada@example.com").At("港食堂");
        var ben = await given.Contact("ben@example.com").At("港食堂");
        var eve = await given.Contact("eve@example.com");
        await WonAsync(given, ada, "D-1", 1000m);        // its order bears its number and came to more
        await WonAsync(given, ada, "D-2", 500m);         // bought by a colleague, a month later
        await WonAsync(given, eve, "D-3", 700m);         // two orders of the same amount: the nearer one is its own
        await WonAsync(given, eve, "D-4", 900m);         // the order came five weeks later: another sale
        await BoughtAsync(given, (ada, "D-1", 3, 1100m), (ben, "O-2", 30, 500m), (eve, "O-3", 2, 700m), (eve, "O-4", 10, 700m), (eve, "O-5", 31, 900m), (ben, "O-6", 1, 700m));
        given.Clock.Now = began.AddDays(60);
        var map = await MapAsync(given, began.AddDays(-1), began.AddDays(60));
        // 1100 and 500 and 700 once; 700 and 700 of their own; 900 twice.
        Assert.Equal((1100 + 500 + 700 + 700 + 700 + 900 + 900) * 10_000L, map.Revenue);
        // The orders that are deals brought nobody to a stage of their own.
        Assert.Equal((2, 1), (map.People(JourneyFigures.Cell(JourneyStage.Won, "sales")), map.People(JourneyFigures.Cell(JourneyStage.After, "purchase"))));
    }

    [Fact]
    public async Task Where_an_event_lies_is_data_that_can_be_changed()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var ada = await given.Contact("ada@example.com");
        await given.HappensAsync(ada, "fair.visited");
        given.Clock.Now += TimeSpan.FromHours(1);
        Assert.Equal(["other"], (await MapAsync(given, Scenario.Monday, given.Clock.Now)).Channels);
        await using (var db = given.Open())
        {
            var fair = new JourneyRules([new("fair.*", JourneyStage.Interest, "fair"), .. JourneyRules.Default.Rules]);
            var line = (await JourneyTrialLine.TryAsync(db, fair, given.Clock.Now, default))[0];
            Assert.Equal(("fair.visited", 1L, "other", "fair", true), (line.Type, line.Times, line.Now?.Channel, line.Then?.Channel, line.Moves));
            Assert.Equal(["other"], (await MapAsync(given, Scenario.Monday, given.Clock.Now)).Channels);
            await JourneyVersions.PublishAsync(db, fair, 0, "admin", "a fair", given.Clock.Now, default);
            // Whoever began from the rules before looks at them first.
            await Assert.ThrowsAsync<RuleBrokenException>(() => JourneyVersions.PublishAsync(db, JourneyRules.Default, 0, "admin", "late", given.Clock.Now, default));
        }
        Assert.Equal(1, (await MapAsync(given, Scenario.Monday, given.Clock.Now)).People(JourneyFigures.Cell(JourneyStage.Interest, "fair")));
        await using var after = given.Open();
        var first = await after.JourneyVersions.SingleAsync();
        Assert.Equal((1, "admin", "a fair"), (first.Version, first.Actor, first.Comment));
        Assert.Equal("journey.published", (await after.AuditEntries.SingleAsync(one => one.Action.StartsWith("journey"))).Action);
        // Back to what was shipped.
        await JourneyVersions.PublishAsync(after, JourneyRules.Default, 1, "admin", "back", given.Clock.Now, default);
        Assert.Equal(["other"], (await MapAsync(given, Scenario.Monday, given.Clock.Now)).Channels);
    }

    [Theory]
    [InlineData("", "fair", "Type")]
    [InlineData("a*b", "fair", "Type")]
    [InlineData("quote.sent", "fair", "Type")]   // quote.* stands above
    [InlineData("fair.*", "", "Channel")]
    [InlineData("fair.*", "a:b", "Channel")]
    public void A_rule_of_the_map_that_makes_no_sense_is_named(string type, string channel, string field)
    {
        Assert.Empty(JourneyRules.Default.Problems());
        var problem = Assert.Single(new JourneyRules([new("quote.*", JourneyStage.Inquiry, "form"), new(type, JourneyStage.Touch, channel)]).Problems());
        Assert.Equal((1, field), (problem.Rule, problem.Field));
    }

    // First purchases that fall in the period, counted another way.
    private static async Task<int> BuyersAsync(AutomationDb db, DateTimeOffset from, DateTimeOffset until)
    {
        var firsts = await db.QueryAsync("SELECT contact_id, MIN(date) FROM purchases GROUP BY contact_id", row => LocalTime.InstantOf(row.Date(1), new TimeOnly(12, 0), Tokyo), default);
        return firsts.Count(at => at >= from && at < until);
    }

    private static async Task<JourneyMap> MapAsync(Scenario given, DateTimeOffset from, DateTimeOffset until)
    {
        await using var db = given.Open();
        return await JourneyMap.OfAsync(db, new Period(from, until), Tokyo, given.Clock.Now, default);
    }

    private static async Task WonAsync(Scenario given, Contact who, string key, decimal amount)
    {
        await given.WinsAsync(await given.OpensAsync(who, key, amount));
    }

    private static async Task BoughtAsync(Scenario given, params (Contact Who, string Order, int After, decimal Net)[] orders)
    {
        await using var db = given.Open();
        // Two lines make one order.
        foreach (var (who, order, after, net) in orders)
            for (var line = 1; line <= 2; line++)
                db.Purchases.Add(new Purchase { Id = Guid.CreateVersion7(), Source = "shop", OrderId = order, Line = line, ContactId = who.Id, Date = LocalTime.DayOf(given.Clock.Now, Tokyo).AddDays(after), Quantity = 1, Net = net / 2 });
        await db.SaveChangesAsync();
    }

    private static async Task MakeAsync(Scenario given, int people)
    {
        var dice = new Random(9);
        string[] types = ["lead.created", "seminar.attended", "quote.requested", "page.viewed", "unheard.of"];
        await using var db = given.Open();
        for (var number = 0; number < people; number++)
        {
            var at = given.Clock.Now.AddDays(-dice.Next(1, 400));
            var person = Contact.Create(Guid.CreateVersion7(at), at);
            db.Contacts.Add(person);
            for (var events = dice.Next(6); events > 0; events--)
            {
                at = at.AddDays(dice.Next(30));
                if (at > given.Clock.Now) break;
                db.LeadEvents.Add(new LeadEvent { Id = Guid.CreateVersion7(at), Source = "t", SourceId = $"{number}-{events}", Type = types[dice.Next(types.Length)], ContactId = person.Id, OccurredAt = at, ReceivedAt = at });
            }
            for (var orders = dice.Next(3); orders > 0; orders--)
            {
                for (var line = 1; line <= 2; line++)
                {
                    db.Purchases.Add(new Purchase
                    {
                        Id = Guid.CreateVersion7(at),
                        Source = "shop",
                        OrderId = $"{number}-{orders}",
                        Line = line,
                        ContactId = person.Id,
                        Date = DateOnly.FromDateTime(at.AddDays(-3 * orders).Date),
                        Quantity = 1,
                        Net = dice.Next(1, 30_000) + 0.3333m,
                    });
                }
            }
        }
        await db.SaveChangesAsync();
    }
}

using System.Text.Json;
using Automation.Marketing.Accounts;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Contacts.Outgoing;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Leads;

public sealed class LeadRoundTests
{
    private static readonly HandBackRequest TooEarly = new(HandBackReason.TooEarly, RevisitOn: null, Note: null);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_becomes_hot_is_handed_over_once_with_all_that_sales_needs(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        await TeamAsync(given, "小島 里奈");
        var ada = await given.Contact("ada@example.com").Named("Ada").At("港食堂").WhoConsented();
        await given.HappensAsync(ada, "form.submitted");
        await given.HappensAsync(ada, "mail.replied");
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(0, await db.HandOffs.CountAsync());
        await given.HappensAsync(ada, "seminar.attended");
        await given.WorkAsync();
        var handOff = await db.HandOffs.AsNoTracking().SingleAsync();
        Assert.Equal(("小島 里奈", HandOffState.Waiting, ada.Id), (handOff.Owner, handOff.State, handOff.ContactId));
        // Monday ten o'clock: Tuesday ten o'clock.
        Assert.Equal(given.Clock.Now.AddDays(1), handOff.DueAt);
        var details = HandOffDetails.FromJson(handOff.Details);
        Assert.Equal((60, 70, "Granted"), (details.Score, details.Fit, details.Consent));
        Assert.Equal([("reply", 25), ("form", 20), ("seminar", 15)], details.Parts.Select(part => (part.Rule, (int)part.Worth)));
        Assert.Equal(3, details.Touches.Count);
        var notice = await db.Notices.AsNoTracking().SingleAsync();
        Assert.Equal(("小島 里奈", "seller1@example.com"), (notice.Owner, notice.MailTo));
        Assert.NotNull(notice.MailedAt);
        var mail = Assert.Single(given.Provider.Attempts);
        Assert.Contains("Ada", mail.Subject ?? mail.Personalizations[0].Subject, StringComparison.Ordinal);
        var person = await db.Contacts.AsNoTracking().SingleAsync();
        Assert.Equal((LifecycleStage.Qualified, true), (person.Stage, person.SalesOwned));
        Assert.Equal(["lead.handed_off", "lead.hot"], await db.OutgoingEvents.OrderBy(one => one.Type).Select(one => one.Type).ToListAsync());
        Assert.Equal(HandingOffTask, (await db.Tasks.SingleAsync()).Title);
        // More of the same tells nobody anything.
        await given.HappensAsync(ada, "mail.replied");
        await given.WorkAsync();
        Assert.Equal((1, 1), (await db.HandOffs.CountAsync(), await db.OutgoingEvents.CountAsync(one => one.Type == "lead.hot")));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Doubled_late_and_parallel_events_alert_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        await TeamAsync(given, "小島 里奈", "森 健");
        var ada = await given.Contact("ada@example.com").At("港食堂");
        var workers = new[] { given.Workers, given.Another(), given.Another() };
        await Task.WhenAll(Enumerable.Range(0, 12).Select(number => Task.Run(async () =>
        {
            // Each event comes twice, in no order, while three processes look at whoever did something.
            await given.TakeAsync(EventOf(ada, $"e-{number % 6}", number % 2 == 0 ? "mail.replied" : "form.submitted", given.Clock.Now.AddMinutes(-number % 6)));
            await workers[number % 3].Leads.WorkAsync(default);
        })));
        await Task.WhenAll(workers.Select(worker => Task.Run(() => worker.Leads.WorkAsync(default))));
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal((6, 1, 1, 1), (await db.LeadEvents.CountAsync(), await db.HandOffs.CountAsync(), await db.Notices.CountAsync(), await db.OutgoingEvents.CountAsync(one => one.Type == "lead.hot")));
        Assert.Equal(0, await db.ScoreChecks.CountAsync());
        var score = await db.ContactScores.SingleAsync();
        Assert.Equal(135, score.ScoreAt(given.Clock.Now), 0);
        Assert.Equal(given.Clock.Now, score.HotSince);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_is_dated_in_the_future_is_looked_at_when_it_happens(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        var ada = await given.Contact("ada@example.com");
        await given.TakeAsync(EventOf(ada, "e-1", "quote.requested", given.Clock.Now.AddHours(5)));
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(0, await db.OutgoingEvents.CountAsync());
        await given.ForAsync(TimeSpan.FromHours(5) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await db.OutgoingEvents.CountAsync());
        await given.ForAsync(TimeSpan.FromSeconds(1));
        // Nobody sells: everyone sees it, and no deal is made of it.
        Assert.Equal((1, 1, 0), (await db.OutgoingEvents.CountAsync(), await db.Notices.CountAsync(), await db.Deals.CountAsync()));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_machines_clicks_score_nothing_and_a_persons_three_each(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var sent = await given.SentAsync(given.Mail(ada));
        await given.ReportedAsync(given.Event("delivered", sent));
        given.Clock.Now = given.Clock.Now.AddSeconds(5);
        await given.ReportedAsync(given.Event("click", sent, ("url", "https://shop.example.com/a")));
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(0, await db.ContactScores.CountAsync());
        given.Clock.Now = given.Clock.Now.AddMinutes(5);
        await given.ReportedAsync(given.Event("click", sent, ("url", "https://shop.example.com/b")));
        await given.ReportedAsync(given.Event("open", sent));
        await given.WorkAsync();
        Assert.Equal(3, (await db.ContactScores.SingleAsync()).ScoreAt(given.Clock.Now), 6);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_hand_back_cuts_the_score_and_its_undo_restores_it(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        await TeamAsync(given, "小島 里奈");
        var ada = await given.Contact("ada@example.com").At("港食堂");
        for (var number = 0; number < 3; number++) await given.HappensAsync(ada, "mail.replied");
        await given.WorkAsync();
        await using var db = given.Open();
        var deal = await db.Deals.Select(one => one.DealKey).SingleAsync();
        given.Clock.Now = given.Clock.Now.AddHours(1);
        var handBack = await given.HandBackAsync(deal, TooEarly);
        var cut = await db.ContactScores.AsNoTracking().SingleAsync();
        Assert.Equal(20, cut.ScoreAt(given.Clock.Now), 6);
        Assert.Null(cut.HotSince);
        Assert.Equal((HandOffState.Rejected, HandBackReason.TooEarly), await db.HandOffs.Select(one => new ValueTuple<HandOffState, HandBackReason?>(one.State, one.Rejection)).SingleAsync());
        Assert.Equal(1, await db.OutgoingEvents.CountAsync(one => one.Type == "lead.rejected"));
        given.Clock.Now = given.Clock.Now.AddHours(1);
        await HandingBack.UndoAsync(db, handBack.Id, "sales", given.Clock.Now, default);
        var back = await db.ContactScores.AsNoTracking().SingleAsync();
        Assert.Equal(75 * Math.Pow(2, -2.0 / 24 / 30), back.ScoreAt(given.Clock.Now), 6);
        Assert.NotNull(back.HotSince);
        var waiting = await db.HandOffs.AsNoTracking().SingleAsync();
        Assert.Equal((HandOffState.Waiting, given.Clock.Now.AddDays(1)), (waiting.State, waiting.DueAt));
        Assert.Null((await db.Tasks.AsNoTracking().SingleAsync()).DoneAt);
        // Hot all along: the next touch tells nobody once more.
        await given.HappensAsync(ada, "form.submitted");
        await given.WorkAsync();
        Assert.Equal(1, await db.OutgoingEvents.CountAsync(one => one.Type == "lead.hot"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task After_a_hand_back_only_new_activity_makes_hot_again(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        await TeamAsync(given, "小島 里奈");
        var ada = await given.Contact("ada@example.com").At("港食堂");
        await given.HappensAsync(ada, "quote.requested");
        await given.WorkAsync();
        await using var db = given.Open();
        await given.HandBackAsync(await db.Deals.Select(one => one.DealKey).SingleAsync(), TooEarly);
        var before = given.Clock.Now;
        given.Clock.Now = before.AddDays(1);
        await given.TakeAsync(EventOf(ada, "late", "quote.requested", before.AddMinutes(-5)));
        await given.WorkAsync();
        Assert.Equal(1, await db.HandOffs.CountAsync());
        await given.HappensAsync(ada, "quote.requested");
        await given.WorkAsync();
        Assert.Equal((2, 2), (await db.HandOffs.CountAsync(), await db.OutgoingEvents.CountAsync(one => one.Type == "lead.hot")));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_owner_of_a_deal_is_told_of_a_signal_once_in_its_window(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhomSalesOwns();
        await using var db = given.Open();
        for (var hour = 0; hour < 5; hour++)
        {
            await given.HappensAsync(ada, "page.viewed", new { url = "https://shop.example.com/price" });
            await given.HappensAsync(ada, "page.viewed", new { url = "https://shop.example.com/about" });
            await given.WorkAsync();
            given.Clock.Now = given.Clock.Now.AddHours(1);
        }
        Assert.Equal("小島 里奈", (await db.Notices.SingleAsync()).Owner);
        // Other pages are no reason to look at anybody.
        await given.HappensAsync(ada, "page.viewed", new { url = "https://shop.example.com/about" });
        Assert.Equal(0, await db.ScoreChecks.CountAsync());
        given.Clock.Now = given.Clock.Now.AddHours(19);
        await given.HappensAsync(ada, "page.viewed", new { url = "https://shop.example.com/price" });
        await given.WorkAsync();
        Assert.Equal(2, await db.Notices.CountAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task New_rules_are_a_version_and_everybody_is_looked_at_anew(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        var ada = await given.Contact("ada@example.com").At("港食堂");
        await given.HappensAsync(ada, "form.submitted");
        await given.HappensAsync(ada, "order.placed");
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(0, await db.OutgoingEvents.CountAsync());
        var rules = ScoringRules.Default with { Touches = [new TouchRule("order", ["order.placed"], 70, 10)] };
        Assert.Equal(1, (await ScoringVersions.PublishAsync(db, rules, 0, "ada", "orders count", given.Clock.Now, default)).Version);
        await Assert.ThrowsAsync<RuleBrokenException>(() => ScoringVersions.PublishAsync(db, rules, 0, "bob", "too", given.Clock.Now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => ScoringVersions.PublishAsync(db, rules with { CoolBelow = 90 }, 1, "bob", "too", given.Clock.Now, default));
        await given.WorkAsync();
        Assert.Equal(70, (await db.ContactScores.SingleAsync()).ScoreAt(given.Clock.Now), 6);
        Assert.Equal(1, await db.OutgoingEvents.CountAsync(one => one.Type == "lead.hot"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Becoming_a_better_fit_makes_a_busy_person_hot(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        var ada = await given.Contact("ada@example.com");
        for (var number = 0; number < 3; number++) await given.HappensAsync(ada, "mail.replied");
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(0, await db.OutgoingEvents.CountAsync());
        await given.TakeAsync(JsonSerializer.SerializeToElement(new { source = "crm", id = "1", type = "profile.changed", contact = new { email = ada.Email, company = "港食堂" } }));
        await given.WorkAsync();
        Assert.Equal(1, await db.OutgoingEvents.CountAsync(one => one.Type == "lead.hot"));
    }

    internal const string HandingOffTask = "引き渡しを確認する / Accept or return this lead";

    internal static JsonElement EventOf(Contact who, string id, string type, DateTimeOffset at) =>
        JsonSerializer.SerializeToElement(new { source = "web", id, type, occurredAt = at, contact = new { email = who.Email } });

    internal static async Task TeamAsync(Scenario given, params string[] sellers)
    {
        await using var db = given.Open();
        foreach (var (name, number) in sellers.Select((name, number) => (name, number + 1)))
        {
            db.Users.Add(new User
            {
                Id = Guid.CreateVersion7(given.Clock.Now),
                UserName = $"seller{number}@example.com",
                Email = $"seller{number}@example.com",
                DisplayName = name,
                PasswordHash = "x",
                Role = Roles.Sales.NameOf(),
                CreatedAt = given.Clock.Now,
            });
        }
        await db.SaveChangesAsync();
    }
}

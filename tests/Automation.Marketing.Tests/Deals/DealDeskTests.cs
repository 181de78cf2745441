using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Contacts.Outgoing;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Deals;

public sealed class DealDeskTests
{
    private static readonly HandBackRequest TooEarly = new(HandBackReason.TooEarly, RevisitOn: null, Note: null);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_deal_that_opens_brings_its_person_to_sales_over_every_stage(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.OpensAsync(ada, "D-1", 500_000);
        Assert.Equal("Lead > Qualified > Accepted > Deal", await given.WayAsync(ada));
        Assert.Equal("deal.opened", await given.ToldAsync());
        await using var db = given.Open();
        Assert.True((await db.Contacts.SingleAsync()).SalesOwned);
        Assert.Equal(
            [(Stimuli.EventReceived, "deal.opened"), (Stimuli.MustEnd, "sales-owned")],
            (await db.Stimuli.OrderBy(one => one.Id).ToListAsync()).Select(one => (one.Name, one.Key)));
        var told = JsonNode.Parse((await db.OutgoingEvents.SingleAsync()).Data)!;
        Assert.Equal(("D-1", "見積", "Open", 500_000m, "小島 里奈"), ((string?)told["key"], (string?)told["stage"], (string?)told["status"], (decimal?)told["amount"], (string?)told["owner"]));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_last_open_deal_to_end_says_what_becomes_of_the_person(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        var ada = await given.Contact("ada@example.com");
        var (first, second) = (await given.OpensAsync(ada, "D-1"), await given.OpensAsync(ada, "D-2"));
        await given.LosesAsync(first, HandBackReason.Budget);
        Assert.Equal(LifecycleStage.Deal, await given.StageAsync(ada));
        await given.WinsAsync(second);
        Assert.Equal(LifecycleStage.Won, await given.StageAsync(ada));
        await using var db = given.Open();
        Assert.False((await db.Contacts.SingleAsync()).SalesOwned);
        var deals = await db.Deals.OrderBy(deal => deal.DealKey).ToListAsync();
        Assert.Equal([(DealStatus.Lost, (HandBackReason?)HandBackReason.Budget), (DealStatus.Won, null)], deals.Select(deal => (deal.Status, deal.LostReason)));
        Assert.Equal([given.Clock.Now.AddMilliseconds(-1), given.Clock.Now], deals.Select(deal => deal.ClosedAt));
        Assert.Equal("deal.opened deal.opened deal.lost deal.won", await given.ToldAsync());
    }

    [Fact]
    public async Task What_is_over_is_changed_no_more_until_it_is_opened_again()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await given.SomebodyListensAsync();
        var deal = await given.OpensAsync(await given.Contact("ada@example.com"), "D-1");
        await given.WinsAsync(deal);
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.WinsAsync(deal));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.LosesAsync(deal, HandBackReason.Budget));
        await using var db = given.Open();
        await Assert.ThrowsAsync<RuleBrokenException>(() => DealDesk.ChangeAsync(db, deal.Id, now => DealEdit.Of(now) with { Stage = "交渉" }, "sales", given.Clock.Now, default));
        await DealDesk.ReopenAsync(db, deal.Id, "sales", given.Clock.Now.AddMinutes(1), default);
        db.ChangeTracker.Clear();
        var open = await db.Deals.SingleAsync();
        Assert.Equal((DealStatus.Open, null), (open.Status, open.ClosedAt));
        Assert.Equal("deal.opened deal.won deal.opened", await given.ToldAsync());
    }

    [Fact]
    public async Task A_change_is_told_once_and_no_change_not_at_all()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await given.SomebodyListensAsync();
        var deal = await given.OpensAsync(await given.Contact("ada@example.com"), "D-1");
        await using var db = given.Open();
        for (var time = 0; time < 2; time++)
            await DealDesk.ChangeAsync(db, deal.Id, _ => new DealEdit("交渉", "井上", 800_000, "電話", new DateOnly(2026, 11, 20)), "sales", given.Clock.Now.AddMinutes(1), default);
        Assert.Equal("deal.opened deal.changed", await given.ToldAsync());
        foreach (var wrong in new[] { new DealEdit(" ", null, null, null, null), new DealEdit("見積", null, -1, null, null), new DealEdit("見積", new string('x', 201), null, null, null) })
            await Assert.ThrowsAsync<RuleBrokenException>(() => DealDesk.ChangeAsync(db, deal.Id, _ => wrong, "sales", given.Clock.Now, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_lost_deal_enters_the_flow_of_its_reason_and_no_other(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishAsync(
            new FlowSketch("lost-by-budget").Step("lost", "Automation.EventReceived", ("eventType", "deal.lost"), ("where", "event.data.reason == \"budget\""))
                .Step("wait", "Automation.WaitUntil", ("until", "+P1D")).Line("lost", "Done", "wait"),
            "lost-by-budget");
        var (ada, ben) = (await given.Contact("ada@example.com"), await given.Contact("ben@example.com"));
        await given.LosesAsync(await given.OpensAsync(ada, "D-1"), HandBackReason.Budget);
        await given.LosesAsync(await given.OpensAsync(ben, "D-2"), HandBackReason.Competitor);
        await given.WorkAsync();
        await using var db = given.Open();
        Assert.Equal(ada.Id, (await db.FlowInstances.SingleAsync()).ContactId);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_lost_deal_goes_back_to_nurturing_in_the_same_step_and_a_slip_is_undone(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.SomebodyListensAsync();
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var handBack = await given.LosesAsync(await given.OpensAsync(ada, "D-1"), HandBackReason.Competitor, handBack: true);
        await given.WorkAsync();
        await using (var db = given.Open())
        {
            var deal = await db.Deals.SingleAsync();
            Assert.Equal((DealStatus.Recycled, (HandBackReason?)HandBackReason.Competitor), (deal.Status, deal.LostReason));
            Assert.Equal("re-nurture", (await db.FlowInstances.SingleAsync()).DefinitionId);
            await HandingBack.UndoAsync(db, handBack!.Id, "sales", given.Clock.Now.AddMinutes(1), default);
        }
        Assert.Equal("Lead > Qualified > Accepted > Deal > Lost > Recycled > Deal", await given.WayAsync(ada));
        Assert.Equal("deal.opened deal.lost lead.handed_back deal.changed", await given.ToldAsync());
        await using var after = given.Open();
        Assert.Equal((DealStatus.Open, null), ((await after.Deals.SingleAsync()).Status, (await after.Deals.SingleAsync()).LostReason));
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite, HandBackReason.NoFit)]
    [InlineData(DatabaseProvider.PostgreSql, HandBackReason.Duplicate)]
    public async Task What_does_not_fit_is_disqualified_and_told_to_no_flow(DatabaseProvider provider, HandBackReason reason)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhomSalesOwns();
        await given.HandBackAsync("D-1", new HandBackRequest(reason, null, null));
        Assert.Equal(LifecycleStage.Disqualified, await given.StageAsync(ada));
        await using var db = given.Open();
        Assert.False(await db.Stimuli.AnyAsync(one => one.Name == Stimuli.HandedBack));
        await given.OpensAsync(ada, "D-2");
        var refused = await Assert.ThrowsAsync<RuleBrokenException>(() => given.HandBackAsync("D-2", new HandBackRequest(reason, new DateOnly(2027, 4, 1), null)));
        Assert.Contains("leave the revisit date empty", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite, "", LifecycleStage.Dormant)]
    [InlineData(DatabaseProvider.PostgreSql, "", LifecycleStage.Dormant)]
    [InlineData(DatabaseProvider.Sqlite, "event", LifecycleStage.Recycled)]
    [InlineData(DatabaseProvider.PostgreSql, "event", LifecycleStage.Recycled)]
    [InlineData(DatabaseProvider.Sqlite, "sales-event", LifecycleStage.Dormant)]
    [InlineData(DatabaseProvider.Sqlite, "purchase", LifecycleStage.Recycled)]
    [InlineData(DatabaseProvider.Sqlite, "click", LifecycleStage.Recycled)]
    [InlineData(DatabaseProvider.Sqlite, "machine-click", LifecycleStage.Dormant)]
    [InlineData(DatabaseProvider.Sqlite, "undone", LifecycleStage.Recycled)]
    public async Task The_third_recycle_without_a_sign_of_the_person_ends_nurturing(DatabaseProvider provider, string between, LifecycleStage becomes)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        for (var time = 1; time <= 3; time++)
        {
            if (time == 3) await ShowAsync(given, ada, between);
            await given.OpensAsync(ada, $"D-{time}");
            var handBack = await given.HandBackAsync($"D-{time}", TooEarly);
            if (time < 3) Assert.Equal(LifecycleStage.Recycled, await given.StageAsync(ada));
            if (time == 2 && between == "undone") await UndoAsync(given, handBack);
            if (time == 2 && between == "undone") await CloseAsync(given, handBack.DealId);
            given.Clock.Now = given.Clock.Now.AddDays(40);
        }
        Assert.Equal(becomes, await given.StageAsync(ada));
        await using var db = given.Open();
        Assert.Equal(becomes is LifecycleStage.Dormant ? 2 : 3, await db.Stimuli.CountAsync(one => one.Name == Stimuli.HandedBack));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Deals_handed_back_together_stand_each_for_itself(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ids = new List<Guid> { Guid.NewGuid() };
        for (var number = 0; number < 4; number++)
            ids.Add((await given.OpensAsync(await given.Contact($"p{number}@example.com"), $"D-{number}")).Id);
        await given.HandBackAsync("D-2", TooEarly);
        await using var db = given.Open();
        var many = await HandingBack.HandBackManyAsync(db, [.. ids, ids[1]], TooEarly, "sales", given.Clock.Now, default);
        Assert.Equal(3, many.Done.Count);
        Assert.Equal([ids[0], ids[3]], many.Refused.Select(one => one.DealId));
        Assert.Equal(4, await db.HandBacks.CountAsync());
        await Assert.ThrowsAsync<RuleBrokenException>(() => HandingBack.HandBackManyAsync(db, [], TooEarly, "sales", given.Clock.Now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() =>
            HandingBack.HandBackManyAsync(db, [.. Enumerable.Range(0, HandingBack.MostAtOnce + 1).Select(_ => Guid.NewGuid())], TooEarly, "sales", given.Clock.Now, default));
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite, 1000)]
    [InlineData(DatabaseProvider.PostgreSql, 200)]
    public async Task Many_hand_backs_at_once_start_as_many_flows_once_each(DatabaseProvider provider, int people)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var deals = new List<Guid>();
        foreach (var person in await given.ConsentingContactsAsync(people))
        {
            await using var db = given.Open();
            deals.Add((await DealDesk.OpenAsync(db, new NewDeal(person, null, new DealEdit("見積", null, null, null, null)), "sales", given.Clock.Now, default)).Id);
        }
        // Three salespeople press the button for all of them, while two processes work.
        var pressed = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            await using var db = given.Open();
            await HandingBack.HandBackManyAsync(db, deals, TooEarly, "sales", given.Clock.Now, default);
        }));
        await Task.WhenAll([.. pressed, given.WorkAsync(), given.Another().DrainAsync()]);
        await given.WorkAsync();
        await using var after = given.Open();
        Assert.Equal((people, people), (await after.HandBacks.CountAsync(), await after.FlowInstances.CountAsync()));
        Assert.Equal(people, await after.FlowInstances.Select(run => run.ContactId).Distinct().CountAsync());
        Assert.Equal(people, await after.Contacts.CountAsync(person => person.Stage == LifecycleStage.Recycled));
    }

    [Fact]
    public async Task What_came_of_a_talk_is_kept_in_fields_and_sets_the_next_action()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var deal = await given.OpensAsync(await given.Contact("ada@example.com"), "D-1");
        var visit = new NewInteraction(InteractionKind.Visit, InteractionStatus.Done, "定期便", "導入の決定", "前向き", "見積を送る", new DateOnly(2026, 11, 20));
        await using var db = given.Open();
        given.Clock.Now = given.Clock.Now.AddDays(3);
        await DealDesk.RecordAsync(db, deal.Id, visit, "井上", given.Clock.Now, default);
        db.ChangeTracker.Clear();
        var kept = await db.Interactions.SingleAsync();
        Assert.Equal((InteractionKind.Visit, "定期便", "導入の決定", "前向き", "井上"), (kept.Kind, kept.Proposal, kept.Aim, kept.Reaction, kept.Actor));
        var after = await db.Deals.SingleAsync();
        Assert.Equal(("見積を送る", new DateOnly(2026, 11, 20), given.Clock.Now), (after.NextAction, after.NextActionOn, after.UpdatedAt));
        foreach (var wrong in new[] { new NewInteraction(default, default, null, " ", null, null, null), visit with { NextAction = null }, visit with { Aim = new string('x', 1001) } })
            await Assert.ThrowsAsync<RuleBrokenException>(() => DealDesk.RecordAsync(db, deal.Id, wrong, "井上", given.Clock.Now, default));
    }

    private static async Task ShowAsync(Scenario given, Contact who, string what)
    {
        await using var db = given.Open();
        switch (what)
        {
            case "event":
                await given.HappensAsync(who, "page.viewed");
                break;
            case "sales-event":
                await given.HappensAsync(who, "deal.changed");
                break;
            case "purchase":
                db.Purchases.Add(new Purchase { Id = Guid.NewGuid(), Source = "shop", OrderId = "W1", Line = 1, ContactId = who.Id, Date = new DateOnly(2027, 1, 10), Product = "鮭", Category = "魚", Quantity = 1, Net = 1 });
                break;
            case "click" or "machine-click":
                db.DeliveryEvents.Add(new Marketing.Mail.Events.DeliveryEvent
                {
                    Id = Guid.NewGuid(),
                    NaturalKey = "n",
                    ContactId = who.Id,
                    Kind = "click",
                    At = given.Clock.Now,
                    ReceivedAt = given.Clock.Now,
                    Raw = "{}",
                    Machine = what == "machine-click",
                });
                break;
        }
        await db.SaveChangesAsync();
    }

    private static async Task UndoAsync(Scenario given, HandBack handBack)
    {
        await using var db = given.Open();
        await HandingBack.UndoAsync(db, handBack.Id, "sales", given.Clock.Now, default);
    }

    private static async Task CloseAsync(Scenario given, Guid deal)
    {
        await using var db = given.Open();
        await DealDesk.WinAsync(db, deal, null, "sales", given.Clock.Now, default);
    }
}

using Automation.Marketing.Contacts;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Deals;

public sealed class HandingBackTests
{
    private static readonly HandBackRequest TooEarly = new(HandBackReason.TooEarly, RevisitOn: null, "来年の予算で");

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_deal_handed_back_leaves_sales_and_tells_the_flows(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns();
        var handBack = await given.HandBackAsync("D-1", TooEarly);
        await using var db = given.Open();
        var deal = await db.Deals.SingleAsync();
        Assert.Equal((DealStatus.Recycled, null), (deal.Status, deal.RevisitOn));
        Assert.False((await db.Contacts.SingleAsync()).SalesOwned);
        var stored = await db.HandBacks.SingleAsync();
        Assert.Equal((handBack.Id, HandBackReason.TooEarly, "来年の予算で", "sales", given.Clock.Now), (stored.Id, stored.Reason, stored.Note, stored.Actor, stored.At));
        Assert.Equal(
            [(Stimuli.DatesChanged, "", ada.Id), (Stimuli.HandedBack, "too-early", ada.Id)],
            (await db.Stimuli.OrderBy(one => one.Id).ToListAsync()).Select(one => (one.Name, one.Key, one.ContactId)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_promised_date_leads_to_the_revisit_whatever_the_reason(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.Contact("ada@example.com").WhomSalesOwns();
        await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.Budget, new DateOnly(2027, 4, 1), null));
        await using var db = given.Open();
        Assert.Equal(HandingBack.Revisit, (await db.Stimuli.SingleAsync(one => one.Name == Stimuli.HandedBack)).Key);
        Assert.Equal(new DateOnly(2027, 4, 1), (await db.Deals.SingleAsync()).RevisitOn);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Another_open_deal_keeps_the_person_with_sales(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.Contact("ada@example.com").WhomSalesOwns("D-1").WhomSalesOwns("D-2");
        await given.HandBackAsync("D-1", TooEarly);
        await using var db = given.Open();
        Assert.True((await db.Contacts.SingleAsync()).SalesOwned);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Only_an_open_deal_can_be_handed_back_and_only_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.Contact("ada@example.com").WhomSalesOwns();
        await given.HandBackAsync("D-1", TooEarly);
        var refused = await Assert.ThrowsAsync<RuleBrokenException>(() => given.HandBackAsync("D-1", TooEarly));
        Assert.Contains("'D-1' is Recycled", refused.Message, StringComparison.Ordinal);
        await using var db = given.Open();
        await Assert.ThrowsAsync<RuleBrokenException>(() => HandingBack.HandBackAsync(db, Guid.NewGuid(), TooEarly, "sales", given.Clock.Now, default));
        Assert.Equal((1, 1), (await db.HandBacks.CountAsync(), await db.Stimuli.CountAsync(one => one.Name == Stimuli.HandedBack)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Several_people_who_hand_a_deal_back_at_once_hand_it_back_once(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.Contact("ada@example.com").WhomSalesOwns();
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            try
            {
                await given.HandBackAsync("D-1", TooEarly);
            }
            catch (RuleBrokenException)
            {
                Interlocked.Increment(ref refused);
            }
        })));
        Assert.Equal(5, refused);
        await using var db = given.Open();
        Assert.Equal(1, await db.HandBacks.CountAsync());
    }

    [Theory]
    [InlineData("2026-11-16", false)]   // today
    [InlineData("2026-11-15", false)]
    [InlineData("2026-11-17", true)]
    public async Task The_promised_date_must_lie_ahead(string date, bool taken)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await given.Contact("ada@example.com").WhomSalesOwns();
        var request = TooEarly with { RevisitOn = DateOnly.Parse(date, null) };
        if (taken) await given.HandBackAsync("D-1", request);
        else Assert.Contains("has already passed", (await Assert.ThrowsAsync<RuleBrokenException>(() => given.HandBackAsync("D-1", request))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_slip_is_taken_back_until_the_first_mail_has_left(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns();
        var handBack = await given.HandBackAsync("D-1", TooEarly);
        await given.ForAsync(TimeSpan.FromHours(3));
        await UndoAsync(given, handBack.Id);
        await given.ForAsync(TimeSpan.FromDays(30));
        Assert.Empty(given.MailSentTo(ada));
        await using var db = given.Open();
        Assert.Equal((DealStatus.Open, true), ((await db.Deals.SingleAsync()).Status, (await db.Contacts.SingleAsync()).SalesOwned));
        var run = await db.FlowInstances.SingleAsync();
        Assert.Equal((FlowInstanceStatus.Cancelled, "hand-back-undone"), (run.Status, run.EndReason));
        await Assert.ThrowsAsync<RuleBrokenException>(() => UndoAsync(given, handBack.Id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Once_a_mail_has_left_a_hand_back_stands(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns();
        var handBack = await given.HandBackAsync("D-1", TooEarly);
        await given.ForAsync(TimeSpan.FromDays(1));
        Assert.Single(given.MailSentTo(ada));
        await Assert.ThrowsAsync<RuleBrokenException>(() => UndoAsync(given, handBack.Id));
        await using var db = given.Open();
        Assert.Equal(DealStatus.Recycled, (await db.Deals.SingleAsync()).Status);
    }

    private static async Task UndoAsync(Scenario given, Guid handBack)
    {
        await using var db = given.Open();
        await HandingBack.UndoAsync(db, handBack, "sales", given.Clock.Now, default);
    }
}

using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Campaigns.Use;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Reports.Use;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Campaigns.Turns;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns.Use;

public sealed class MailUsesTests
{
    private static readonly DateOnly Sent = new(2026, 11, 16), Later = new(2027, 3, 1);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_broadcast_is_used_by_those_it_reached_who_bought_within_thirty_days(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var early = await given.Contact("early@example.com").WhoConsented().WhoBought(Sent.AddDays(-1)).WhoBought(Sent.AddDays(-364)).WhoBought(Sent.AddDays(-365));
        var first = await given.Contact("first@example.com").WhoConsented().WhoBought(Sent).WhoBought(Sent.AddDays(3));
        var last = await given.Contact("last@example.com").WhoConsented().WhoBought(Sent.AddDays(30));
        await given.Contact("late@example.com").WhoConsented().WhoBought(Sent.AddDays(31));
        await given.Contact("returned@example.com").WhoConsented().WhoBought(Sent, net: -100);
        await given.Contact("unasked@example.com").WhoBought(Sent);
        var id = await TurnsTests.CreateAsync(given, BroadcastOptions.None);
        await given.WorkAsync();
        await using var db = given.Open();
        var use = await MailUses.OfBroadcastAsync(db, id, Later, default);
        // Of the year up to 1 March: the orders of 17 November on, and those after the mail.
        Assert.Equal(new BroadcastUse(new MailUse(5, 5, 2, 4, 5), Sent, Later), use);
        Assert.Equal((0.4, 1.25, true), (use!.Use.Probability, use.Use.Frequency, use.IsOver));
        // As it stood that day: 364 days before still lie in the year, 365 do not.
        Assert.Equal(new MailUse(5, 5, 1, 2, 3), (await MailUses.OfBroadcastAsync(db, id, Sent, default))!.Use);
        Assert.Equal(new[] { first.Id, last.Id }.Order(), (await UseRows.OfBroadcastAsync(db, id, UseFigure.Bought, Later, 0, 50, default)).Select(row => row.ContactId).Order());
        Assert.Equal(5, (await UseRows.OfBroadcastAsync(db, id, UseFigure.Reached, Later, 0, 50, default)).Count);
        var active = await UseRows.OfBroadcastAsync(db, id, UseFigure.Active, Sent, 0, 50, default);
        Assert.Equal("2", Assert.Single(active, row => row.ContactId == early.Id).Detail);
        Assert.Null(await MailUses.OfBroadcastAsync(db, Guid.NewGuid(), Later, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_year_before_is_looked_at_as_far_on_as_this_one_is(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: Scenario.Monday.AddYears(-1));
        await given.Contact("ada@example.com").WhoConsented().WhoBought(Sent.AddYears(-1).AddDays(2)).WhoBought(Sent.AddDays(1));
        await given.Contact("eve@example.com").WhoConsented().WhoBought(Sent.AddYears(-1).AddDays(20));
        var before = await TurnsTests.CreateAsync(given, BroadcastOptions.None);
        await given.WorkAsync();
        given.Clock.Now = Scenario.Monday;
        var now = await TurnsTests.CreateAsync(given, BroadcastOptions.None);
        await given.WorkAsync();
        await using var db = given.Open();
        foreach (var (id, year) in new[] { (before, 2025), (now, 2026) })
        {
            db.Occurrences.Add(new Occurrence { Id = Guid.NewGuid(), Key = "opening", Year = year, Title = "解禁", When = "11-16", Audience = "{}", Template = "newsletter/monthly", State = OccurrenceState.Launched, BroadcastId = id });
        }
        await db.SaveChangesAsync();
        foreach (var (elapsed, bought) in new[] { (1, 0), (2, 1), (19, 1), (20, 2), (300, 2) })
        {
            var own = (await MailUses.OfBroadcastAsync(db, now, Sent.AddDays(elapsed), default))!;
            Assert.Equal((2, 1), (own.Use.Reached, own.Use.Bought));
            var past = (await MailUses.YearBeforeAsync(db, now, own, default))!;
            Assert.Equal((Sent.AddYears(-1), bought), (past.First, past.Use.Bought));
        }
        Assert.Null(await MailUses.YearBeforeAsync(db, before, (await MailUses.OfBroadcastAsync(db, before, Later, default))!, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Approaches_are_counted_by_people_and_stand_beside_a_year_before(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: Scenario.Monday.AddYears(-1));
        var ada = await given.Contact("ada@example.com").WhoConsented().WhoBought(Sent.AddYears(-1)).WhoBought(Sent.AddDays(30)).WhoBought(Sent.AddDays(31));
        var eve = await given.Contact("eve@example.com").WhoConsented().WhoBought(Sent.AddDays(-5));
        await given.SentAsync(given.Mail(ada, Approach.A2));
        given.Clock.Now = Scenario.Monday;
        await given.SentAsync(given.Mail(ada, Approach.A2));
        await given.SentAsync(given.Mail(ada, Approach.A2));
        await given.SentAsync(given.Mail(eve, Approach.A2));
        await given.SentAsync(given.Mail(eve, Approach.A3));
        await given.SentAsync(given.OrderMail(eve));
        await using var db = given.Open();
        var approaches = await MailUses.ByApproachAsync(db, Sent, Sent, Later, default);
        Assert.Equal([Approach.A1, Approach.A2, Approach.A3], approaches.Select(one => one.Approach));
        Assert.Equal((MailUse.None, MailUse.None), (approaches[0].Now, approaches[0].Before));
        // The year of frequency ends with the days that are asked about.
        Assert.Equal((new MailUse(3, 2, 1, 1, 1), new MailUse(1, 1, 1, 1, 1)), (approaches[1].Now, approaches[1].Before));
        Assert.Equal((new MailUse(1, 1, 0, 1, 1), MailUse.None), (approaches[2].Now, approaches[2].Before));
        Assert.All(approaches, one => Assert.Null(one.Beside));
        foreach (var approach in approaches)
        {
            foreach (var (figure, count) in new[] { (UseFigure.Reached, approach.Now.Reached), (UseFigure.Bought, approach.Now.Bought), (UseFigure.Active, approach.Now.Active) })
                Assert.Equal(count, (await UseRows.OfApproachAsync(db, approach.Approach, Sent, Sent, figure, Later, 0, 50, default)).Count);
        }
        Assert.Equal("2026-12-16", Assert.Single(await UseRows.OfApproachAsync(db, Approach.A2, Sent, Sent, UseFigure.Bought, Later, 0, 50, default)).Detail);
        Assert.All(await MailUses.ByApproachAsync(db, Sent.AddDays(1), Sent.AddDays(9), Later, default), one => Assert.Equal(MailUse.None, one.Now));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Over_all_mailings_the_held_out_are_compared_mailing_by_mailing(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.ConsentingContactsAsync(400);
        await TurnsTests.CreateAsync(given, new BroadcastOptions(HoldOutPercent: 50));
        await TurnsTests.CreateAsync(given, new BroadcastOptions(HoldOutPercent: 10));
        await TurnsTests.CreateAsync(given, BroadcastOptions.None);
        await given.WorkAsync();
        await using var db = given.Open();
        var people = await db.Contacts.Select(one => one.Id).OrderBy(id => id).ToListAsync();
        db.Purchases.AddRange(people.Where((_, at) => at % 3 == 0).Select(id => new Purchase { Id = Guid.NewGuid(), Source = "shop", OrderId = id.ToString("N"), Line = 1, ContactId = id, Date = Sent.AddDays(2), Quantity = 1, Net = 100 }));
        await db.SaveChangesAsync();
        var approach = (await db.Broadcasts.FirstAsync()).Approach;
        var beside = (await MailUses.ByApproachAsync(db, Sent, Sent.AddDays(5), Later, default)).Single(one => one.Approach == approach).Beside!;
        var mailings = new List<HoldOutComparison>();
        foreach (var broadcast in await db.Broadcasts.ToListAsync())
        {
            if ((await BroadcastReport.OfAsync(db, broadcast, default))?.HoldOut is { HeldOut: > 0 } one) mailings.Add(one);
        }
        Assert.Equal((2, mailings.Sum(one => one.For), mailings.Sum(one => one.HeldOut)), (beside.Mailings, beside.For, beside.HeldOut));
        var all = (double)beside.For;
        Assert.Equal(mailings.Sum(one => one.For / all * (((double)one.Bought / one.For) - ((double)one.HeldOutBought / one.HeldOut))), beside.Difference, 12);
        var variance = mailings.Sum(one => Math.Pow(one.For / all, 2) * ((one.Share * (1 - one.Share) / one.For) + (one.HeldOutShare * (1 - one.HeldOutShare) / one.HeldOut)));
        Assert.Equal(1.959964 * Math.Sqrt(variance), beside.Margin, 12);
        Assert.Equal((true, 1), (beside.For + beside.HeldOut < 1_000 != beside.IsEnough, (int)beside.Frequency!.Value));
    }

    [Fact]
    public void A_mailing_without_people_on_both_sides_compares_nothing()
    {
        Assert.Null(UseBeside.Of([new HoldOutComparison(30, 100, 3, 0, 0), new HoldOutComparison(30, 0, 0, 9, 1)], 2));
        Assert.False(UseBeside.Of([new HoldOutComparison(30, 900, 90, 99, 3)], 2)!.IsEnough);
        Assert.True(UseBeside.Of([new HoldOutComparison(30, 900, 90, 100, 3)], 2)!.IsEnough);
    }
}

using Automation.Marketing.Deals;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Deals;

/// <summary>"Contact me again on that day": selling rests until D−14, the owner's task is D−7, the mail D−3.</summary>
public sealed class PromiseTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [InlineData(DatabaseProvider.Sqlite, "2027-05-20", "2027-05-06", "2027-05-13", "2027-05-17")]
    [InlineData(DatabaseProvider.PostgreSql, "2027-05-20", "2027-05-06", "2027-05-13", "2027-05-17")]
    [InlineData(DatabaseProvider.Sqlite, "2027-03-05", "2027-02-19", "2027-02-26", "2027-03-02")]    // over the end of February
    [InlineData(DatabaseProvider.Sqlite, "2028-03-05", "2028-02-20", "2028-02-28", "2028-03-02")]    // of a leap year; D−7 is a Sunday
    [InlineData(DatabaseProvider.Sqlite, "2027-01-08", "2026-12-25", "2027-01-04", "2027-01-05")]    // D−7 is New Year's Day, a Friday
    [InlineData(DatabaseProvider.Sqlite, "2027-05-10", "2027-04-26", "2027-05-06", "2027-05-07")]    // in the Golden Week
    public async Task Selling_rests_then_the_owner_and_then_the_person_hear_of_it(DatabaseProvider provider, string day, string selling, string task, string mail)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns();
        await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.TooEarly, DateOnly.Parse(day, null), null));
        var (early, skip, seasonal) = (given.Mail(ada, validFor: TimeSpan.FromDays(900)), given.Mail(ada, overCap: OverCap.Skip), given.Mail(ada, Approach.A3));
        var asked = await given.AskAsync(early, skip, seasonal);
        Assert.Equal([(MessageState.Deferred, Rules.Revisit), (MessageState.Skipped, Rules.Revisit), (MessageState.Queued, "")], asked.Select(outcome => (outcome.State, outcome.Rule)));
        Assert.Equal(Midnight(selling), (await given.MessageAsync(early.Identity)).DueAt);
        await given.UntilAsync(Midnight(mail).AddHours(10).AddSeconds(-1));
        Assert.DoesNotContain("nurture/revisit", given.MailSentTo(ada));
        await using (var db = given.Open())
        {
            var due = await db.Tasks.SingleAsync();
            Assert.Equal((DateOnly.Parse(task, null), "小島 里奈"), (due.DueOn, due.Owner));
            Assert.Equal(Midnight(day).AddDays(-7).AddHours(10), due.CreatedAt);
        }
        await given.UntilAsync(Midnight(mail).AddHours(10));
        Assert.Equal(1, given.MailSentTo(ada).Count(template => template == "nurture/revisit"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Another_day_moves_all_three(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var deal = await given.OpensAsync(ada, "D-1");
        await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.TooEarly, new DateOnly(2027, 5, 20), null));
        await given.ForAsync(TimeSpan.FromDays(10));
        await given.MovesRevisitAsync(deal, new DateOnly(2027, 3, 11));
        var mail = given.Mail(ada, validFor: TimeSpan.FromDays(900));
        await given.AskAsync(mail);
        Assert.Equal(Midnight("2027-02-25"), (await given.MessageAsync(mail.Identity)).DueAt);
        await given.UntilAsync(Midnight("2027-03-20"));
        await using var db = given.Open();
        Assert.Equal(new DateOnly(2027, 3, 4), (await db.Tasks.SingleAsync()).DueOn);
        var sent = Assert.Single(await given.MessagesAsync(ada), message => message.Template == "nurture/revisit");
        Assert.Equal(Midnight("2027-03-08").AddHours(10), sent.SentAt);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_day_moved_after_the_owner_was_told_brings_a_new_task_and_one_mail(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var deal = await given.OpensAsync(ada, "D-1");
        await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.TooEarly, new DateOnly(2027, 3, 11), null));
        await given.UntilAsync(Midnight("2027-03-05"));
        await given.MovesRevisitAsync(deal, new DateOnly(2027, 6, 17));
        await given.UntilAsync(Midnight("2027-07-01"));
        await using var db = given.Open();
        Assert.Equal([new DateOnly(2027, 3, 4), new DateOnly(2027, 6, 10)], await db.Tasks.OrderBy(task => task.DueOn).Select(task => task.DueOn).ToListAsync());
        Assert.Equal(["nurture/revisit"], given.MailSentTo(ada));
    }

    [Theory]
    [InlineData("won", null)]
    [InlineData("opened", null)]
    public async Task A_deal_that_comes_back_to_life_needs_no_reminder(string what, string? mailed)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await given.PublishShippedFlowsAsync();
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.OpensAsync(ada, "D-1");
        await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.TooEarly, new DateOnly(2027, 3, 11), null));
        await given.ForAsync(TimeSpan.FromDays(20));
        var again = await given.OpensAsync(ada, "D-2");
        if (what == "won") await given.WinsAsync(again);
        await given.UntilAsync(Midnight("2027-04-01"));
        Assert.Equal(mailed, given.MailSentTo(ada).SingleOrDefault());
        await using var db = given.Open();
        Assert.Equal(0, await db.Tasks.CountAsync());
    }

    [Fact]
    public async Task A_day_can_be_moved_only_where_one_is_agreed_and_only_ahead()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        var deal = await given.OpensAsync(await given.Contact("ada@example.com"), "D-1");
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.MovesRevisitAsync(deal, new DateOnly(2027, 3, 11)));
        await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.TooEarly, new DateOnly(2027, 3, 11), null));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.MovesRevisitAsync(deal, new DateOnly(2026, 11, 16)));
        await Assert.ThrowsAsync<RuleBrokenException>(() => given.MovesRevisitAsync(deal, new DateOnly(2099, 1, 1)));
        await using var db = given.Open();
        Assert.Equal(new DateOnly(2027, 3, 11), (await db.Deals.SingleAsync()).RevisitOn);
    }

    private static DateTimeOffset Midnight(string day) => new(DateOnly.Parse(day, null).ToDateTime(TimeOnly.MinValue), TimeSpan.FromHours(9));
}

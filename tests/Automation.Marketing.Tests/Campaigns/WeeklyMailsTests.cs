using Automation.Marketing.Accounts;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Campaigns.Weekly;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns;

public sealed class WeeklyMailsTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_chosen_members_get_it_on_monday_at_eight_of_the_shop_once_whatever_processes_run(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: At(16, 7, 59));
        await TeamAsync(given, on: true);
        Assert.Equal(0, await Mails(given).SendDueAsync(default));
        given.Clock.Now = At(16, 8, 0);
        var sent = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Mails(given).SendDueAsync(default))));
        Assert.Equal(1, sent.Sum());
        Assert.Equal("ada@example.com", Assert.Single(given.Provider.Attempts).Personalizations.Single().To.Single().Email);
        given.Clock.Now = At(16, 23, 0);
        Assert.Equal(0, await Mails(given).SendDueAsync(default));
        given.Clock.Now = At(23, 9, 0);
        Assert.Equal(1, await Mails(given).SendDueAsync(default));
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public async Task After_a_standstill_it_goes_late_that_day_and_not_on_another(int day, bool goes)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: At(day, 15, 0));
        await TeamAsync(given, on: true);
        Assert.Equal(goes ? 1 : 0, await Mails(given).SendDueAsync(default));
    }

    [Fact]
    public async Task Switched_off_nobody_gets_it()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: At(16, 8, 0));
        await TeamAsync(given, on: false);
        Assert.Equal(0, await Mails(given).SendDueAsync(default));
    }

    [Fact]
    public async Task Put_off_by_the_provider_it_is_asked_for_again_and_an_unknown_outcome_is_not()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: At(16, 8, 0));
        await TeamAsync(given, on: true);
        given.Provider.Answers(new SendResult.TryLater(TimeSpan.FromMinutes(1), "busy", WholeKey: false));
        Assert.Equal(0, await Mails(given).SendDueAsync(default));
        given.Provider.Answers(new SendResult.Unknown("no answer"));
        Assert.Equal(0, await Mails(given).SendDueAsync(default));
        given.Provider.Accepts();
        Assert.Equal(0, await Mails(given).SendDueAsync(default));
        Assert.Equal(2, given.Provider.Attempts.Count);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task It_tells_what_comes_what_was_kept_back_and_which_orders_followed(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: At(10, 10, 0));
        var ada = await given.Contact("ada@example.com").WhoConsented().WhoBought(new DateOnly(2026, 11, 12), net: 9_000).WhoBought(new DateOnly(2026, 11, 8));
        await given.Contact("bob@example.com").WhoUnsubscribed().WhoBought(new DateOnly(2026, 11, 12));
        await BroadcastAsync(given, "past", null);
        await given.WorkAsync();
        await BroadcastAsync(given, "coming", At(18, 10, 0));
        await BroadcastAsync(given, "later", At(24, 10, 0));
        await using var db = given.Open();
        var summary = await WeeklySummary.OfAsync(db, new DateOnly(2026, 11, 16), default);
        Assert.Equal([("coming", 2, true)], summary.Coming.Select(one => (one.Title, one.People, one.IsApproved)));
        Assert.Equal(1, summary.Sent);
        Assert.Equal([("consent-withdrawn", 1)], summary.NotSent);
        Assert.Equal(new FollowedOrders(1, 1, 9_000), summary.Orders);
        Assert.Single(given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Orders_that_followed_a_card_count_and_a_template_that_was_not_welcome_is_named(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: At(10, 10, 0));
        await given.Contact(null).With(one => one.Address = "福井市1-1").WhoBought(new DateOnly(2026, 11, 12), net: 7_000);
        await given.ConsentingContactsAsync(WelcomeScore.LeastMails);
        await using var db = given.Open();
        var broadcast = given.Workers.Broadcasts.Create(db, new NewBroadcast("cards", "newsletter/monthly", new Audience()) { Options = new BroadcastOptions(OnPaper: true) }, "ada", given.Clock.Now);
        await db.SaveChangesAsync();
        await given.WorkAsync();
        Assert.Equal(new FollowedOrders(0, 0, 0), (await WeeklySummary.OfAsync(db, new DateOnly(2026, 11, 16), default)).Orders);
        Assert.Equal(1, await PaperLists.DoneAsync(db, broadcast.Id, PaperWay.Post, one: null, "ada", given.Clock.Now, default));
        await given.ReportedAsync(given.Event("spamreport", await db.OutboxMessages.AsNoTracking().FirstAsync()));

        var summary = await WeeklySummary.OfAsync(db, new DateOnly(2026, 11, 16), default);
        Assert.Equal(new FollowedOrders(1, 1, 7_000), summary.Orders);
        Assert.Equal("newsletter/monthly", Assert.Single(summary.Unwelcome).Template);
        // A week in which nothing of it was or will be mailed says nothing of it.
        Assert.Empty((await WeeklySummary.OfAsync(db, new DateOnly(2026, 11, 23), default)).Unwelcome);
    }

    private static DateTimeOffset At(int day, int hour, int minute) => new(2026, 11, day, hour, minute, 0, TimeSpan.FromHours(9));

    private static WeeklyMails Mails(Scenario given) => new(given.Databases, given.Provider, new PlainWriter(), given.Clock);

    private static async Task TeamAsync(Scenario given, bool on)
    {
        await using var db = given.Open();
        var users = new[] { ("ada", "ada@example.com"), ("bob", null), ("eve", "eve@example.com") }
            .Select(one => new User { Id = Guid.NewGuid(), UserName = one.Item1, DisplayName = one.Item1, Email = one.Item2, Role = "viewer", PasswordHash = "x", CreatedAt = given.Clock.Now }).ToList();
        db.Users.AddRange(users);
        await db.SaveChangesAsync();
        await WeeklyMails.SaveAsync(db, new WeeklyMailSetting(on, [users[0].Id, users[1].Id]), "ada", given.Clock.Now, default);
    }

    private static async Task BroadcastAsync(Scenario given, string name, DateTimeOffset? at)
    {
        await using var db = given.Open();
        given.Workers.Broadcasts.Create(db, new NewBroadcast(name, "newsletter/monthly", new Audience(), at), "ada", given.Clock.Now);
        await db.SaveChangesAsync();
    }

    private sealed class PlainWriter : IWeeklyMailWriter
    {
        public RenderedMail Write(WeeklySummary summary, ShopIdentity shop) => new($"{summary.Monday}", "<p>x</p>", "x");
    }
}

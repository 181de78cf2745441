using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.ReadyMade;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Journeys.ReadyMade;

public sealed class ReadyMadeFlowTests
{
    [Fact]
    public async Task A_welcome_sends_its_mails_in_their_row_to_whom_it_is_meant_for()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await PublishedAsync(given, new WelcomeFlow("Welcome", "order.placed", true, "newsletter.subscribed", "新\"規\\", null, [new("welcome/day-0", 0), new("welcome/day-3", 3), new("welcome/day-7", 4)]));
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented().Tagged("新\"規\\"), await given.Contact("bob@example.com").WhoConsented());
        foreach (var one in new[] { ada, bob }) await given.HappensAsync(one, "newsletter.subscribed");
        await given.ForAsync(TimeSpan.FromDays(3));
        Assert.Equal(["welcome/day-0", "welcome/day-3"], given.MailSentTo(ada));
        await given.ForAsync(TimeSpan.FromDays(10));
        Assert.Equal(["welcome/day-0", "welcome/day-3", "welcome/day-7"], given.MailSentTo(ada));
        Assert.Empty(given.MailSentTo(bob));
    }

    [Theory]
    [InlineData(HandBackReason.Budget, "nurture/budget")]
    [InlineData(HandBackReason.TooEarly, "nurture/too-early")]
    public async Task A_hand_back_gets_the_mail_of_its_reason_on_the_next_working_day_and_one_more_later(HandBackReason reason, string template)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await PublishedAsync(given, new HandBackFlow(
            "Back", "quote.requested", true, new Dictionary<HandBackReason, string> { [HandBackReason.TooEarly] = "nurture/too-early", [HandBackReason.Budget] = "nurture/budget" }, "11:30",
            new MailInRow("nurture/follow-up", 21), TellOwner: true));
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns("D-1");
        await given.HandBackAsync("D-1", new HandBackRequest(reason, null, null));
        await given.UntilAsync(Scenario.Monday.AddDays(1).AddHours(1));
        Assert.Empty(given.MailSentTo(ada));
        await given.UntilAsync(Scenario.Monday.AddDays(1).AddHours(1.5));
        Assert.Equal([template], given.MailSentTo(ada));
        await given.ForAsync(TimeSpan.FromDays(22));
        Assert.Equal([template, "nurture/follow-up"], given.MailSentTo(ada));
    }

    [Fact]
    public async Task A_season_mail_leaves_so_many_days_before_its_day_to_its_audience()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        await SeasonCalendar.LoadAsync(
            db, new CalendarFile("test", [new CalendarFile.AnchorRow("漁期終了", "explicit", new Dictionary<string, string> { ["2027"] = "2027-03-20" })], []), given.Clock.Now, default);
        await PublishedAsync(given, new SeasonFlow("Season", "order.placed", true, "漁期終了", 21, "10:00", new Audience(Tags: ["かに"]), "season/crab-last-call", 14));
        var (ada, bob) = (await given.Contact("ada@example.com").WhoConsented().Tagged("かに"), await given.Contact("bob@example.com").WhoConsented());
        await given.UntilAsync(new DateTimeOffset(2027, 2, 27, 9, 59, 0, TimeSpan.FromHours(9)));
        Assert.Empty(given.MailSentTo(ada));
        await given.UntilAsync(new DateTimeOffset(2027, 2, 27, 12, 0, 0, TimeSpan.FromHours(9)));
        Assert.Equal(["season/crab-last-call"], given.MailSentTo(ada));
        Assert.Empty(given.MailSentTo(bob));
    }

    [Fact]
    public async Task A_second_season_mail_closer_to_the_day_goes_only_to_whoever_did_not_react()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await SeasonAsync(given);
        var (quiet, clicker, buyer) = (await given.Contact("quiet@example.com").WhoConsented(), await given.Contact("clicker@example.com").WhoConsented(), await given.Contact("buyer@example.com").WhoConsented());
        await given.UntilAsync(new DateTimeOffset(2027, 2, 28, 12, 0, 0, TimeSpan.FromHours(9)));
        await given.HappensAsync(clicker, "mail.clicked", new { template = "season/crab-last-call" });
        await given.HappensAsync(buyer, "order.placed");
        await given.UntilAsync(new DateTimeOffset(2027, 3, 10, 9, 59, 0, TimeSpan.FromHours(9)));
        Assert.Equal(["season/crab-last-call"], given.MailSentTo(quiet));
        await given.UntilAsync(new DateTimeOffset(2027, 3, 25, 12, 0, 0, TimeSpan.FromHours(9)));
        Assert.Equal(["season/crab-last-call", "season/crab-opening"], given.MailSentTo(quiet));
        Assert.Equal([1, 1], new[] { clicker, buyer }.Select(person => given.MailSentTo(person).Count));
    }

    [Theory]
    [InlineData("2027-03-01 12:00")]
    [InlineData("2027-03-09 10:30")]
    [InlineData("2027-03-10 09:59")]
    public async Task A_click_or_a_reply_until_the_last_minute_keeps_the_second_season_mail_away(string clicked)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await SeasonAsync(given);
        var (quiet, clicker, writer, elsewhere) = (
            await given.Contact("quiet@example.com").WhoConsented(), await given.Contact("clicker@example.com").WhoConsented(),
            await given.Contact("writer@example.com").WhoConsented(), await given.Contact("elsewhere@example.com").WhoConsented());
        await given.UntilAsync(Tokyo(clicked));
        await given.HappensAsync(clicker, "mail.clicked", new { template = "season/crab-last-call" });
        await given.HappensAsync(writer, "mail.replied");
        await given.HappensAsync(elsewhere, "mail.clicked", new { template = "newsletter/monthly" });
        await given.UntilAsync(Tokyo("2027-03-25 12:00"));
        Assert.Equal([2, 1, 1, 2], new[] { quiet, clicker, writer, elsewhere }.Select(person => given.MailSentTo(person).Count));
    }

    [Fact]
    public async Task A_click_while_the_second_season_mail_waits_for_its_limit_withdraws_it()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, new SendingPolicy(1, [new CapRule("week", 1, CapPeriod.Rolling, TimeSpan.FromDays(7))], null, Quiet: null));
        await SeasonAsync(given);
        var (clicker, quiet) = (await given.Contact("clicker@example.com").WhoConsented(), await given.Contact("quiet@example.com").WhoConsented());
        await given.UntilAsync(Tokyo("2027-03-08 10:00"));
        foreach (var person in new[] { clicker, quiet }) await given.AskAsync(given.Mail(person));
        await given.UntilAsync(Tokyo("2027-03-12 10:00"));
        await given.HappensAsync(clicker, "mail.clicked", new { template = "season/crab-last-call" });
        await given.UntilAsync(Tokyo("2027-03-25 12:00"));
        Assert.Equal(["season/crab-last-call", "welcome/day-3"], given.MailSentTo(clicker));
        Assert.Equal(["season/crab-last-call", "welcome/day-3", "season/crab-opening"], given.MailSentTo(quiet));
    }

    [Theory]
    [InlineData("2027-03-02 10:00", 2)]
    [InlineData("2027-03-08 20:00", 1)]
    public async Task A_first_season_mail_that_was_late_leaves_room_before_the_second_or_stays_the_only_one(string freeFrom, int mails)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, new SendingPolicy(1, [new CapRule("ten-days", 1, CapPeriod.Rolling, TimeSpan.FromDays(10))], null, Quiet: null));
        await SeasonAsync(given);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.UntilAsync(Tokyo(freeFrom).AddDays(-10));
        await given.AskAsync(given.Mail(ada));
        await given.UntilAsync(Tokyo("2027-03-25 12:00"));
        Assert.Equal(1 + mails, given.MailSentTo(ada).Count);
    }

    [Fact]
    public async Task Thanks_are_said_some_days_after_an_order_and_not_twice_in_the_pause()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await PublishedAsync(given, new ThanksFlow("Thanks", null, false, "order.placed", null, null, 10, "care/thanks-after-purchase", 60));
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "order.placed");
        await given.ForAsync(TimeSpan.FromDays(11));
        Assert.Equal(["care/thanks-after-purchase"], given.MailSentTo(ada));
        await given.HappensAsync(ada, "order.placed", id: "second");
        await given.ForAsync(TimeSpan.FromDays(20));
        Assert.Single(given.MailSentTo(ada));
        await given.ForAsync(TimeSpan.FromDays(40));
        await given.HappensAsync(ada, "order.placed", id: "third");
        await given.ForAsync(TimeSpan.FromDays(11));
        Assert.Equal(2, given.MailSentTo(ada).Count);
    }

    // A mail 21 days before the 20th of March, a second one 10 days before: on the 10th.
    private static async Task SeasonAsync(Scenario given)
    {
        await using (var db = given.Open())
        {
            await SeasonCalendar.LoadAsync(
                db, new CalendarFile("test", [new CalendarFile.AnchorRow("漁期終了", "explicit", new Dictionary<string, string> { ["2027"] = "2027-03-20" })], []), given.Clock.Now, default);
        }
        await PublishedAsync(given, new SeasonFlow("Season", "order.placed", true, "漁期終了", 21, "10:00", new Audience(), "season/crab-last-call", 14, new MailInRow("season/crab-opening", 10)));
    }

    private static DateTimeOffset Tokyo(string local) =>
        new(DateTime.ParseExact(local, "yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromHours(9));

    private static async Task PublishedAsync(Scenario given, ReadyMadeFlow flow)
    {
        await using var db = given.Open();
        var draft = await given.Workers.Flows.SaveDraftAsync(db, new FlowDraft(flow.ToJson(), FromFile: true), "ada", given.Clock.Now, default);
        var publication = await given.Workers.Flows.PublishAsync(db, draft.DefinitionId, "ada", given.Clock.Now, default);
        Assert.True(publication.Published, string.Join("; ", publication.Findings));
        Assert.Empty(publication.Findings);
    }
}

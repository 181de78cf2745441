using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Journeys;

/// <summary>What people go through in the flows as shipped.</summary>
public sealed class ShippedFlowTests
{
    private static readonly DateTimeOffset FridayAfternoon = new(2026, 11, 13, 15, 0, 0, TimeSpan.FromHours(9));

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_new_lead_who_does_not_click_gets_the_three_welcome_mails_in_a_week(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider, SendingPolicy.Shop);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(3) - TimeSpan.FromSeconds(1));
        Assert.Equal(["welcome/day-0"], given.MailSentTo(ada));
        await given.ForAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["welcome/day-0", "welcome/day-3"], given.MailSentTo(ada));
        await given.ForAsync(TimeSpan.FromDays(4) - TimeSpan.FromSeconds(1));
        Assert.Equal(2, given.MailSentTo(ada).Count);
        await given.ForAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["welcome/day-0", "welcome/day-3", "welcome/day-7"], given.MailSentTo(ada));
        await given.ForAsync(TimeSpan.FromDays(60));
        Assert.Equal(3, given.MailSentTo(ada).Count);
        Assert.Equal((FlowInstanceStatus.Finished, ""), await RunAsync(given, "welcome"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_new_lead_who_clicks_gets_what_she_showed_interest_in_and_is_filed_under_it(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider, SendingPolicy.Shop);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(4));
        var mails = await given.MessagesAsync(ada);
        // A click in another mail is not the one that is waited for.
        await given.ReportedAsync(given.Event("click", mails[0], ("url", "https://shop.example.com/a")));
        await given.ForAsync(TimeSpan.FromHours(1));
        await given.ReportedAsync(given.Event("click", mails[1], ("url", "https://shop.example.com/b")));
        await given.ForAsync(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        Assert.Equal(2, given.MailSentTo(ada).Count);
        await given.ForAsync(TimeSpan.FromDays(30));
        Assert.Equal(["welcome/day-0", "welcome/day-3", "welcome/clicked"], given.MailSentTo(ada));
        await using var db = given.Open();
        Assert.Equal("関心あり", (await db.ContactTags.SingleAsync()).Tag);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_lead_at_night_is_welcomed_in_the_morning(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider, SendingPolicy.Shop, new DateTimeOffset(2026, 11, 16, 23, 0, 0, TimeSpan.FromHours(9)));
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(1));
        var welcome = (await given.MessagesAsync(ada))[0];
        var opening = new DateTimeOffset(2026, 11, 17, 8, 0, 0, TimeSpan.FromHours(9));
        Assert.InRange(welcome.SentAt!.Value, opening, opening.AddMinutes(30));
        // The next one counts from the real send.
        await given.UntilAsync(welcome.SentAt.Value.AddDays(3));
        Assert.Equal(["welcome/day-0", "welcome/day-3"], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_orders_has_reached_the_goal_and_is_welcomed_no_more(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(1));
        await given.HappensAsync(ada, "order.placed", Order("W1"));
        await given.ForAsync(TimeSpan.FromDays(30));
        Assert.Equal(["welcome/day-0", "transactional/order-received", "care/thanks-after-purchase"], given.MailSentTo(ada));
        Assert.Equal((FlowInstanceStatus.Cancelled, "goal"), await RunAsync(given, "welcome"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_complaint_takes_a_person_out(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.WorkAsync();
        await given.HappensAsync(ada, "complaint.opened");
        await given.ForAsync(TimeSpan.FromDays(30));
        Assert.Single(given.MailSentTo(ada));
        Assert.Equal((FlowInstanceStatus.Cancelled, "exit-rule"), await RunAsync(given, "welcome"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_unsubscribes_leaves_the_marketing_flows_and_still_hears_of_orders(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(1));
        await given.UnsubscribeAsync(ada);
        await given.ForAsync(TimeSpan.FromDays(1));
        Assert.Equal((FlowInstanceStatus.Cancelled, "unsubscribed"), await RunAsync(given, "welcome"));
        await given.HappensAsync(ada, "order.placed", Order("W1"));
        await given.ForAsync(TimeSpan.FromDays(30));
        Assert.Equal(["welcome/day-0", "transactional/order-received"], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_person_is_welcomed_once_in_a_life(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        for (var time = 0; time < 3; time++)
        {
            await given.HappensAsync(ada, "lead.created");
            await given.HappensAsync(ada, "lead.created");
            await given.ForAsync(TimeSpan.FromDays(40));
        }
        Assert.Equal(["welcome/day-0", "welcome/day-3", "welcome/day-7"], given.MailSentTo(ada));
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite, HandBackReason.TooEarly, "nurture/too-early")]
    [InlineData(DatabaseProvider.Sqlite, HandBackReason.Budget, "nurture/budget")]
    [InlineData(DatabaseProvider.Sqlite, HandBackReason.Competitor, "nurture/competitor")]
    [InlineData(DatabaseProvider.Sqlite, HandBackReason.NoContact, "nurture/no-contact")]
    [InlineData(DatabaseProvider.PostgreSql, HandBackReason.Budget, "nurture/budget")]
    [InlineData(DatabaseProvider.PostgreSql, HandBackReason.NoContact, "nurture/no-contact")]
    public async Task A_hand_back_is_nurtured_by_its_reason_from_the_next_working_morning(DatabaseProvider provider, HandBackReason reason, string template)
    {
        await using var given = await ShopAsync(provider, SendingPolicy.Shop, FridayAfternoon);
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns();
        await given.HandBackAsync("D-1", new HandBackRequest(reason, null, null));
        var mondayMorning = new DateTimeOffset(2026, 11, 16, 10, 0, 0, TimeSpan.FromHours(9));
        await given.UntilAsync(mondayMorning.AddSeconds(-1));
        Assert.Empty(given.MailSentTo(ada));
        await given.UntilAsync(mondayMorning);
        Assert.Equal([template], given.MailSentTo(ada));
        await given.ForAsync(TimeSpan.FromDays(21));
        Assert.Equal([template, "nurture/follow-up"], given.MailSentTo(ada));
        await given.ReportedAsync(given.Event("click", (await given.MessagesAsync(ada))[1], ("url", "https://shop.example.com")));
        await given.WorkAsync();
        await using var db = given.Open();
        var notice = await db.Notices.SingleAsync();
        Assert.Equal(("小島 里奈", ada.Id), (notice.Owner, notice.ContactId));
    }

    [Theory]
    [InlineData(HandBackReason.NoFit)]
    [InlineData(HandBackReason.Duplicate)]
    public async Task What_does_not_fit_or_is_double_is_not_nurtured(HandBackReason reason)
    {
        await using var given = await ShopAsync(DatabaseProvider.Sqlite);
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns();
        await given.HandBackAsync("D-1", new HandBackRequest(reason, null, null));
        await given.ForAsync(TimeSpan.FromDays(60));
        Assert.Empty(given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_promised_date_brings_the_owner_a_task_and_the_person_a_mail_in_time(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider, SendingPolicy.Shop, FridayAfternoon);
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns();
        await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.Budget, new DateOnly(2027, 5, 20), null));
        var weekBefore = new DateTimeOffset(2027, 5, 13, 10, 0, 0, TimeSpan.FromHours(9));
        await given.UntilAsync(weekBefore.AddSeconds(-1));
        Assert.Equal(0, await TasksAsync(given));
        await given.UntilAsync(weekBefore);
        Assert.Equal(1, await TasksAsync(given));
        await given.UntilAsync(weekBefore.AddDays(4).AddSeconds(-1));
        Assert.Empty(given.MailSentTo(ada));
        await given.UntilAsync(weekBefore.AddDays(4));
        Assert.Equal(["nurture/revisit"], given.MailSentTo(ada));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_deal_opened_again_before_the_promised_date_needs_no_mail(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented().WhomSalesOwns();
        await given.HandBackAsync("D-1", new HandBackRequest(HandBackReason.Budget, new DateOnly(2027, 5, 20), null));
        await given.ForAsync(TimeSpan.FromDays(10));
        await given.HappensAsync(ada, "deal.opened");
        await given.UntilAsync(new DateTimeOffset(2027, 6, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Empty(given.MailSentTo(ada));
        Assert.Equal((FlowInstanceStatus.Cancelled, "goal"), await RunAsync(given, "revisit"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_mail_that_fails_ends_in_its_own_branch_and_is_not_shown_as_sent(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        given.Provider.Answers(new SendGrid.SendResult.Refused("no", 400, []));
        await given.HappensAsync(ada, "lead.created");
        await given.ForAsync(TimeSpan.FromDays(30));
        Assert.Equal(MessageState.Failed, Assert.Single(await given.MessagesAsync(ada)).State);
        await using var db = given.Open();
        var step = await db.FlowSteps.SingleAsync(one => one.ActivityId == "thanks" && one.Happened == "Completed");
        Assert.Contains("Failed", step.Detail, StringComparison.Ordinal);
    }

    private static async Task<Scenario> ShopAsync(DatabaseProvider provider, SendingPolicy? policy = null, DateTimeOffset? now = null)
    {
        var given = await Scenario.OnAsync(provider, policy, now);
        await given.PublishShippedFlowsAsync();
        return given;
    }

    private static object Order(string id) => new { order_id = id, lines = new[] { new { product = "越前がに", category = "かに", quantity = 1, net = 14_800 } } };

    private static async Task<(FlowInstanceStatus Status, string EndReason)> RunAsync(Scenario given, string flow)
    {
        await using var db = given.Open();
        var run = await db.FlowInstances.AsNoTracking().SingleAsync(instance => instance.DefinitionId == flow);
        return (run.Status, run.EndReason);
    }

    private static async Task<int> TasksAsync(Scenario given)
    {
        await using var db = given.Open();
        return await db.Tasks.CountAsync();
    }
}

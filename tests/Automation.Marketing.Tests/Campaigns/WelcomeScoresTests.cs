using System.Text.Json;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns;

public sealed class WelcomeScoresTests
{
    private const string Template = "welcome/day-3";

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task Replies_clicks_and_orders_count_one_each_unsubscriptions_ten_and_spam_reports_fifty_against(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var mails = await SentAsync(given, 106);
        given.Clock.Now = given.Clock.Now.AddHours(1);
        // Three people click, one of them twice; the fourth click is a machine's: it came with the delivery.
        await given.ReportedAsync(
            Click(given, mails[0], "a"), Click(given, mails[0], "b"), Click(given, mails[1], "a"), Click(given, mails[2], "a"),
            given.Event("delivered", mails[3]), Click(given, mails[3], "a"), given.Event("spamreport", mails[4]), given.Event("unsubscribe", mails[5]));
        await OneClickAsync(given, mails[5]);
        // One person replies twice; a stranger's reply is about no mail of ours.
        foreach (var address in new[] { mails[6].Recipient!, mails[6].Recipient!, mails[7].Recipient!, "stranger@example.com" }) await RepliesAsync(given, address);
        // On the day itself and on the last day that counts; too late, too early, and a return.
        var day = new DateOnly(2026, 11, 16);
        await BuysAsync(given, (mails[8], day, 100), (mails[8], day, 200), (mails[9], day.AddDays(30), 100), (mails[10], day.AddDays(31), 100), (mails[11], day.AddDays(-1), 100), (mails[12], day, -5));
        var buyer = await given.Contact("buyer@example.com").WhoConsented();
        await given.SentAsync(given.OrderMail(buyer));

        await using var db = given.Open();
        var scores = await WelcomeScores.OfAsync(db, given.Clock.Now, templates: null, default);
        // 3 clicks + 2 replies + 2 orders - 10 - 50 = -53 for 106 mails.
        Assert.Equal(new WelcomeScore(Template, Mails: 106, Replied: 2, Clicked: 3, Ordered: 2, Unsubscribed: 1, Complained: 1), Assert.Single(scores).Value);
        Assert.Equal(-500.0, scores[Template].Score);
        Assert.Equal(Template, Assert.Single(await WelcomeScores.UnwelcomeAsync(db, given.Clock.Now, [Template, "no/such"], default)).Template);
        Assert.Empty(await WelcomeScores.UnwelcomeAsync(db, given.Clock.Now, ["no/such"], default));
        Assert.Empty(await WelcomeScores.OfAsync(db, given.Clock.Now.AddMonths(13), templates: null, default));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Too_few_mails_have_no_score(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var mails = await SentAsync(given, WelcomeScore.LeastMails - 1);
        await given.ReportedAsync(given.Event("spamreport", mails[0]));
        await using var db = given.Open();
        var few = (await WelcomeScores.OfAsync(db, given.Clock.Now, [Template], default))[Template];
        Assert.Equal((99, null, false), (few.Mails, few.Score, few.IsUnwelcome));

        await given.SentAsync(given.Mail(await given.Contact("one-more@example.com").WhoConsented()));
        var enough = (await WelcomeScores.OfAsync(db, given.Clock.Now, [Template], default))[Template];
        Assert.Equal((100, -500.0, true), (enough.Mails, enough.Score, enough.IsUnwelcome));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_reply_is_for_the_newest_mail_before_it_and_a_month_later_for_none(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada));
        given.Clock.Now = given.Clock.Now.AddDays(1);
        await given.SentAsync(given.Mail(ada, template: "welcome/day-7"));
        given.Clock.Now = given.Clock.Now.AddDays(31);
        await RepliesAsync(given, ada.Email!);
        await using var db = given.Open();
        Assert.Equal((0, 0), await RepliedAsync());
        await given.TakeAsync(JsonSerializer.SerializeToElement(
            new { source = "shop", id = "early", type = "mail.replied", occurredAt = given.Clock.Now.AddDays(-2), contact = new { email = ada.Email } }));
        Assert.Equal((0, 1), await RepliedAsync());

        async Task<(int, int)> RepliedAsync()
        {
            var scores = await WelcomeScores.OfAsync(db, given.Clock.Now, [Template, "welcome/day-7"], default);
            return (scores[Template].Replied, scores["welcome/day-7"].Replied);
        }
    }

    [Fact]
    public async Task The_templates_of_a_drawing_are_those_that_its_mails_name()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await given.PublishShippedFlowsAsync();
        await using var db = given.Open();
        var welcome = await db.FlowDefinitions.SingleAsync(flow => flow.DefinitionId == "welcome" && flow.IsLatest);
        Assert.Contains("welcome/day-0", TemplateUses.In(welcome.Definition()));
    }

    private static async Task<IReadOnlyList<OutboxMessage>> SentAsync(Scenario given, int count)
    {
        var people = await given.ConsentingContactsAsync(count);
        await given.AskAsync([.. people.Select(person => given.Mail(person))]);
        await given.SendAllAsync();
        await using var db = given.Open();
        var mails = await db.OutboxMessages.AsNoTracking().ToListAsync();
        Assert.All(mails, mail => Assert.Equal(MessageState.Sent, mail.State));
        return mails;
    }

    private static System.Text.Json.Nodes.JsonObject Click(Scenario given, OutboxMessage mail, string page) => given.Event("click", mail, ("url", "https://shop.example.com/" + page));

    private static Task RepliesAsync(Scenario given, string address) =>
        given.TakeAsync(JsonSerializer.SerializeToElement(new { source = "shop", id = Guid.NewGuid().ToString("N"), type = "mail.replied", contact = new { email = address } }));

    private static async Task BuysAsync(Scenario given, params (OutboxMessage Mail, DateOnly Day, int Net)[] purchases)
    {
        await using var db = given.Open();
        foreach (var (mail, day, net) in purchases)
            db.Purchases.Add(new Purchase { Id = Guid.NewGuid(), Source = "shop", OrderId = Guid.NewGuid().ToString("N"), ContactId = mail.ContactId, Date = day, Quantity = 1, Net = net });
        await db.SaveChangesAsync();
    }

    private static async Task OneClickAsync(Scenario given, OutboxMessage mail)
    {
        await using var db = given.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        await Refusals.WithdrawAsync(db, mail.ContactId, "one-click", mail.Id.ToString(), null, given.Clock.Now, given.Clock.Now, default);
        await transaction.CommitAsync(default);
    }
}

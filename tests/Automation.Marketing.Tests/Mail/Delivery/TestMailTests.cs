using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Delivery;

public sealed class TestMailTests
{
    private static readonly RenderedMail Letter = new("秋のお便り", "<p>お便り</p>", "お便り");

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_test_mail_is_marked_and_leaves_no_trace(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await SendAsync(given, "ada@example.com");
        var sent = Assert.Single(given.Provider.Attempts);
        Assert.Equal(("[TEST] 秋のお便り", "ada@example.com"), (sent.Personalizations[0].Subject, sent.Personalizations[0].To[0].Email));
        Assert.DoesNotContain(WebhookEvents.MessageIdArgument, sent.Personalizations[0].CustomArgs!.Keys);
        Assert.Empty(sent.Check(given.Clock.Now));
        await using var db = given.Open();
        Assert.Equal((0, 0), (await db.OutboxMessages.CountAsync(), await db.MessageChanges.CountAsync()));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_is_reported_about_a_test_mail_changes_nothing_for_a_customer_with_that_address(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await SendAsync(given, "ada@example.com");
        var real = await given.SentAsync(given.Mail(ada));
        foreach (var kind in new[] { "delivered", "open", "click", "bounce", "spamreport", "unsubscribe", "dropped" })
        {
            var reported = given.Event(kind, real, (TestMail.Argument, "1"), ("reason", "Spam Reporting Address"), ("url", "https://shop.example.com/"));
            reported.Remove(WebhookEvents.MessageIdArgument);
            await given.ReportedAsync(reported);
        }
        await using var db = given.Open();
        Assert.Equal((0, 0), (await db.DeliveryEvents.CountAsync(), await db.SuppressedAddresses.CountAsync()));
        Assert.Equal(ConsentState.Granted, (await ConsentLedger.StatesAsync(db, [ada.Id], default))[ada.Id].State);
        Assert.Equal(1, await db.OutboxMessages.CountAsync());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_test_mail_takes_no_slot_under_the_limits(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, Scenario.NoLimits with { MinGap = TimeSpan.FromHours(16) });
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await SendAsync(given, "ada@example.com");
        await given.SentAsync(given.Mail(ada));
    }

    [Fact]
    public async Task A_provider_that_says_no_is_quoted_and_an_unset_sender_named()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        given.Provider.Answers(new SendResult.Refused("The from address does not match.", 400, []));
        Assert.Contains("does not match", (await Assert.ThrowsAsync<RuleBrokenException>(() => SendAsync(given, "ada@example.com"))).Message, StringComparison.Ordinal);
        given.Provider.Answers(new SendResult.Unknown("timeout"));
        await Assert.ThrowsAsync<RuleBrokenException>(() => SendAsync(given, "ada@example.com"));
        given.Provider.Answers(new SendResult.TryLater(TimeSpan.FromSeconds(7), "busy", WholeKey: false));
        Assert.Contains("7 s", (await Assert.ThrowsAsync<RuleBrokenException>(() => SendAsync(given, "ada@example.com"))).Message, StringComparison.Ordinal);
        await using (var db = given.Open()) await db.SaveShopAsync(ShopIdentity.Unnamed, given.Clock.Now, default);
        given.Provider.Accepts();
        await Assert.ThrowsAsync<RuleBrokenException>(() => SendAsync(given, "ada@example.com"));
        Assert.Equal(3, given.Provider.Attempts.Count);
    }

    private static async Task SendAsync(Scenario given, string to)
    {
        await using var db = given.Open();
        await new TestMail(given.Provider, new LinkFactory(new PublicAddress(), given.Clock)).SendAsync(db, Letter, MessageClass.Marketing, EmailAddress.Parse(to), default);
    }
}

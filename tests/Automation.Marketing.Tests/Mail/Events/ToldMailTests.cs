using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Contacts.Outgoing;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Events;

public sealed class ToldMailTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_becomes_of_a_mail_is_told_once_each(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var crm = new Receiver(given);
        await crm.IsToldOfAsync("message.sent", "message.delivered", "message.clicked", "message.bounced", "message.complained", "message.unsubscribed", "message.suppressed");
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var mail = await given.SentAsync(given.Mail(ada));
        given.Clock.Now += TimeSpan.FromMinutes(5);
        await given.ReportedAsync(given.Event("delivered", mail));
        given.Clock.Now += TimeSpan.FromMinutes(5);
        var click = given.Event("click", mail, ("url", "https://shop.example.com/crab"));
        await given.ReportedAsync(click);
        await given.ReportedAsync(click, given.Event("delivered", mail));
        given.Clock.Now += TimeSpan.FromMinutes(5);
        await given.ReportedAsync(given.Event("spamreport", mail));
        await crm.WorkAsync();
        Assert.Equal(
            ["message.sent", "message.delivered", "message.clicked", "message.complained", "message.suppressed", "message.unsubscribed"], crm.Posts.Select(post => post.Type));
        Assert.Equal(
            (mail.Id, mail.Template, "https://shop.example.com/crab"),
            (Data("message.clicked").GetProperty("messageId").GetGuid(), Data("message.clicked").GetProperty("template").GetString(), Data("message.clicked").GetProperty("url").GetString()));
        Assert.Equal("Complaint", Data("message.suppressed").GetProperty("reason").GetString());

        System.Text.Json.JsonElement Data(string type) => crm.Posts.Single(post => post.Type == type).Json.GetProperty("data");
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Mails_that_nobody_wants_to_hear_of_leave_no_rows(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await new Receiver(given).IsToldOfAsync("deal.won", "message.clicked");
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var mail = await given.SentAsync(given.Mail(ada));
        given.Clock.Now += TimeSpan.FromMinutes(5);
        await given.ReportedAsync(given.Event("delivered", mail), given.Event("bounce", mail));
        await using var db = given.Open();
        Assert.Equal((0, 0), (await db.OutgoingEvents.CountAsync(), await db.OutgoingDeliveries.CountAsync()));
    }
}

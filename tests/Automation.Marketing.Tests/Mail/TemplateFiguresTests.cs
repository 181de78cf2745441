using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Mail;

public sealed class TemplateFiguresTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task The_last_use_of_each_template_tells_how_many_were_sent_clicked_and_refused(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var people = await Task.WhenAll(Enumerable.Range(0, 4).Select(async number => await given.Contact($"p{number}@example.com").WhoConsented()));
        var mails = new List<OutboxMessage>();
        foreach (var person in people) mails.Add(await given.SentAsync(given.Mail(person, template: "welcome/day-3")));
        await given.SentAsync(given.Mail(people[0], template: "welcome/day-7"));
        await given.ReportedAsync(
            given.Event("click", mails[0], ("url", "https://shop.example.com/a")), given.Event("click", mails[0], ("url", "https://shop.example.com/b")),
            given.Event("click", mails[1], ("url", "https://shop.example.com/a")));
        await OneClickAsync(given, mails[1]);
        await given.ReportedAsync(given.Event("spamreport", mails[2]));
        // One who was never mailed by it, and evidence that is no message at all.
        await using (var db = given.Open())
        {
            await using var transaction = await db.BeginWriteAsync(default);
            await Refusals.WithdrawAsync(db, people[3].Id, "one-click", "form v1", null, given.Clock.Now, given.Clock.Now, default);
            await transaction.CommitAsync(default);
        }

        await using var read = given.Open();
        var figures = await TemplateFigures.LastUsesAsync(read, given.Clock.Now.AddDays(-30), default);
        Assert.Equal(("flow", 4, 2, 2), (figures["welcome/day-3"].OriginId, figures["welcome/day-3"].Sent, figures["welcome/day-3"].Clicked, figures["welcome/day-3"].Refused));
        Assert.Equal((1, 0, 0), (figures["welcome/day-7"].Sent, figures["welcome/day-7"].Clicked, figures["welcome/day-7"].Refused));
        Assert.Equal(2, figures.Count);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Of_several_uses_the_one_that_sent_last_counts_and_older_mails_do_not(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada));
        given.Clock.Now = given.Clock.Now.AddDays(1);
        var later = given.Mail(ada);
        await given.SentAsync(later with { Identity = later.Identity with { OriginId = "another" } });
        await using var db = given.Open();
        Assert.Equal(("another", 1), ((await TemplateFigures.LastUsesAsync(db, given.Clock.Now.AddDays(-30), default))["welcome/day-3"] is var figure ? (figure.OriginId, figure.Sent) : default));
        Assert.Empty(await TemplateFigures.LastUsesAsync(db, given.Clock.Now.AddHours(1), default));
    }

    private static async Task OneClickAsync(Scenario given, OutboxMessage mail)
    {
        await using var db = given.Open();
        await using var transaction = await db.BeginWriteAsync(default);
        await Refusals.WithdrawAsync(db, mail.ContactId, "one-click", mail.Id.ToString(), null, given.Clock.Now, given.Clock.Now, default);
        await transaction.CommitAsync(default);
    }
}

using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Mail;

public sealed class MailFiguresTests
{
    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task Sent_mails_are_counted_by_day_and_unsent_ones_by_their_rule(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, new SendingPolicy(1, [new CapRule("day", 1, CapPeriod.Day)], null, null));
        var from = given.Clock.Now;
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var bob = await given.Contact("bob@example.com").WhoUnsubscribed();
        foreach (var day in new[] { 0, 1, 3 })
        {
            given.Clock.Now = from.AddDays(day).AddHours(day == 1 ? 23 : 0);
            await given.SentAsync(given.Mail(ada));
            await given.AskAsync(given.Mail(ada, overCap: OverCap.Skip), given.Mail(bob), given.Mail(bob));
        }
        await using var db = given.Open();
        Assert.Equal(new Dictionary<int, int> { [0] = 1, [1] = 1, [3] = 1 }, await MailFigures.SentByDayAsync(db, from, default));
        Assert.Equal([("consent-withdrawn", 6), ("day", 3)], await MailFigures.NotSentAsync(db, from.AddSeconds(-1), default));
    }
}

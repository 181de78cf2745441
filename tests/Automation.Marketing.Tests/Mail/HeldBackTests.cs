using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Mail;

public sealed class HeldBackTests
{
    private static readonly SendingPolicy OneADay = new(1, [new CapRule("calendar-day", 1, CapPeriod.Day)], MinGap: null, Quiet: null);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_step_is_in_alarm_when_limits_hold_back_more_than_a_tenth_in_a_day(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, OneADay);
        var people = await given.ConsentingContactsAsync(20);
        var gone = await given.Contact("gone@example.com").WhoUnsubscribed();
        await given.AskAsync([.. people.Take(2).Select(person => given.Mail(person))]);
        var step = given.Mail(gone).Identity.NodeId;
        var ofStep = (Guid person) => given.Mail(person, overCap: OverCap.Skip) is var mail ? mail with { Identity = mail.Identity with { NodeId = step } } : null!;
        await given.AskAsync([.. people.Take(19).Select(ofStep), ofStep(gone.Id)]);
        await using var db = given.Open();
        // 2 of 20: exactly a tenth is no alarm; who opted out is none of the limits' doing.
        Assert.Empty(await HeldBack.AlarmsAsync(db, OneADay, originId: null, given.Clock.Now, default));
        await given.AskAsync(given.Mail(people[0]));
        var strict = await HeldBack.AlarmsAsync(db, OneADay with { AlarmShare = 0.09 }, "flow", given.Clock.Now, default);
        Assert.Equal([(1, 1), (20, 2)], strict.Select(alarm => (alarm.Asked, alarm.Held)));
        Assert.Empty(await HeldBack.AlarmsAsync(db, OneADay, "flow", given.Clock.Now.AddHours(24), default));
        Assert.Equal(
            [("calendar-day", 3, 1), ("consent-withdrawn", 1, 0)], (await HeldBack.TotalsAsync(db, "flow", default)).Select(total => (total.Rule, total.Mails, total.Waiting)));
    }
}

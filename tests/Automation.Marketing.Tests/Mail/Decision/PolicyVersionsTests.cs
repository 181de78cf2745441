using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Mail.Decision;

public sealed class PolicyVersionsTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Fact]
    public void A_policy_is_kept_whole()
    {
        var policy = SendingPolicy.Business with
        {
            Version = 7,
            Caps =
            [
                new CapRule("none", 0, CapPeriod.Week) { Topics = ["gift"], Segment = "vip", PerCompany = true },
                new CapRule("gap", null, CapPeriod.Rolling, null, [Approach.A3]) { MinGap = TimeSpan.FromHours(90) },
            ],
            AlarmShare = 0.25,
        };
        var text = PolicyVersions.Write(policy);
        var read = PolicyVersions.Read(text);
        Assert.Equal(text, PolicyVersions.Write(read));
        Assert.Equal((0, (int?)null), (read.Caps[0].Limit, read.Caps[1].Limit));      // none at all is not no number
        Assert.Equal((7, 5, "12-29", 0.25), (read.Version, read.OpenOn!.Count, read.Blackout[0].From, read.AlarmShare));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_newest_version_is_in_force_and_says_who_made_it_when_and_why(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, SendingPolicy.Shop);
        await using var db = given.Open();
        var published = await PolicyVersions.PublishAsync(db, SendingPolicy.Newsletter, basedOn: 1, "kanri", "しばらく試します", given.Clock.Now, default);
        Assert.Equal(2, published.Version);
        Assert.Equal((2, "selling-7d"), ((await db.SendingPolicyAsync(default)).Version, (await db.SendingPolicyAsync(default)).Caps[1].Id));
        var line = await db.PolicyVersions.SingleAsync(version => version.Version == 2);
        Assert.Equal(("kanri", "しばらく試します", given.Clock.Now.ToUniversalTime()), (line.Actor, line.Comment, line.At));
        var audit = await db.AuditEntries.SingleAsync();
        Assert.Equal(("policy.published", "2", "kanri"), (audit.Action, audit.Subject, audit.Actor));
        Assert.Contains("selling-30d", audit.Before, StringComparison.Ordinal);
        Assert.Contains("selling-7d", audit.After, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_change_made_on_an_older_version_does_not_overwrite_a_newer_one(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, SendingPolicy.Shop);
        await using var db = given.Open();
        await PolicyVersions.PublishAsync(db, SendingPolicy.Newsletter, basedOn: 1, "kanri", "", given.Clock.Now, default);
        await Assert.ThrowsAsync<RuleBrokenException>(() => PolicyVersions.PublishAsync(db, SendingPolicy.Shop, basedOn: 1, "eigyo", "", given.Clock.Now, default));
        Assert.Equal(2, (await db.SendingPolicyAsync(default)).Version);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_looser_policy_lets_those_go_who_were_waiting(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, SendingPolicy.Shop);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        await given.SentAsync(given.Mail(ada));
        var waiting = given.Mail(ada);
        await given.AskAsync(waiting);
        Assert.Equal(MessageState.Deferred, (await given.MessageAsync(waiting.Identity)).State);
        await using var db = given.Open();
        await PolicyVersions.PublishAsync(db, Scenario.NoLimits, basedOn: 1, "kanri", "", given.Clock.Now, default);
        await given.WorkAsync();
        Assert.Equal(MessageState.Sent, (await given.MessageAsync(waiting.Identity)).State);
    }
}

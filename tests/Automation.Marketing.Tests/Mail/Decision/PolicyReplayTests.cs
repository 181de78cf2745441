using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;

namespace Automation.Marketing.Tests.Mail.Decision;

public sealed class PolicyReplayTests
{
    private static readonly SendingPolicy OneAWeek = new(1, [new CapRule("week-1", 1, CapPeriod.Rolling, TimeSpan.FromDays(7))], MinGap: null, Quiet: null);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_stricter_policy_would_have_put_off_or_held_back_what_was_sent(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var ada = await given.Contact("ada@example.com").WhoConsented();
        var gone = await given.Contact("gone@example.com").WhoUnsubscribed();
        await given.SentAsync(given.Mail(ada));
        given.Clock.Now += TimeSpan.FromDays(2);
        await given.SentAsync(given.Mail(ada, validFor: TimeSpan.FromDays(9)));
        await given.SentAsync(given.Mail(ada, overCap: OverCap.Skip));
        await given.AskAsync(given.Mail(gone));
        given.Clock.Now += TimeSpan.FromDays(30);

        await using var db = given.Open();
        var part = await PolicyReplay.RunAsync(
            db, OneAWeek, "Asia/Tokyo", given.Clock.Now.AddDays(-91), given.Clock.Now, after: null, TimeSpan.FromMinutes(1), TimeProvider.System, default);
        Assert.Equal((2, 3, new ReplayTally(3, 1, 1, 1)), (part.People, part.Really, part.All));
        Assert.Equal(new ReplayTally(2, 0, 1, 1), part.ByRule["week-1"]);
        Assert.Equal(part.All, part.ByOrigin["flow"]);
        Assert.Null(part.After);
        var nothing = await PolicyReplay.RunAsync(
            db, Scenario.NoLimits, "Asia/Tokyo", given.Clock.Now.AddDays(-91), given.Clock.Now, after: null, TimeSpan.FromMinutes(1), TimeProvider.System, default);
        Assert.Equal(new ReplayTally(3, 3, 0, 0), nothing.All);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_replay_out_of_time_says_where_it_goes_on(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        var people = await given.ConsentingContactsAsync(450);
        await given.AskAsync([.. people.Select(person => given.Mail(person))]);
        await using var db = given.Open();
        var (stretches, asked) = (0, 0);
        Guid? after = null;
        do
        {
            var part = await PolicyReplay.RunAsync(
                db, OneAWeek, "Asia/Tokyo", given.Clock.Now.AddDays(-1), given.Clock.Now.AddDays(1), after, TimeSpan.FromTicks(1), new Ticking(), default);
            (stretches, asked, after) = (stretches + 1, asked + part.All.Asked, part.After);
        }
        while (after is not null);
        Assert.Equal((3, 450), (stretches, asked));
    }

    // A second passes at every look: a stretch is over after its first group of people.
    private sealed class Ticking : TimeProvider
    {
        private long now;

        public override long GetTimestamp() => now += TimestampFrequency / 2;
    }
}

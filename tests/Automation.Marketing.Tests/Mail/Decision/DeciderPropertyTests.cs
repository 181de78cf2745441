using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using FsCheck;
using FsCheck.Fluent;

namespace Automation.Marketing.Tests.Mail.Decision;

public sealed class DeciderPropertyTests
{
    private const int Cases = 250;
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(33);

    // Around the changes of the clock of 2026 in New York, Berlin and Sydney, and around New Year.
    private static readonly DateTimeOffset[] Days =
    [
        new(2026, 3, 7, 12, 0, 0, TimeSpan.Zero), new(2026, 3, 28, 20, 0, 0, TimeSpan.Zero), new(2026, 10, 3, 6, 0, 0, TimeSpan.Zero),
        new(2026, 10, 31, 12, 0, 0, TimeSpan.Zero), new(2026, 12, 30, 12, 0, 0, TimeSpan.Zero), new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero),
    ];

    private static readonly string[] Zones = ["Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "UTC"];

    [Fact]
    public void A_decision_is_the_one_that_trying_every_minute_finds() =>
        Prop.ForAll(Situations().ToArbitrary(), Agrees).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases).WithReplay(20261122, 1));

    private static void Agrees(Situation one)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(one.Zone);
        var person = new PersonStanding("ada@example.com", ConsentState.Granted, Suppressed: null, SalesOwned: false, zone, SpreadSeed: 0);
        var slow = new SlowDecider(one.Policy, zone, one.Sends, one.Approach);
        var decision = Decider.Decide(new SendQuestion(MessageClass.Marketing, one.Approach, OverCap.Defer, ValidUntil: null), person, one.Sends, one.Policy, one.Now);

        var objecting = slow.Objecting(one.Now);
        Assert.Equal(objecting.Count == 0, decision.State is MessageState.Queued);
        if (objecting.Count == 0) return;
        Assert.Contains(decision.Rule, objecting);
        Assert.Equal(slow.FirstFree(one.Now, Horizon), decision.Reason.Next);
        Assert.Equal(decision.Reason.Next is null ? MessageState.Expired : MessageState.Deferred, decision.State);
    }

    private static Gen<Situation> Situations() =>
        from zone in Gen.Elements(Zones)
        from day in Gen.Elements(Days)
        from minutes in Gen.Choose(0, 2 * 24 * 60)
        from caps in Gen.ArrayOf(Caps(), 3)
        from kept in Gen.Choose(0, 3)
        from gap in Gen.Elements(0, 0, 1, 16, 40)
        from quiet in QuietHours()
        from ages in Gen.ArrayOf(Gen.Choose(0, 9 * 24 * 60))
        from approaches in Gen.ArrayOf(Gen.Elements(Approach.A1, Approach.A2, Approach.A3), 16)
        from approach in Gen.Elements(Approach.A1, Approach.A2, Approach.A3)
        let now = day.AddMinutes(minutes)
        select new Situation(
            zone, now, approach,
            new SendingPolicy(1, [.. caps.Take(kept).Select((cap, index) => cap with { Id = $"cap-{index}" })], gap == 0 ? null : TimeSpan.FromHours(gap), quiet),
            [.. ages.Take(12).OrderDescending().Select((age, index) => new CountedSend(now.AddMinutes(-age), approaches[index]))]);

    private static Gen<CapRule> Caps() =>
        from period in Gen.Elements(CapPeriod.Rolling, CapPeriod.Rolling, CapPeriod.Day, CapPeriod.Week, CapPeriod.Month)
        from limit in Gen.Frequency((1, Gen.Constant(0)), (20, Gen.Choose(1, 4)))
        from hours in Gen.Choose(1, 8 * 24)
        from selling in Gen.Elements(true, false)
        select new CapRule("", limit, period, period is CapPeriod.Rolling ? TimeSpan.FromHours(hours) : null, selling);

    private static Gen<QuietHours?> QuietHours() =>
        from @is in Gen.Elements(true, true, false)
        from start in Gen.Choose(0, 47)
        from end in Gen.Choose(0, 47)
        select @is && start != end ? new QuietHours(HalfHour(start), HalfHour(end), TimeSpan.Zero) : null;

    private static TimeOnly HalfHour(int number) => new(number / 2, 30 * (number % 2));

    private sealed record Situation(string Zone, DateTimeOffset Now, Approach Approach, SendingPolicy Policy, IReadOnlyList<CountedSend> Sends)
    {
        public override string ToString() =>
            $"{Zone} {Now:O} {Approach} caps [{string.Join("; ", Policy.Caps)}] gap {Policy.MinGap} {Policy.Quiet} sends [{string.Join("; ", Sends.Select(send => $"{send.At:O} {send.Approach}"))}]";
    }
}

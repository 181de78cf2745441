using Automation.Marketing.Mail.Decision;

namespace Automation.Marketing.Tests.Mail.Decision;

public sealed class PolicyCheckTests
{
    [Theory]
    [InlineData("shop")]
    [InlineData("newsletter")]
    [InlineData("business")]
    public void The_presets_are_in_order(string preset) => Assert.Empty(PolicyCheck.Problems(SendingPolicy.Presets[preset]));

    public static TheoryData<string, SendingPolicy> Faulty => new()
    {
        { "Caps[0].Id", With(new CapRule("Total!", 1, CapPeriod.Day)) },
        { "Caps[0].Id", With(new CapRule("quiet-hours", 1, CapPeriod.Day)) },
        { "Caps[1].Id", With(new CapRule("a", 1, CapPeriod.Day), new CapRule("a", 2, CapPeriod.Week)) },
        { "Caps[0].Limit", With(new CapRule("a", null, CapPeriod.Day)) },
        { "Caps[0].Limit", With(new CapRule("a", -1, CapPeriod.Day)) },
        { "Caps[0].Limit", With(new CapRule("a", 501, CapPeriod.Day)) },
        { "Caps[0].Days", With(new CapRule("a", 1, CapPeriod.Rolling)) },
        { "Caps[0].Days", With(new CapRule("a", 1, CapPeriod.Rolling, TimeSpan.MaxValue)) },
        { "Caps[0].MinGapHours", With(new CapRule("a", 1, CapPeriod.Day) { MinGap = TimeSpan.Zero }) },
        { "Caps[0].Approaches", With(new CapRule("a", 1, CapPeriod.Day, null, [])) },
        { "MinGapHours", SendingPolicy.Shop with { MinGap = TimeSpan.FromHours(-1) } },
        { "QuietFrom", SendingPolicy.Shop with { Quiet = new QuietHours(new TimeOnly(8, 0), new TimeOnly(8, 0), TimeSpan.Zero) } },
        { "SpreadMinutes", SendingPolicy.Shop with { Quiet = QuietHours.Default with { Spread = TimeSpan.FromHours(5) } } },
        { "OpenOn", SendingPolicy.Shop with { OpenOn = [] } },
        { "Blackout", SendingPolicy.Shop with { Blackout = [new ClosedDays("12-29", "soon")] } },
        { "Blackout", SendingPolicy.Business with { Blackout = [new ClosedDays("01-01", "12-31")] } },
        { "LookAheadDays", SendingPolicy.Shop with { LookAhead = TimeSpan.FromDays(15) } },
        { "AlarmPercent", SendingPolicy.Shop with { AlarmShare = 2 } },
        { "CycleShortest", SendingPolicy.Shop with { Cycle = CycleRule.Default with { ShortestDays = 200 } } },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public void A_fault_is_named_at_its_field(string field, SendingPolicy policy) => Assert.Equal([field], PolicyCheck.Problems(policy).Select(problem => problem.Field));

    [Fact]
    public void None_at_all_is_a_rule_and_not_the_lack_of_one() => Assert.Empty(PolicyCheck.Problems(With(new CapRule("none", 0, CapPeriod.Day))));

    private static SendingPolicy With(params CapRule[] caps) => SendingPolicy.Shop with { Caps = caps };
}

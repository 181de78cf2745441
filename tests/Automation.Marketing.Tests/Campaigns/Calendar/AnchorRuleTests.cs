using System.Globalization;
using Automation.Marketing.Campaigns.Calendar;

namespace Automation.Marketing.Tests.Campaigns.Calendar;

public sealed class AnchorRuleTests
{
    [Theory]
    [InlineData("fixed", "01-01", "2027-01-01")]
    [InlineData("fixed", "02-29", "2027-02-28")]
    [InlineData("weekday", "5/2/sunday", "2027-05-09")]
    [InlineData("weekday", "11/last/Friday", "2027-11-26")]
    [InlineData("weekday", "2/5/monday", null)]
    [InlineData("holiday", "成人の日", "2027-01-11")]
    [InlineData("term", "冬至", "2027-12-22")]
    [InlineData("lunar", "8-15", "2027-09-15")]
    public void Each_kind_gives_its_day(string kind, string rule, string? day) =>
        Assert.Equal(day, AnchorRule.Parse(kind, rule, "here")!.In(2027)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("fixed", "13-01")]
    [InlineData("fixed", "1 January")]
    [InlineData("weekday", "5/6/sunday")]
    [InlineData("weekday", "5/2/someday")]
    [InlineData("weekday", "")]
    [InlineData("holiday", "かにの日")]
    [InlineData("term", "解禁日")]
    [InlineData("lunar", "8-31")]
    [InlineData("lunar", "13-1")]
    [InlineData("relative", "-3d")]
    [InlineData("explicit", "01-01")]
    [InlineData("moon", "8-15")]
    public void A_rule_that_does_not_fit_is_refused_with_its_place(string kind, string rule) =>
        Assert.Equal("here", Assert.Throws<BadInputException>(() => AnchorRule.Parse(kind, rule, "here")).Place);

    [Fact]
    public void An_anchor_hangs_on_others_and_entered_dates_win()
    {
        Anchor[] anchors =
        [
            new() { Key = "発注日", Kind = AnchorRule.Relative, Rule = "仕込み -5d" },
            new() { Key = "仕込み", Kind = AnchorRule.Relative, Rule = "元日 -10d" },
            new() { Key = "元日", Kind = AnchorRule.Fixed, Rule = "01-01" },
            new() { Key = "解禁日" },
        ];
        var days = AnchorDays.Of(anchors, [new AnchorDate { AnchorKey = "仕込み", Year = 2027, Date = new DateOnly(2026, 12, 24) }], 2026, 2028);
        Assert.Equal(new DateOnly(2026, 12, 19), days["発注日"][2027]);
        Assert.Equal(new DateOnly(2027, 12, 17), days["発注日"][2028]);
        Assert.Empty(days["解禁日"]);
    }

    [Theory]
    [InlineData("仕込み +1d", "hangs on itself.")]
    [InlineData("発注日 +1d", "hangs on itself.")]
    [InlineData("開店日 +1d", "there is no anchor '開店日'.")]
    public void A_ring_and_a_missing_ground_are_refused(string rule, string problem)
    {
        Anchor[] anchors =
        [
            new() { Key = "仕込み", Kind = AnchorRule.Relative, Rule = "発注日 -1d" }, new() { Key = "発注日", Kind = AnchorRule.Relative, Rule = rule },
        ];
        Assert.Equal(problem, Assert.Throws<BadInputException>(() => AnchorDays.Of(anchors, [], 2026, 2028)).Problem);
    }
}

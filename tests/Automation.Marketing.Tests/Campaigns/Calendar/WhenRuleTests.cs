using Automation.Marketing.Campaigns.Calendar;

namespace Automation.Marketing.Tests.Campaigns.Calendar;

public sealed class WhenRuleTests
{
    [Theory]
    [InlineData("解禁日 -14d", "解禁日", -14, "10:00")]
    [InlineData(" 元日 -30d ", "元日", -30, "10:00")]
    [InlineData("漁期終了 -21d 18:30", "漁期終了", -21, "18:30")]
    [InlineData("漁期終了 + 7d", "漁期終了", 7, "10:00")]
    [InlineData("解禁日", "解禁日", 0, "10:00")]
    [InlineData("解禁日 00:00", "解禁日", 0, "00:00")]
    [InlineData("opening -366d", "opening", -366, "10:00")]
    public void A_rule_is_an_anchor_a_lead_and_perhaps_a_time(string text, string anchor, int days, string time) =>
        Assert.Equal(new WhenRule(anchor, days, TimeOnly.Parse(time, null)), WhenRule.Parse(text, "when"));

    [Theory]
    [InlineData("")]
    [InlineData("-14d")]
    [InlineData("解禁日 14d")]
    [InlineData("解禁日 -14")]
    [InlineData("解禁日 -14w")]
    [InlineData("解禁日 -14d 24:00")]
    [InlineData("解禁日 -14d 9:00")]
    [InlineData("解禁日 -14d 10:00 sharp")]
    [InlineData("解禁日 -367d")]
    [InlineData("解禁日 -99999999999d")]
    public void What_does_not_read_is_refused_with_its_place(string text)
    {
        var refused = Assert.Throws<BadInputException>(() => WhenRule.Parse(text, "crab.calendar.json: occurrences 'x'"));
        Assert.Equal("crab.calendar.json: occurrences 'x'", refused.Place);
    }
}

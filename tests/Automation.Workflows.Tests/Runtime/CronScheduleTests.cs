using System.Globalization;
using Automation.Workflows.Activities;

namespace Automation.Workflows.Tests.Runtime;

public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("0 0 * * * *", "2026-04-01T10:00:00", "2026-04-01T11:00:00")]
    [InlineData("*/15 * * * * *", "2026-04-01T10:00:14", "2026-04-01T10:00:15")]
    [InlineData("0 30 9 * * MON-FRI", "2026-04-03T09:30:00", "2026-04-06T09:30:00")]
    [InlineData("0 0 0 L * ?", "2026-02-01T00:00:00", "2026-02-28T00:00:00")]
    [InlineData("0 0 0 29 2 *", "2026-03-01T00:00:00", "2028-02-29T00:00:00")]
    [InlineData("0 0 22-2 * * *", "2026-04-01T23:30:00", "2026-04-02T00:00:00")]
    [InlineData("0 0 0 1 JAN,JUL *", "2026-04-01T00:00:00", "2026-07-01T00:00:00")]
    [InlineData("0 0 0 * * 7", "2026-04-01T00:00:00", "2026-04-05T00:00:00")]
    public void The_next_instant_is_the_first_that_matches(string cron, string after, string next) =>
        Assert.Equal(Instant(next), CronSchedule.Parse(cron).Next(Instant(after)));

    [Theory]
    [InlineData("BadCronExpression", "Seconds: Value must be a number between 0 and 59 (all inclusive).")]
    [InlineData("0 0 25 * * *", "Hours: Value must be a number between 0 and 23 (all inclusive).")]
    [InlineData("0 0 * * *", "it needs six fields")]
    [InlineData("", "it needs six fields")]
    public void A_wrong_field_is_named(string cron, string problem) =>
        Assert.Contains(problem, Assert.Throws<FormatException>(() => CronSchedule.Parse(cron)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_day_that_never_comes_gives_nothing() => Assert.Null(CronSchedule.Parse("0 0 0 30 2 *").Next(Flow.Start));

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}

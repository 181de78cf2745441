using System.Globalization;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Content;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns.Calendar;

public sealed class SeasonCalendarTests
{
    private static readonly DateTimeOffset September = new(2026, 9, 1, 9, 0, 0, TimeSpan.FromHours(9));

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_next_18_months_are_planned_from_their_anchors(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        Assert.Equal(
            [
                "crab-opening 2026 2026-10-23 10:00", "crab-opening-everyone 2026 2026-10-23 11:00", "crab-new-year 2027 2026-12-02 10:00", "crab-last-call 2027 2027-02-27 10:00",
                "crab-opening 2027 2027-10-23 10:00", "crab-opening-everyone 2027 2027-10-23 11:00", "crab-new-year 2028 2027-12-02 10:00", "crab-last-call 2028 2028-02-28 10:00",
            ],
            await PlanAsync(given));
        given.Clock.Now = September.AddMonths(2);
        await given.Workers.Calendar.RollOverAsync(default);
        Assert.Equal(8, (await PlanAsync(given)).Count);
        given.Clock.Now = September.AddMonths(8);
        await given.Workers.Calendar.RollOverAsync(default);
        Assert.Equal("crab-opening 2028 2028-10-23 10:00", (await PlanAsync(given))[8]);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Moving_an_anchor_moves_what_hangs_on_it(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        await using var db = given.Open();
        var change = await SeasonCalendar.SetAnchorDateAsync(db, "解禁日", 2026, new DateOnly(2026, 11, 9), given.Clock.Now, default);
        Assert.Equal((new DateOnly(2026, 11, 6), new DateOnly(2026, 11, 9)), (change.Before!.Value, change.After));
        Assert.Equal(["crab-opening", "crab-opening-everyone"], change.Moved.Select(moved => moved.Key).Order(StringComparer.Ordinal));
        Assert.Equal("crab-opening 2026 2026-10-26 10:00", (await PlanAsync(given))[0]);
        Assert.Equal(8, (await PlanAsync(given)).Count);
        var season = await db.Occurrences.AsNoTracking().Where(one => one.Key == "crab-new-year" && one.Year == 2027).Select(one => one.Season).SingleAsync();
        Assert.Contains("2026-11-09", season, StringComparison.Ordinal);
        Assert.Contains("crab-2026", season, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_date_in_another_year_or_of_no_anchor_is_refused(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        await using var db = given.Open();
        Assert.Equal("date", (await Assert.ThrowsAsync<BadInputException>(() => SeasonCalendar.SetAnchorDateAsync(db, "解禁日", 2027, new DateOnly(2026, 11, 6), given.Clock.Now, default))).Place);
        Assert.Equal("anchor", (await Assert.ThrowsAsync<BadInputException>(() => SeasonCalendar.SetAnchorDateAsync(db, "土用丑", 2026, new DateOnly(2026, 7, 26), given.Clock.Now, default))).Place);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_date_entered_by_the_shop_outlives_a_restart(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        await using var db = given.Open();
        await SeasonCalendar.SetAnchorDateAsync(db, "解禁日", 2026, new DateOnly(2026, 11, 9), given.Clock.Now, default);
        await SeasonCalendar.LoadAsync(db, CalendarTests.CrabShop, given.Clock.Now, default);
        Assert.Equal("crab-opening 2026 2026-10-26 10:00", (await PlanAsync(given))[0]);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_explicit_anchor_without_a_date_plans_nothing_and_a_fixed_one_falls_on_its_day(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: September);
        await LoadAsync(given, """
            {"key":"c","anchors":[{"key":"解禁日","kind":"explicit","dates":{"2025":"2025-11-06"}},{"key":"元日","kind":"fixed","dates":{"2020":"2020-01-01"}}],
             "occurrences":[{"key":"opening","when":"解禁日 -14d","audience":{},"template":"season/crab-opening"},
                            {"key":"new-year","when":"元日 -30d","audience":{},"template":"season/crab-new-year"}]}
            """);
        Assert.Equal(["new-year 2027 2026-12-02 10:00", "new-year 2028 2027-12-02 10:00"], await PlanAsync(given));
        await using var db = given.Open();
        await SeasonCalendar.SetAnchorDateAsync(db, "解禁日", 2026, new DateOnly(2026, 11, 7), given.Clock.Now, default);
        Assert.Equal("opening 2026 2026-10-24 10:00", (await PlanAsync(given))[0]);
    }

    [Theory]
    [InlineData("none", "2026-10-24")]
    [InlineData("previous", "2026-10-23")]
    [InlineData("next", "2026-10-26")]
    public async Task A_day_of_rest_is_left_as_the_rule_says(string adjust, string day)
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: September);
        await LoadAsync(given, $$"""
            {"key":"c","anchors":[{"key":"解禁日","kind":"explicit","dates":{"2026":"2026-11-07"} }],
             "occurrences":[{"key":"opening","when":"解禁日 -14d","adjust":"{{adjust}}","audience":{},"template":"season/crab-opening"}]}
            """);
        Assert.Equal([$"opening 2026 {day} 10:00"], await PlanAsync(given));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_occurrence_goes_out_once_when_its_window_opens(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var past = await given.Contact("past@example.com").WhoConsented().WhoBought(new DateOnly(2025, 12, 1));
        var other = await given.Contact("new@example.com").WhoConsented();
        await given.UntilAsync(new DateTimeOffset(2026, 10, 23, 9, 59, 59, TimeSpan.FromHours(9)));
        Assert.Empty(given.Provider.Attempts);
        await given.ForAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["season/crab-opening"], given.MailSentTo(past));
        await given.ForAsync(TimeSpan.FromDays(10));
        Assert.Equal(["season/crab-opening"], given.MailSentTo(past));
        Assert.Equal(["season/crab-opening-everyone"], given.MailSentTo(other));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_season_reaches_a_regular_three_times_within_the_shops_caps(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider, SendingPolicy.Shop);
        var past = await given.Contact("past@example.com").WhoConsented().WhoBought(new DateOnly(2025, 12, 1));
        await given.UntilAsync(new DateTimeOffset(2027, 4, 1, 0, 0, 0, TimeSpan.FromHours(9)));
        Assert.Equal(["season/crab-opening", "season/crab-new-year", "season/crab-last-call"], given.MailSentTo(past));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whoever_ordered_in_the_last_21_days_gets_no_last_call(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var recent = await given.Contact("recent@example.com").WhoConsented().WhoBought(new DateOnly(2027, 2, 20));
        await given.UntilAsync(new DateTimeOffset(2027, 4, 1, 0, 0, 0, TimeSpan.FromHours(9)));
        Assert.DoesNotContain("season/crab-last-call", given.MailSentTo(recent));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Late_inside_the_window_runs_once_and_after_it_is_missed(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var past = await given.Contact("past@example.com").WhoConsented().WhoBought(new DateOnly(2025, 12, 1));
        given.Clock.Now = new DateTimeOffset(2026, 11, 4, 9, 59, 0, TimeSpan.FromHours(9));
        await given.WorkAsync();
        await given.WorkAsync();
        Assert.Equal(["season/crab-opening"], given.MailSentTo(past));
        given.Clock.Now = new DateTimeOffset(2026, 12, 16, 10, 0, 0, TimeSpan.FromHours(9));
        await given.WorkAsync();
        Assert.Equal(["season/crab-opening"], given.MailSentTo(past));
        Assert.Equal(OccurrenceState.Missed, await StateAsync(given, "crab-new-year", 2027));
        // What has been settled is not planned again.
        await given.Workers.Calendar.RollOverAsync(default);
        Assert.Equal(OccurrenceState.Missed, await StateAsync(given, "crab-new-year", 2027));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Several_processes_at_the_same_instant_launch_an_occurrence_once(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        given.Clock.Now = new DateTimeOffset(2026, 10, 23, 10, 0, 0, TimeSpan.FromHours(9));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => given.Another().Calendar.LaunchDueAsync(default))));
        await using var db = given.Open();
        Assert.Equal(1, await db.Broadcasts.CountAsync());
        Assert.Equal(OccurrenceState.Launched, await StateAsync(given, "crab-opening", 2026));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_mailing_taken_out_of_the_calendar_does_not_go_out(DatabaseProvider provider)
    {
        await using var given = await ShopAsync(provider);
        var without = CalendarTests.CrabShop with { Occurrences = [.. CalendarTests.CrabShop.Occurrences.Where(row => row.Key != "crab-opening")] };
        await using (var db = given.Open()) await SeasonCalendar.LoadAsync(db, without, given.Clock.Now, default);
        Assert.Equal(OccurrenceState.Cancelled, await StateAsync(given, "crab-opening", 2026));
        await given.UntilAsync(new DateTimeOffset(2026, 10, 23, 10, 30, 0, TimeSpan.FromHours(9)));
        await using (var db = given.Open()) Assert.Equal(0, await db.Broadcasts.CountAsync());
        await using (var db = given.Open()) await SeasonCalendar.LoadAsync(db, CalendarTests.CrabShop, given.Clock.Now, default);
        Assert.Equal(OccurrenceState.Planned, await StateAsync(given, "crab-opening", 2026));
    }

    private static async Task<Scenario> ShopAsync(DatabaseProvider provider, SendingPolicy? policy = null)
    {
        var given = await Scenario.OnAsync(provider, policy, September);
        await using var db = given.Open();
        await SeasonCalendar.LoadAsync(db, CalendarTests.CrabShop, given.Clock.Now, default);
        return given;
    }

    private static async Task LoadAsync(Scenario given, string calendar)
    {
        await using var db = given.Open();
        await SeasonCalendar.LoadAsync(db, CalendarFile.Parse(calendar, "test"), given.Clock.Now, default);
    }

    private static async Task<IReadOnlyList<string>> PlanAsync(Scenario given)
    {
        await using var db = given.Open();
        var planned = await db.Occurrences.AsNoTracking().OrderBy(one => one.OpensAt).ThenBy(one => one.Key).ToListAsync();
        return [.. planned.Select(one => $"{one.Key} {one.Year} {one.OpensAt.ToOffset(TimeSpan.FromHours(9)).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}")];
    }

    private static async Task<OccurrenceState> StateAsync(Scenario given, string key, int year)
    {
        await using var db = given.Open();
        return (await db.Occurrences.AsNoTracking().SingleAsync(one => one.Key == key && one.Year == year)).State;
    }
}

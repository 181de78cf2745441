using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Content;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns.Calendar;

public sealed class CalendarShelfTests
{
    private static readonly DateTimeOffset September = new(2026, 9, 1, 9, 0, 0, TimeSpan.FromHours(9));

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_shop_that_chose_no_calendar_mails_by_none(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: September);
        var shelf = await LoadedAsync(given);
        Assert.Contains("crab-shop", shelf.Offers.Select(file => file.Key));
        await using var db = given.Open();
        Assert.Equal(0, await db.Occurrences.CountAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_chosen_calendar_is_planned_and_followed_also_after_a_restart_until_it_is_left(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: September);
        var shelf = await LoadedAsync(given);
        await using var db = given.Open();
        await shelf.FollowAsync(db, "gift-seasons", "ada", given.Clock.Now, default);
        Assert.Equal(["gift-year-end 2026-11-15", "gift-midsummer 2027-06-15", "gift-year-end 2027-11-15"], await PlannedAsync(given));
        await Assert.ThrowsAsync<RuleBrokenException>(() => shelf.FollowAsync(db, "gift-seasons", "ada", given.Clock.Now, default));
        given.Clock.Now = September.AddMonths(12);
        var again = await LoadedAsync(given);
        Assert.Equal(5, (await PlannedAsync(given)).Count);
        await again.LeaveAsync(db, "gift-seasons", "ada", given.Clock.Now, default);
        Assert.Empty(await PlannedAsync(given));
        await Assert.ThrowsAsync<RuleBrokenException>(() => again.LeaveAsync(db, "gift-seasons", "ada", given.Clock.Now, default));
        await LoadedAsync(given);
        Assert.Empty(await PlannedAsync(given));
        Assert.Equal(["calendar.followed", "calendar.left"], await db.AuditEntries.AsNoTracking().OrderBy(entry => entry.Id).Select(entry => entry.Action).ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_is_open_when_a_calendar_is_chosen_waits_for_a_person(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider, now: new DateTimeOffset(2026, 10, 25, 9, 0, 0, TimeSpan.FromHours(9)));
        var shelf = await LoadedAsync(given);
        var past = await given.Contact("past@example.com").WhoConsented().WhoBought(new DateOnly(2025, 12, 1));
        await using var db = given.Open();
        await shelf.FollowAsync(db, "crab-shop", "ada", given.Clock.Now, default);
        await given.ForAsync(TimeSpan.FromDays(1));
        Assert.Empty(given.MailSentTo(past));
        var opening = await db.Occurrences.AsNoTracking().SingleAsync(one => one.Key == "crab-opening" && one.Year == 2026);
        Assert.False(opening.IsApproved);
        await given.Workers.Review.ApproveAsync(opening.Id, "ada", default);
        await given.ForAsync(TimeSpan.FromDays(1));
        Assert.Equal(["season/crab-opening"], given.MailSentTo(past));
        await given.UntilAsync(new DateTimeOffset(2026, 12, 3, 9, 0, 0, TimeSpan.FromHours(9)));
        Assert.Equal(["season/crab-opening", "season/crab-new-year"], given.MailSentTo(past));
    }

    [Fact]
    public async Task A_fresh_shop_begins_with_what_its_settings_choose_and_an_unknown_one_names_itself()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: September);
        await LoadedAsync(given, "ushi-day");
        Assert.Equal(["ushi-day 2027-07-11"], await PlannedAsync(given));
        // Chosen once: what somebody leaves later stays left.
        var shelf = await LoadedAsync(given, "gift-seasons");
        Assert.Equal(["ushi-day 2027-07-11"], await PlannedAsync(given));
        Assert.Equal("Setup:Calendars", (await Assert.ThrowsAsync<BadInputException>(() => LoadedAsync(given, "whales"))).Place);
        await using var db = given.Open();
        await Assert.ThrowsAsync<RuleBrokenException>(() => shelf.FollowAsync(db, "whales", "ada", given.Clock.Now, default));
    }

    [Fact]
    public async Task A_retired_template_stops_only_those_who_follow_a_calendar_that_sends_it()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: September);
        await using var db = given.Open();
        await given.Workers.Uses.RetireAsync(db, "season/ushi-day", "", "ada", default);
        var shelf = new CalendarShelf(Shipped.Calendars, given.Workers.Templates);
        await shelf.LoadAsync(db, [], given.Clock.Now, default);
        var refused = await Assert.ThrowsAsync<RuleBrokenException>(() => shelf.FollowAsync(db, "ushi-day", "ada", given.Clock.Now, default));
        Assert.Contains("season/ushi-day", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<BadInputException>(() => shelf.LoadAsync(db, ["ushi-day"], given.Clock.Now, default));
        await shelf.FollowAsync(db, "gift-seasons", "ada", given.Clock.Now, default);
        Assert.NotEmpty(await PlannedAsync(given));
    }

    [Fact]
    public async Task Every_ready_made_calendar_says_in_both_languages_what_it_does_and_knows_its_next_days()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite, now: September);
        var shelf = await LoadedAsync(given);
        Assert.Equal(["business-year", "crab-shop", "gift-seasons", "maintenance", "ushi-day", "year-end-thanks"], shelf.Offers.Select(file => file.Key));
        foreach (var file in shelf.Offers)
        {
            Assert.All(new[] { file.Title, file.TitleEn, file.About, file.AboutEn }, text => Assert.False(string.IsNullOrWhiteSpace(text), file.Key));
            Assert.All(file.ComingAfter(new DateOnly(2026, 9, 1)), line => Assert.True(line.Next > new DateOnly(2026, 9, 1), line.Row.Key));
            Assert.All(file.Occurrences, row => Assert.Equal(given.Workers.Templates.Find(row.Template)!.Approach.ToString(), row.Approach));
        }
    }

    private static async Task<CalendarShelf> LoadedAsync(Scenario given, params string[] chosen)
    {
        var shelf = new CalendarShelf(Shipped.Calendars, TemplateCatalogue.Load(Shipped.Templates));
        await using var db = given.Open();
        await shelf.LoadAsync(db, chosen, given.Clock.Now, default);
        return shelf;
    }

    private static async Task<IReadOnlyList<string>> PlannedAsync(Scenario given)
    {
        await using var db = given.Open();
        var planned = await db.Occurrences.AsNoTracking().Where(one => one.State == OccurrenceState.Planned).OrderBy(one => one.OpensAt).ToListAsync();
        return [.. planned.Select(one => $"{one.Key} {LocalTime.DayOf(one.OpensAt, TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo")):yyyy-MM-dd}")];
    }
}

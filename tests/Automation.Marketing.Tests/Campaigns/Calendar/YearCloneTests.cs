using System.Text.Json;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Campaigns.Calendar;

public sealed class YearCloneTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_year_is_taken_over_with_what_was_changed_and_waits_for_dates_and_approval(DatabaseProvider provider)
    {
        await using var given = await Scenario.OnAsync(provider);
        await using var db = given.Open();
        await SeasonCalendar.LoadAsync(db, Calendar(), given.Clock.Now, default);
        var (opening, gift) = (await OneAsync(db, "opening", 2026), await OneAsync(db, "gift", 2026));
        await given.Workers.Review.ChangeAsync(opening.Id, new OccurrenceChanges(DaysMoved: 2, Capacity: 300, Owner: "ada"), default);
        await given.Workers.Review.ChangeAsync(gift.Id, new OccurrenceChanges(Priority: 77), default);

        db.ChangeTracker.Clear();
        Assert.Equal(new YearCloned(1, 1, 0), await YearClone.TakeOverAsync(db, 2026, "ada", given.Clock.Now, default));
        db.ChangeTracker.Clear();
        var next = await OneAsync(db, "gift", 2027);
        Assert.Equal((77, true, false), (next.Priority, next.NeedsApproval, next.IsApproved));
        Assert.False(await db.Occurrences.AnyAsync(one => one.Key == "opening" && one.Year == 2027));
        var draft = Assert.Single(await YearClone.DraftsAsync(db, 2027, TimeZoneInfo.Utc, default));
        Assert.Equal(("opening", "解禁日", "解禁日 -4d"), (draft.Draft.Key, draft.Draft.AnchorKey, draft.When));
        Assert.Equal(DateOnly.FromDateTime(opening.OpensAt.UtcDateTime).AddDays(2), draft.LastYear!.Day);

        // Once more changes nothing.
        Assert.Equal(new YearCloned(0, 0, 2), await YearClone.TakeOverAsync(db, 2026, "ada", given.Clock.Now, default));

        // The date is entered: the draft becomes the occurrence, by the new day, as it was changed.
        await SeasonCalendar.SetAnchorDateAsync(db, "解禁日", 2027, new DateOnly(2027, 12, 8), given.Clock.Now, default);
        db.ChangeTracker.Clear();
        var planned = await OneAsync(db, "opening", 2027);
        Assert.Equal((300, "ada", true), (planned.Capacity!.Value, planned.Owner, planned.NeedsApproval));
        Assert.Equal(new DateTimeOffset(2027, 12, 6, 10, 0, 0, TimeSpan.FromHours(9)), planned.OpensAt);
        Assert.Empty(await YearClone.DraftsAsync(db, 2027, TimeZoneInfo.Utc, default));
        Assert.False(await db.OccurrenceDrafts.AnyAsync());
    }

    [Fact]
    public async Task A_year_without_mailings_is_not_taken_over()
    {
        await using var given = await Scenario.OnAsync(DatabaseProvider.Sqlite);
        await using var db = given.Open();
        await Assert.ThrowsAsync<RuleBrokenException>(() => YearClone.TakeOverAsync(db, 2026, "ada", given.Clock.Now, default));
    }

    private static Task<Occurrence> OneAsync(AutomationDb db, string key, int year) => db.Occurrences.AsNoTracking().SingleAsync(one => one.Key == key && one.Year == year);

    private static CalendarFile Calendar() => CalendarFile.Parse(JsonSerializer.Serialize(new
    {
        key = "year",
        anchors = new object[]
        {
            new { key = "解禁日", kind = "explicit", dates = new Dictionary<string, string> { ["2026"] = "2026-12-06" } },
            new { key = "元日", kind = "fixed", rule = "12-31" },
        },
        occurrences = new object[]
        {
            new { key = "opening", when = "解禁日 -4d", audience = new { }, template = "season/crab-opening" },
            new { key = "gift", when = "元日 -10d", audience = new { }, template = "season/gift-year-end" },
        },
    }), "year");
}

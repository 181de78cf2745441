using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>An occurrence that moved because its anchor did.</summary>
public sealed record MovedOccurrence(string Key, int Year, string Title, DateTimeOffset? From, DateTimeOffset To);

/// <summary>What a changed anchor date did to the plan.</summary>
public sealed record CalendarChange(string Anchor, int Year, DateOnly? Before, DateOnly After, IReadOnlyList<MovedOccurrence> Moved);

/// <summary>Knows when the season opens: plans each occurrence from its anchor's date and launches it inside its window, once.</summary>
public sealed class SeasonCalendar(IDbContextFactory<AutomationDb> dbs, Broadcasts broadcasts, TimeProvider clock)
{
    /// <summary>How far ahead occurrences are planned.</summary>
    public const int PlannedMonths = 18;

    private const string SettingPrefix = "calendar:";

    /// <summary>Takes a calendar in: its anchors' dates where none are set yet, and the plan that follows.</summary>
    public static async Task LoadAsync(AutomationDb db, CalendarFile calendar, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.WriteSettingAsync(SettingPrefix + calendar.Key, calendar, now, cancellation);
        foreach (var row in calendar.Anchors)
        {
            var anchor = await db.Anchors.FindAsync([row.Key], cancellation);
            if (anchor is null) db.Anchors.Add(anchor = new Anchor { Key = row.Key });
            (anchor.Kind, anchor.NameEn) = (row.Kind, row.NameEn);
            var known = await db.AnchorDates.Where(date => date.AnchorKey == row.Key).Select(date => date.Year).ToListAsync(cancellation);
            db.AnchorDates.AddRange(row.Dates
                .Select(pair => new AnchorDate { AnchorKey = row.Key, Year = int.Parse(pair.Key, CultureInfo.InvariantCulture), Date = CalendarFile.Date(pair.Value, row.Key) })
                .Where(date => !known.Contains(date.Year)));
        }
        await db.SaveChangesAsync(cancellation);
        await PlanAsync(db, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Sets the day of an anchor in one year; everything that hangs on it and has not gone out moves with it.</summary>
    /// <exception cref="BadInputException">There is no such anchor, or the date lies in another year.</exception>
    public static async Task<CalendarChange> SetAnchorDateAsync(
        AutomationDb db, string key, int year, DateOnly date, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await db.Anchors.FindAsync([key], cancellation) is null) throw new BadInputException("anchor", $"there is no anchor '{key}'.");
        if (date.Year != year) throw new BadInputException("date", $"{date:yyyy-MM-dd} is not in {year}.");
        var row = await db.AnchorDates.FindAsync([key, year], cancellation);
        var before = row?.Date;
        if (row is null) db.AnchorDates.Add(new AnchorDate { AnchorKey = key, Year = year, Date = date });
        else row.Date = date;
        await db.SaveChangesAsync(cancellation);
        var moved = await PlanAsync(db, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return new CalendarChange(key, year, before, date, moved);
    }

    /// <summary>Brings the plan up to date with the calendars and the anchors' dates; runs daily.</summary>
    public async Task RollOverAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await PlanAsync(db, clock.GetUtcNow(), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Launches what is due: inside its window once, after it never.</summary>
    /// <returns>Occurrences settled.</returns>
    public async Task<int> LaunchDueAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var now = clock.GetUtcNow();
        // Without a complete sender nothing may go out; inside its window it is launched as soon as it may.
        if ((await db.ShopAsync(cancellation)).Missing.Count > 0) return 0;
        var due = await db.QueryAsync(
            $"SELECT id FROM occurrences WHERE state = 'Planned' AND opens_at <= @p0 ORDER BY opens_at{db.Dialect.SkipLocked}", row => row.Guid(0), cancellation, now);
        foreach (var occurrence in await db.Occurrences.Where(occurrence => due.Contains(occurrence.Id)).ToListAsync(cancellation))
        {
            occurrence.SettledAt = now;
            if (occurrence.ClosesAt <= now)
            {
                occurrence.State = OccurrenceState.Missed;
                continue;
            }
            var broadcast = broadcasts.Create(db, BroadcastOf(occurrence, now), "calendar", now);
            (occurrence.State, occurrence.BroadcastId) = (OccurrenceState.Launched, broadcast.Id);
        }
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return due.Count;
    }

    private static NewBroadcast BroadcastOf(Occurrence occurrence, DateTimeOffset now) => new(
        $"{occurrence.Title} {occurrence.Year}", occurrence.Template, Audiences.Parse(occurrence.Audience, "audience"), now, occurrence.ClosesAt,
        OverCap.Defer, occurrence.Approach, occurrence.Priority, occurrence.CollapseKey, occurrence.Id, occurrence.Season);

    private static async Task<List<MovedOccurrence>> PlanAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var stored = await db.Settings.AsNoTracking().Where(setting => setting.Key.StartsWith(SettingPrefix)).ToListAsync(cancellation);
        var dates = await DatesAsync(db, now, cancellation);
        var planned = await db.Occurrences.Where(occurrence => occurrence.State == OccurrenceState.Planned || occurrence.OpensAt > now.AddYears(-2)).ToListAsync(cancellation);
        var moved = new List<MovedOccurrence>();
        var calendars = stored.Select(setting => CalendarFile.Parse(setting.Value, setting.Key)).ToList();
        foreach (var calendar in calendars)
        {
            foreach (var row in calendar.Occurrences)
                Plan(db, calendar, row, dates, planned, zone, now, moved);
        }
        CancelUnlisted(planned, calendars);
        await db.SaveChangesAsync(cancellation);
        await SeasonHolds.RefreshAsync(db, zone, now, cancellation);
        return moved;
    }

    /// <summary>The days of each anchor by year.</summary>
    // A fixed anchor falls on the same day in years that nobody has entered.
    internal static async Task<Dictionary<string, SortedDictionary<int, DateOnly>>> DatesAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var anchors = await db.Anchors.AsNoTracking().ToListAsync(cancellation);
        var rows = await db.AnchorDates.AsNoTracking().ToListAsync(cancellation);
        var dates = anchors.ToDictionary(
            anchor => anchor.Key,
            anchor => new SortedDictionary<int, DateOnly>(rows.Where(row => row.AnchorKey == anchor.Key).ToDictionary(row => row.Year, row => row.Date)),
            StringComparer.Ordinal);
        foreach (var anchor in anchors.Where(anchor => anchor.Kind == "fixed" && dates[anchor.Key].Count > 0))
        {
            var model = dates[anchor.Key].Last().Value;
            for (var year = now.Year - 1; year <= now.Year + 3; year++)
                dates[anchor.Key].TryAdd(year, new DateOnly(year, model.Month, Math.Min(model.Day, DateTime.DaysInMonth(year, model.Month))));
        }
        return dates;
    }

    private static void Plan(
        AutomationDb db, CalendarFile calendar, CalendarFile.OccurrenceRow row, Dictionary<string, SortedDictionary<int, DateOnly>> dates,
        List<Occurrence> planned, TimeZoneInfo zone, DateTimeOffset now, List<MovedOccurrence> moved)
    {
        var when = WhenRule.Parse(row.When, row.Key);
        foreach (var (year, anchorDay) in dates.GetValueOrDefault(when.Anchor) ?? [])
        {
            var day = Adjust(anchorDay.AddDays(when.Days), row.Adjust);
            var opens = LocalTime.InstantOf(day, CalendarFile.OpensAt(row, row.Key), zone);
            var closes = opens + CalendarFile.ClosesAfter(row, row.Key);
            var occurrence = planned.SingleOrDefault(known => known.Key == row.Key && known.Year == year);
            if (occurrence is null)
            {
                if (closes <= now || opens > now.AddMonths(PlannedMonths)) continue;
                occurrence = New(row, year, now);
                db.Occurrences.Add(occurrence);
                planned.Add(occurrence);
                moved.Add(new MovedOccurrence(row.Key, year, occurrence.Title, From: null, opens));
            }
            else if (occurrence.State is OccurrenceState.Cancelled && closes > now)
            {
                // It stands in the calendar again.
                occurrence.State = OccurrenceState.Planned;
            }
            else if (occurrence.State is not OccurrenceState.Planned)
            {
                continue;
            }
            else if (occurrence.OpensAt != opens)
            {
                moved.Add(new MovedOccurrence(row.Key, year, occurrence.Title, occurrence.OpensAt, opens));
            }
            Fill(occurrence, calendar, row, opens, closes, SeasonOf(calendar, dates, day));
        }
    }

    // What has been taken out of the calendars must not go out.
    private static void CancelUnlisted(List<Occurrence> planned, List<CalendarFile> calendars)
    {
        var listed = calendars.SelectMany(calendar => calendar.Occurrences).Select(row => row.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var occurrence in planned.Where(one => one.State is OccurrenceState.Planned && !listed.Contains(one.Key)))
            occurrence.State = OccurrenceState.Cancelled;
    }

    private static Occurrence New(CalendarFile.OccurrenceRow row, int year, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Key = row.Key,
        Year = year,
        Title = row.Title ?? row.Key,
        When = row.When,
        Audience = "{}",
        Template = row.Template,
    };

    private static void Fill(
        Occurrence occurrence, CalendarFile calendar, CalendarFile.OccurrenceRow row, DateTimeOffset opens, DateTimeOffset closes, string season)
    {
        (occurrence.Title, occurrence.TitleEn, occurrence.When) = (row.Title ?? row.Key, row.TitleEn, row.When);
        (occurrence.OpensAt, occurrence.ClosesAt, occurrence.Season) = (opens, closes, season);
        (occurrence.Audience, occurrence.Template) = (row.Audience.GetRawText(), row.Template);
        (occurrence.Approach, occurrence.Priority) = (Enum.Parse<Approach>(row.Approach), row.Priority);
        occurrence.CollapseKey = row.CollapseKey ?? calendar.Season?.Key;
    }

    private static DateOnly Adjust(DateOnly day, string adjust)
    {
        var step = adjust switch { "previous" => -1, "next" => 1, _ => 0 };
        while (step != 0 && day.DayOfWeek is (DayOfWeek.Saturday or DayOfWeek.Sunday)) day = day.AddDays(step);
        return day;
    }

    // The season that a mailing speaks of is the one that ends next.
    private static string SeasonOf(CalendarFile calendar, Dictionary<string, SortedDictionary<int, DateOnly>> dates, DateOnly day)
    {
        if (calendar.Season is not { } season) return "{}";
        var ends = dates[season.Ends].Values.Where(end => end >= day).Select(end => (DateOnly?)end).FirstOrDefault();
        var opens = dates[season.Opens].Values.Where(open => ends is null || open <= ends).Select(open => (DateOnly?)open).LastOrDefault();
        return new JsonObject
        {
            ["key"] = $"{season.Key}-{(opens ?? day).Year}",
            ["opens_on"] = Dated(opens),
            ["ends_on"] = Dated(ends),
        }.ToJsonString();
    }

    // The form in which template models carry dates in JSON.
    private static JsonObject? Dated(DateOnly? day) =>
        day is { } date ? new JsonObject { ["$date"] = date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) } : null;
}

using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Days;
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

    internal const string SettingPrefix = "calendar:";

    /// <summary>Takes a calendar in: its anchors' dates where none are set yet, and the plan that follows.</summary>
    public static async Task LoadAsync(AutomationDb db, CalendarFile calendar, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await TakeInAsync(db, calendar, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The same in the caller's transaction.</summary>
    internal static async Task TakeInAsync(AutomationDb db, CalendarFile calendar, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.WriteSettingAsync(SettingPrefix + calendar.Key, calendar, now, cancellation);
        foreach (var row in calendar.Anchors)
        {
            var anchor = await db.Anchors.FindAsync([row.Key], cancellation);
            if (anchor is null) db.Anchors.Add(anchor = new Anchor { Key = row.Key });
            (anchor.Kind, anchor.NameEn, anchor.Rule) = (row.Kind, row.NameEn, row.Rule);
            var known = await db.AnchorDates.Where(date => date.AnchorKey == row.Key).Select(date => date.Year).ToListAsync(cancellation);
            db.AnchorDates.AddRange(CalendarFile.DatesOf(row).Where(date => !known.Contains(date.Year)));
        }
        await db.SaveChangesAsync(cancellation);
        await PlanAsync(db, now, cancellation);
    }

    /// <summary>Adds a day of the year that mailings and flows can hang on.</summary>
    /// <param name="key">1 to 64 characters without spaces, + and -: rules like <c>解禁日 -14d</c> name it.</param>
    /// <exception cref="BadInputException">The key is taken or does not fit, or the rule does not fit the kind.</exception>
    public static async Task AddAnchorAsync(AutomationDb db, string key, string kind, string? rule, DateTimeOffset now, CancellationToken cancellation)
    {
        if (key.Length > 64 || WhenRule.Parse(key, "key").Anchor != key) throw new BadInputException("key", "must have 1 to 64 characters.");
        var anchor = new Anchor { Key = key, Kind = kind, Rule = string.IsNullOrWhiteSpace(rule) ? null : rule.Trim() };
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var others = await db.Anchors.AsNoTracking().ToListAsync(cancellation);
        if (others.Exists(other => other.Key == key)) throw new BadInputException("key", $"there is an anchor '{key}' already.");
        if (AnchorRule.Parse(kind, anchor.Rule, "rule") is null && kind != AnchorRule.Explicit) throw new BadInputException("rule", "is missing.");
        AnchorDays.Of([.. others, anchor], [], now.Year, now.Year);
        db.Anchors.Add(anchor);
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
        var stock = await db.StockAsync(cancellation);
        var settled = 0;
        foreach (var occurrence in await db.Occurrences.Where(occurrence => due.Contains(occurrence.Id)).ToListAsync(cancellation))
        {
            MissedBecause? waitsFor = !occurrence.IsApproved ? MissedBecause.NotApproved : stock.IsOut(occurrence.Guards) ? MissedBecause.OutOfStock : null;
            if (occurrence.ClosesAt <= now) (occurrence.State, occurrence.MissedBecause) = (OccurrenceState.Missed, waitsFor ?? MissedBecause.Late);
            else if (waitsFor is not null) continue;
            else (occurrence.State, occurrence.BroadcastId) = (OccurrenceState.Launched, broadcasts.Create(db, BroadcastOf(occurrence, now), "calendar", now).Id);
            occurrence.SettledAt = now;
            settled++;
        }
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return settled;
    }

    private static NewBroadcast BroadcastOf(Occurrence occurrence, DateTimeOffset now) => new(
        $"{occurrence.Title} {occurrence.Year}", occurrence.Template, Audiences.Parse(occurrence.Audience, "audience"), now, occurrence.ClosesAt,
        OverCap.Defer, occurrence.Approach, occurrence.Priority, occurrence.CollapseKey, occurrence.Id, occurrence.Season, occurrence.Capacity)
    {
        Options = new BroadcastOptions(OnPaper: OccurrenceChanges.Of(occurrence).OnPaper),
    };

    internal static async Task<List<MovedOccurrence>> PlanAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        // One after the other: two that plan at once would both make what is missing.
        await db.HoldWordsAsync([SettingPrefix + "plan"], cancellation);
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var stored = await db.Settings.AsNoTracking().Where(setting => setting.Key.StartsWith(SettingPrefix)).ToListAsync(cancellation);
        var dates = await DatesAsync(db, now, cancellation);
        var planned = await db.Occurrences.Where(occurrence => occurrence.State == OccurrenceState.Planned || occurrence.OpensAt > now.AddYears(-2)).ToListAsync(cancellation);
        var drafts = await db.OccurrenceDrafts.ToDictionaryAsync(draft => (draft.Key, draft.Year), cancellation);
        var moved = new List<MovedOccurrence>();
        var calendars = stored.Select(setting => CalendarFile.Parse(setting.Value, setting.Key)).ToList();
        foreach (var calendar in calendars)
        {
            foreach (var row in calendar.Occurrences)
                Plan(db, calendar, row, dates, planned, drafts, zone, now, moved);
        }
        CancelUnlisted(planned, calendars);
        await db.SaveChangesAsync(cancellation);
        await SeasonHolds.RefreshAsync(db, zone, now, cancellation);
        return moved;
    }

    /// <summary>The days of each anchor by year, last year's too.</summary>
    public static async Task<Dictionary<string, SortedDictionary<int, DateOnly>>> DatesAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation) =>
        AnchorDays.Of(await db.Anchors.AsNoTracking().ToListAsync(cancellation), await db.AnchorDates.AsNoTracking().ToListAsync(cancellation), now.Year - 1, now.Year + 3);

    private static void Plan(
        AutomationDb db, CalendarFile calendar, CalendarFile.OccurrenceRow row, Dictionary<string, SortedDictionary<int, DateOnly>> dates,
        List<Occurrence> planned, Dictionary<(string Key, int Year), OccurrenceDraft> drafts, TimeZoneInfo zone, DateTimeOffset now, List<MovedOccurrence> moved)
    {
        var when = WhenRule.Parse(row.When, row.Key);
        foreach (var (year, anchorDay) in dates.GetValueOrDefault(when.Anchor) ?? [])
        {
            var occurrence = planned.SingleOrDefault(known => known.Key == row.Key && known.Year == year);
            var draft = occurrence is null ? drafts.GetValueOrDefault((row.Key, year)) : null;
            var changes = draft is null ? OccurrenceChanges.Of(occurrence) : OccurrenceChanges.Of(draft.Changes);
            var day = Adjust(anchorDay.AddDays(when.Days), row.Adjust).AddDays(changes.DaysMoved);
            var opens = LocalTime.InstantOf(day, CalendarFile.OpensAt(row, row.Key), zone);
            var closes = opens + CalendarFile.ClosesAfter(row, row.Key);
            if (occurrence is null)
            {
                if (closes <= now || opens > now.AddMonths(PlannedMonths)) continue;
                occurrence = New(row, year, now);
                if (draft is not null)
                {
                    occurrence.Changes = draft.Changes;
                    db.OccurrenceDrafts.Remove(draft);
                }
                HoldWhenOpen();
                db.Occurrences.Add(occurrence);
                planned.Add(occurrence);
                moved.Add(new MovedOccurrence(row.Key, year, occurrence.Title, From: null, opens));
            }
            else if (occurrence.State is OccurrenceState.Cancelled && !changes.Cancelled && closes > now)
            {
                // It stands in the calendar again.
                occurrence.State = OccurrenceState.Planned;
                HoldWhenOpen();
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
            changes.ApplyTo(occurrence);

            // Nobody has seen it coming: what should have gone out already waits for a person.
            void HoldWhenOpen()
            {
                if (opens > now) return;
                changes = changes with { Held = true };
                occurrence.Changes = changes.ToJson();
            }
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
        Id = RowId.New(now),
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
        (occurrence.Capacity, occurrence.Guards, occurrence.Owner) = (row.Capacity, row.Guards, row.Owner);
        occurrence.NeedsApproval = row.Approval == CalendarFile.Each;
    }

    internal static DateOnly Adjust(DateOnly day, string adjust) => adjust switch
    {
        "previous" => WorkingDays.OnOrBefore(day),
        "next" => WorkingDays.OnOrAfter(day),
        _ => day,
    };

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

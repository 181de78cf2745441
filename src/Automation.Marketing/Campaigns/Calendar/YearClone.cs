using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>What taking a year over to the next did.</summary>
/// <param name="Planned">Mailings that stand in the next year's calendar, as this year's were changed by hand.</param>
/// <param name="Drafts">Mailings whose anchor has no date there yet.</param>
/// <param name="Left">Mailings of the next year that somebody has changed or settled already: they stay as they are.</param>
public sealed record YearCloned(int Planned, int Drafts, int Left);

/// <summary>A draft with what became of the same mailing the year before.</summary>
/// <param name="When">The rule by which it finds its day, e.g. <c>解禁日 -14d</c>.</param>
public sealed record DraftLine(OccurrenceDraft Draft, string Title, string? TitleEn, string When, PastResult? LastYear);

/// <summary>Takes the mailings of a year over to the next, with what was changed by hand; every one of them waits for approval.</summary>
public static class YearClone
{
    /// <param name="year">The anchors' year that is taken over; what did not go out in it on purpose is not.</param>
    /// <exception cref="RuleBrokenException">There is nothing to take over.</exception>
    public static async Task<YearCloned> TakeOverAsync(AutomationDb db, int year, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var rows = (await CalendarsAsync(db, cancellation)).SelectMany(calendar => calendar.Occurrences).ToDictionary(row => row.Key, StringComparer.Ordinal);
        var keys = rows.Keys.ToList();
        var these = await db.Occurrences.AsNoTracking().Where(one => one.Year == year && one.State != OccurrenceState.Cancelled && keys.Contains(one.Key)).ToListAsync(cancellation);
        if (these.Count == 0) throw new RuleBrokenException("No mailing of this year stands in a calendar.");
        var next = await db.Occurrences.Where(one => one.Year == year + 1 && keys.Contains(one.Key)).ToDictionaryAsync(one => one.Key, StringComparer.Ordinal, cancellation);
        var drafts = await db.OccurrenceDrafts.Where(draft => draft.Year == year + 1).Select(draft => draft.Key).ToListAsync(cancellation);
        var (planned, drafted, left) = (0, 0, 0);
        foreach (var one in these)
        {
            var changes = (OccurrenceChanges.Of(one) with { Cancelled = false, Held = true }).ToJson();
            if (next.TryGetValue(one.Key, out var there))
            {
                if (there.State is not OccurrenceState.Planned || there.ApprovedAt is not null || OccurrenceChanges.Of(there) != new OccurrenceChanges()) left++;
                else (there.Changes, planned) = (changes, planned + 1);
            }
            else if (drafts.Contains(one.Key)) left++;
            else
            {
                db.OccurrenceDrafts.Add(new OccurrenceDraft
                {
                    Key = one.Key,
                    Year = year + 1,
                    AnchorKey = WhenRule.Parse(rows[one.Key].When, one.Key).Anchor,
                    Changes = changes,
                    MadeBy = by,
                    MadeAt = now,
                });
                drafted++;
            }
        }
        var result = new YearCloned(planned, drafted, left);
        await db.SaveChangesAsync(cancellation);
        await SeasonCalendar.PlanAsync(db, now, cancellation);
        await Audit.WriteAsync(db, by, "calendar.taken-over", $"{year + 1}", before: null, result, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return result;
    }

    /// <summary>What waits for a date in this year, beside the year before.</summary>
    public static async Task<IReadOnlyList<DraftLine>> DraftsAsync(AutomationDb db, int year, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var drafts = await db.OccurrenceDrafts.AsNoTracking().Where(draft => draft.Year == year).OrderBy(draft => draft.AnchorKey).ThenBy(draft => draft.Key).ToListAsync(cancellation);
        if (drafts.Count == 0) return [];
        var rows = (await CalendarsAsync(db, cancellation)).SelectMany(calendar => calendar.Occurrences).ToDictionary(row => row.Key, StringComparer.Ordinal);
        var lines = new List<DraftLine>();
        foreach (var draft in drafts.Where(draft => rows.ContainsKey(draft.Key)))
        {
            var row = rows[draft.Key];
            lines.Add(new DraftLine(draft, row.Title ?? row.Key, row.TitleEn, row.When, await PastResult.OfAsync(db, draft.Key, year - 1, zone, cancellation)));
        }
        return lines;
    }

    private static async Task<IEnumerable<CalendarFile>> CalendarsAsync(AutomationDb db, CancellationToken cancellation) =>
        (await db.Settings.AsNoTracking().Where(setting => setting.Key.StartsWith(SeasonCalendar.SettingPrefix)).ToListAsync(cancellation))
        .Select(setting => CalendarFile.Parse(setting.Value, setting.Key));
}

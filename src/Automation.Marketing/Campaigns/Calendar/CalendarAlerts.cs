using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>What the calendar needs somebody for.</summary>
public abstract record CalendarAlert
{
    /// <summary>An anchor has no date yet for the coming season; last year's is never used.</summary>
    /// <param name="Expected">The day of the last known year, in this one.</param>
    public sealed record DateMissing(Anchor Anchor, int Year, DateOnly Expected) : CalendarAlert;

    /// <summary>A mailing waits for approval, or will soon.</summary>
    public sealed record NotApproved(Occurrence Occurrence) : CalendarAlert;

    /// <summary>A mailing waits, or will, for goods that are out of stock.</summary>
    public sealed record OutOfStock(Occurrence Occurrence) : CalendarAlert;

    /// <summary>A mailing did not go out.</summary>
    public sealed record Missed(Occurrence Occurrence) : CalendarAlert;
}

/// <summary>Finds them.</summary>
public static class CalendarAlerts
{
    /// <summary>How long before the expected day a missing date is told.</summary>
    public const int DateMissingDays = 60;

    /// <summary>How long before it opens a mailing that cannot go out yet is told.</summary>
    public const int BlockedDays = 14;

    /// <summary>How long a missed mailing is told.</summary>
    public const int MissedDays = 30;

    public static async Task<IReadOnlyList<CalendarAlert>> OfAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var anchors = await db.Anchors.AsNoTracking().Where(anchor => anchor.Kind == AnchorRule.Explicit).OrderBy(anchor => anchor.Key).ToListAsync(cancellation);
        var dates = (await db.AnchorDates.AsNoTracking().ToListAsync(cancellation)).ToLookup(date => date.AnchorKey);
        var soon = now.AddDays(BlockedDays);
        var planned = await db.Occurrences.AsNoTracking().Where(one => one.State == OccurrenceState.Planned && one.OpensAt <= soon).OrderBy(one => one.OpensAt).ToListAsync(cancellation);
        var lately = now.AddDays(-MissedDays);
        var missed = await db.Occurrences.AsNoTracking().Where(one => one.State == OccurrenceState.Missed && one.SettledAt >= lately).OrderBy(one => one.OpensAt).ToListAsync(cancellation);
        var stock = await db.StockAsync(cancellation);
        return
        [
            .. anchors.SelectMany(anchor => MissingDates(anchor, [.. dates[anchor.Key]], LocalTime.DayOf(now, zone))),
            .. planned.Where(one => !one.IsApproved).Select(one => new CalendarAlert.NotApproved(one)),
            .. planned.Where(one => stock.IsOut(one.Guards)).Select(one => new CalendarAlert.OutOfStock(one)),
            .. missed.Select(one => new CalendarAlert.Missed(one)),
        ];
    }

    // From 60 days before the day on which it fell last, until 60 days after it: then the season is over. A year may lack its date between two that have theirs.
    private static IEnumerable<CalendarAlert> MissingDates(Anchor anchor, IReadOnlyCollection<AnchorDate> dates, DateOnly today)
    {
        if (dates.Count == 0)
        {
            yield return new CalendarAlert.DateMissing(anchor, today.Year, today);
            yield break;
        }
        for (var year = today.Year - 1; year <= today.Year + 1; year++)
        {
            if (dates.Any(date => date.Year == year) || dates.Where(date => date.Year < year).MaxBy(date => date.Year)?.Date is not { } last) continue;
            var expected = new DateOnly(year, last.Month, Math.Min(last.Day, DateTime.DaysInMonth(year, last.Month)));
            if (Math.Abs(expected.DayNumber - today.DayNumber) <= DateMissingDays) yield return new CalendarAlert.DateMissing(anchor, year, expected);
        }
    }
}

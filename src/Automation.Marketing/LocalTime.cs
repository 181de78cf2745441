using System.Globalization;

namespace Automation.Marketing;

/// <summary>Wall-clock arithmetic in a person's zone.</summary>
public static class LocalTime
{
    /// <summary>The instant of a local time; one that does not exist is moved to the first valid after it, a repeated one is the first of the two.</summary>
    public static DateTimeOffset InstantOf(DateOnly day, TimeOnly time, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(time, DateTimeKind.Unspecified);
        if (zone.IsInvalidTime(local)) return FirstValidAfter(local, zone);
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    public static DateOnly DayOf(DateTimeOffset instant, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    public static TimeOnly TimeOf(DateTimeOffset instant, TimeZoneInfo zone) =>
        TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    /// <returns><c>yyyy-MM-dd</c>.</returns>
    public static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The zone by its IANA id, or <paramref name="fallback"/> when the id is unknown or null.</summary>
    public static TimeZoneInfo ZoneOr(string? id, TimeZoneInfo fallback) =>
        id is not null && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : fallback;

    // Gaps are whole minutes and at most a day.
    private static DateTimeOffset FirstValidAfter(DateTime local, TimeZoneInfo zone)
    {
        var at = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, 0, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(at)) at = at.AddMinutes(1);
        return new DateTimeOffset(at, zone.GetUtcOffset(at)).ToUniversalTime();
    }
}

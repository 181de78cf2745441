using Automation.Marketing.Days;

namespace Automation.Marketing.Deals;

/// <summary>Time that sales has for something, in working days.</summary>
public static class Sla
{
    private static readonly TimeOnly Morning = new(9, 0);

    /// <returns>The same time of day so many working days later; what comes on a day off counts from the next working morning.</returns>
    public static DateTimeOffset After(DateTimeOffset from, int workingDays, TimeZoneInfo zone)
    {
        var (day, time) = (LocalTime.DayOf(from, zone), LocalTime.TimeOf(from, zone));
        if (!WorkingDays.Includes(day)) (day, time) = (WorkingDays.OnOrAfter(day), Morning);
        for (var left = workingDays; left > 0; left--) day = WorkingDays.After(day);
        return LocalTime.InstantOf(day, time, zone);
    }
}

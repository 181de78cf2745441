namespace Automation.Marketing.Days;

/// <summary>Weekdays of a month by their number.</summary>
internal static class Weekdays
{
    /// <param name="number">1 to 5.</param>
    /// <returns>Null when the month has no fifth.</returns>
    public static DateOnly? Nth(int year, int month, DayOfWeek weekday, int number)
    {
        var first = new DateOnly(year, month, 1);
        var day = first.AddDays((weekday - first.DayOfWeek + 7) % 7 + (number - 1) * 7);
        return day.Month == month ? day : null;
    }

    public static DateOnly Last(int year, int month, DayOfWeek weekday)
    {
        var last = new DateOnly(year, month, DateTime.DaysInMonth(year, month));
        return last.AddDays(-((last.DayOfWeek - weekday + 7) % 7));
    }
}

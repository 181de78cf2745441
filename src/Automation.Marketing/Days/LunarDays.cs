using System.Globalization;

namespace Automation.Marketing.Days;

/// <summary>Days of the old Japanese calendar (旧暦), e.g. the 15th of the eighth month.</summary>
public static class LunarDays
{
    /// <summary>The years for which the framework's table holds every month.</summary>
    public const int FirstYear = 1960, LastYear = 2049;

    private static readonly JapaneseLunisolarCalendar Old = new();

    /// <summary>The day in the Gregorian calendar.</summary>
    /// <param name="year">The year of the old calendar, which begins in late January or February; <see cref="FirstYear"/> to <see cref="LastYear"/>.</param>
    /// <param name="month">1 to 12; a leap month is passed over.</param>
    /// <param name="day">1 to 30; the 30th of a month of 29 days is its 29th.</param>
    /// <returns>Null outside those years.</returns>
    public static DateOnly? Find(int year, int month, int day)
    {
        if (year is < FirstYear or > LastYear) return null;
        // Its eras begin in the middle of a year; a day of the year tells which one counts here.
        var summer = new DateTime(year, 7, 1, 0, 0, 0, DateTimeKind.Unspecified);
        var (oldYear, era) = (Old.GetYear(summer), Old.GetEra(summer));
        var leap = Old.GetLeapMonth(oldYear, era);
        var place = leap > 0 && month >= leap ? month + 1 : month;
        return DateOnly.FromDateTime(Old.ToDateTime(oldYear, place, Math.Min(day, Old.GetDaysInMonth(oldYear, place, era)), 0, 0, 0, 0, era));
    }
}

namespace Automation.Marketing.Days;

/// <summary>Monday to Friday, less the public holidays of Japan.</summary>
public static class WorkingDays
{
    public static bool Includes(DateOnly day) => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !JapaneseHolidays.Of(day.Year).ContainsKey(day);

    /// <summary>The day itself when it is a working day, else the next one.</summary>
    public static DateOnly OnOrAfter(DateOnly day) => From(day, 1);

    /// <summary>The day itself when it is a working day, else the last one before it.</summary>
    public static DateOnly OnOrBefore(DateOnly day) => From(day, -1);

    /// <summary>The first working day after this day.</summary>
    public static DateOnly After(DateOnly day) => OnOrAfter(day.AddDays(1));

    private static DateOnly From(DateOnly day, int step)
    {
        while (!Includes(day)) day = day.AddDays(step);
        return day;
    }
}

using System.Globalization;

namespace Automation.Workflows.Activities;

/// <summary>A cron expression of six fields: second, minute, hour, day of month, month, day of week. Instants are UTC.</summary>
/// <remarks>Fields: <c>*</c>, <c>?</c>, numbers, names (JAN, MON), lists, ranges, steps; <c>L</c> for the last day of the month. When both days are
/// restricted, both must match.</remarks>
public sealed class CronSchedule
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    // A 29th of February on a given weekday comes within 40 years; beyond that there is none.
    private const int YearsAhead = 41;
    private readonly ulong seconds, minutes, hours, days, months, weekdays;
    private readonly bool lastDay;

    private CronSchedule(string[] fields)
    {
        seconds = Field(fields[0], "Seconds", 0, 59, null);
        minutes = Field(fields[1], "Minutes", 0, 59, null);
        hours = Field(fields[2], "Hours", 0, 23, null);
        lastDay = fields[3].Equals("L", StringComparison.OrdinalIgnoreCase);
        days = lastDay ? 0 : Field(fields[3], "Days", 1, 31, null);
        months = Field(fields[4], "Months", 1, 12, Months);
        weekdays = Field(fields[5], "Days of week", 0, 7, Days);
        if ((weekdays & 1UL << 7) != 0) weekdays |= 1;   // 7 is Sunday too
    }

    /// <exception cref="FormatException">Says which field is wrong and what it may hold.</exception>
    public static CronSchedule Parse(string text)
    {
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // The first field is read first, so that a single wrong word is named for what it is.
        if (fields.Length is > 0 and not 6) Field(fields[0], "Seconds", 0, 59, null);
        return fields.Length == 6 ? new CronSchedule(fields) : throw Invalid("it needs six fields: second, minute, hour, day, month, day of week.");
    }

    /// <returns>The first instant after <paramref name="after"/>; null when there is none.</returns>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var start = after.ToUniversalTime();
        var at = new DateTime(start.Year, start.Month, start.Day, start.Hour, start.Minute, start.Second, DateTimeKind.Utc).AddSeconds(1);
        var limit = at.Year + YearsAhead;
        while (at.Year < limit)
        {
            if (!Has(months, at.Month)) at = new DateTime(at.Year, at.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1);
            else if (!MatchesDay(at)) at = at.Date.AddDays(1);
            else if (!Has(hours, at.Hour)) at = at.Date.AddHours(at.Hour + 1);
            else if (!Has(minutes, at.Minute)) at = at.AddSeconds(-at.Second).AddMinutes(1);
            else if (!Has(seconds, at.Second)) at = at.AddSeconds(1);
            else return new DateTimeOffset(at, TimeSpan.Zero);
        }
        return null;
    }

    private bool MatchesDay(DateTime at) =>
        Has(weekdays, (int)at.DayOfWeek) && (lastDay ? at.Day == DateTime.DaysInMonth(at.Year, at.Month) : Has(days, at.Day));

    private static bool Has(ulong set, int value) => (set & 1UL << value) != 0;

    private static ulong Field(string text, string name, int min, int max, string[]? names)
    {
        var set = 0UL;
        foreach (var part in text.Split(','))
        {
            var (range, step) = part.Split('/') is [var left, var right] ? (left, Number(right, name, 1, max, null)) : (part, 1);
            var (from, to) = range is "*" or "?" ? (min, max)
                : range.Split('-') is [var low, var high] ? (Number(low, name, min, max, names), Number(high, name, min, max, names))
                : (Number(range, name, min, max, names), part.Contains('/', StringComparison.Ordinal) ? max : Number(range, name, min, max, names));
            // A range may run over the end: FRI-MON, 22-2.
            for (var value = from; ; value = value == max ? min : value + 1)
            {
                if ((value - from + max - min + 1) % (max - min + 1) % step == 0) set |= 1UL << value;
                if (value == to) break;
            }
        }
        return set;
    }

    private static int Number(string text, string name, int min, int max, string[]? names)
    {
        var known = names is null ? -1 : Array.FindIndex(names, item => item.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (known >= 0) return known + min;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value : throw Invalid($"{name}: Value must be a number between {min} and {max} (all inclusive).");
    }

    private static FormatException Invalid(string problem) => new("The given cron expression has an invalid format. " + problem);
}

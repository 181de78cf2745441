using System.Globalization;
using System.Text.RegularExpressions;
using Automation.Marketing.Days;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>A moment as flows write it; see <see cref="WaitUntil.Until"/>.</summary>
internal sealed partial record Moment(string Text)
{
    private DayOfWeek? Weekday { get; init; }
    private bool NextBusinessDay { get; init; }
    private bool NextTime { get; init; }
    private TimeSpan? Delay { get; init; }
    private int Days { get; init; }
    private TimeOnly Time { get; init; } = new(10, 0);

    /// <summary>The expression whose date the moment hangs on; null when it hangs on none.</summary>
    public string? Field { get; private init; }

    /// <summary>The shortest it can be away.</summary>
    public TimeSpan Least => Delay ?? (Field is not null || NextTime ? TimeSpan.Zero : TimeSpan.FromHours(1));

    /// <exception cref="FormatException">The text is no moment.</exception>
    public static Moment Parse(string text) =>
        TryParse(text) ?? throw new FormatException(
            $"'{text}' is not a moment like 'next-business-day 10:00', 'next monday 09:00', 'at 18:00', 'field deal.revisit_on -3d 10:00' or '+P3D'.");

    /// <returns>Null when the text is no moment.</returns>
    public static Moment? TryParse(string text)
    {
        var match = Form().Match(text.Trim());
        var delay = TimeSpan.Zero;
        if (!match.Success || (match.Groups["delay"].Success && !Durations.TryParse(match.Groups["delay"].Value, out delay))) return null;
        var time = match.Groups["time"].Success ? TimeOnly.ParseExact(match.Groups["time"].Value, "HH:mm", CultureInfo.InvariantCulture) : new TimeOnly(10, 0);
        return new Moment(text)
        {
            Time = time,
            NextBusinessDay = match.Groups["business"].Success,
            NextTime = match.Groups["at"].Success,
            Weekday = match.Groups["weekday"].Success ? Enum.Parse<DayOfWeek>(match.Groups["weekday"].Value, ignoreCase: true) : null,
            Delay = match.Groups["delay"].Success ? delay : null,
            Field = match.Groups["field"].Success ? match.Groups["field"].Value : null,
            Days = match.Groups["days"].Success ? int.Parse(match.Groups["days"].Value, CultureInfo.InvariantCulture) : 0,
        };
    }

    /// <param name="field">The value of <see cref="Field"/>.</param>
    /// <returns>Null when the field holds no date.</returns>
    public DateTimeOffset? After(DateTimeOffset now, object? field, TimeZoneInfo zone)
    {
        if (Delay is { } delay) return now + delay;
        var today = LocalTime.DayOf(now, zone);
        if (NextTime) return LocalTime.InstantOf(today, Time, zone) is var soon && soon > now ? soon : LocalTime.InstantOf(today.AddDays(1), Time, zone);
        DateOnly? day = Field is not null ? DateOf(field)?.AddDays(Days) : NextDay(today);
        return day is { } on ? LocalTime.InstantOf(on, Time, zone) : null;
    }

    private DateOnly NextDay(DateOnly today)
    {
        if (Weekday is not { } weekday) return WorkingDays.After(today);
        var day = today.AddDays(1);
        while (day.DayOfWeek != weekday) day = day.AddDays(1);
        return day;
    }

    private static DateOnly? DateOf(object? value) => value switch
    {
        DateTime date => DateOnly.FromDateTime(date),
        DateTimeOffset instant => DateOnly.FromDateTime(instant.DateTime),
        string text when DateOnly.TryParse(text, CultureInfo.InvariantCulture, out var date) => date,
        _ => null,
    };

    [GeneratedRegex(
        @"^(?:(?<business>next-business-day)(?:\s+(?<time>(?:[01]\d|2[0-3]):[0-5]\d))?|next\s+(?<weekday>monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?:\s+(?<time>(?:[01]\d|2[0-3]):[0-5]\d))?|field\s+(?<field>[\w.]+)(?:\s+(?<days>[+-]\d{1,4})d)?(?:\s+(?<time>(?:[01]\d|2[0-3]):[0-5]\d))?|(?<at>at)\s+(?<time>(?:[01]\d|2[0-3]):[0-5]\d)|\+(?<delay>P\S+))$",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}

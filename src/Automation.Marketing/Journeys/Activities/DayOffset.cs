using System.Globalization;
using System.Text.RegularExpressions;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Days before or after a date, and the local time on that day: <c>-14d</c>, <c>+3d 09:00</c>; ISO 8601 days (<c>-P14D</c>) do as well.</summary>
/// <param name="Days">Negative: before the date.</param>
internal sealed partial record DayOffset(int Days, TimeOnly Time)
{
    /// <summary>When none is named.</summary>
    public static readonly TimeOnly DefaultTime = new(10, 0);

    public static readonly DayOffset None = new(0, DefaultTime);

    private const int MostDays = 3660;

    /// <returns>Null when the text is no offset; no text is no offset of days.</returns>
    public static DayOffset? TryParse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return None;
        var match = Form().Match(text.Trim());
        if (!match.Success) return null;
        var time = match.Groups["time"].Success ? TimeOnly.ParseExact(match.Groups["time"].Value, "HH:mm", CultureInfo.InvariantCulture) : DefaultTime;
        var days = match.Groups["days"].Success ? int.Parse(match.Groups["days"].Value, CultureInfo.InvariantCulture) : 0;
        if (match.Groups["sign"].Value == "-") days = -days;
        return Math.Abs(days) <= MostDays ? new DayOffset(days, time) : null;
    }

    /// <exception cref="FormatException">The text is no offset.</exception>
    public static DayOffset Parse(string? text) => TryParse(text) ?? throw new FormatException($"'{text}' is no offset like '-14d' or '+3d 10:00'.");

    public DateTimeOffset From(DateOnly day, TimeZoneInfo zone) => LocalTime.InstantOf(day.AddDays(Days), Time, zone);

    [GeneratedRegex(
        @"^(?:(?<sign>[+-])?\s?P?(?<days>\d{1,4})\s?[dD])?(?:(?:^|\s+)(?<time>(?:[01]\d|2[0-3]):[0-5]\d))?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}

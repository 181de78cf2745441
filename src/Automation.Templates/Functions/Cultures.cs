using System.Collections.Concurrent;
using System.Globalization;

namespace Automation.Templates.Functions;

/// <summary>Cultures by name.</summary>
public static class Cultures
{
    /// <summary>At the end of a name: dates are in Japanese years, as in <c>ja-JP-u-ca-japanese</c>.</summary>
    private const string JapaneseYears = "-u-ca-japanese";

    private static readonly ConcurrentDictionary<string, CultureInfo> s_withJapaneseYears = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="name">Such as <c>ja-JP</c>; empty for the invariant culture. The platform itself ignores a calendar in the name.</param>
    /// <exception cref="CultureNotFoundException">There is no such culture.</exception>
    public static CultureInfo Get(string name)
    {
        if (!name.EndsWith(JapaneseYears, StringComparison.OrdinalIgnoreCase)) return CultureInfo.GetCultureInfo(name);
        return s_withJapaneseYears.GetOrAdd(CultureInfo.GetCultureInfo(name[..^JapaneseYears.Length]).Name, WithJapaneseYears);
    }

    private static CultureInfo WithJapaneseYears(string name)
    {
        var culture = (CultureInfo)CultureInfo.GetCultureInfo(name).Clone();
        var japanese = Array.Find(culture.OptionalCalendars, calendar => calendar is JapaneseCalendar);
        if (japanese is not null) culture.DateTimeFormat.Calendar = japanese;
        return CultureInfo.ReadOnly(culture);
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using Automation.Marketing.Days;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>How the day of an anchor is found in a year for which nobody has entered one (brief §4.7).</summary>
public sealed partial class AnchorRule
{
    /// <summary>A date entered for each year: without one, nothing goes out.</summary>
    public const string Explicit = "explicit";

    /// <summary>The same month and day each year: <c>01-01</c>.</summary>
    public const string Fixed = "fixed";

    /// <summary>Month, number and weekday: <c>5/2/sunday</c>; the number may be <c>last</c>.</summary>
    public const string Weekday = "weekday";

    /// <summary>A public holiday of Japan by its name: <c>成人の日</c>.</summary>
    public const string Holiday = "holiday";

    /// <summary>A solar term or a day that hangs on one: <c>冬至</c>, <c>土用丑</c>.</summary>
    public const string Term = "term";

    /// <summary>Month and day of the old calendar: <c>8-15</c>.</summary>
    public const string Lunar = "lunar";

    /// <summary>Another anchor and a distance: <c>元日 -3d</c>.</summary>
    public const string Relative = "relative";

    private const int FirstYear = 1950, LastYear = 2099;

    private readonly Func<int, DateOnly?> find;

    private AnchorRule(Func<int, DateOnly?> find) => this.find = find;

    public static IReadOnlyList<string> Kinds { get; } = [Explicit, Fixed, Weekday, Holiday, Term, Lunar, Relative];

    /// <summary>For a relative anchor: the one that it hangs on, and how many days away.</summary>
    public WhenRule? HangsOn { get; private init; }

    /// <returns>Null when only entered dates count.</returns>
    /// <exception cref="BadInputException">The kind is unknown, or the rule does not fit it.</exception>
    public static AnchorRule? Parse(string kind, string? rule, string place)
    {
        var text = rule?.Trim() ?? "";
        return kind switch
        {
            Explicit or Fixed when text.Length == 0 => null,
            Explicit => throw new BadInputException(place, "an explicit anchor has dates and no rule."),
            Fixed => FixedDay(text, place),
            Weekday => NthWeekday(text, place),
            Holiday => Named(text, JapaneseHolidays.Names, JapaneseHolidays.In, "a holiday like 成人の日", place),
            Term => Named(text, SolarTerms.Names, SolarTerms.In, "a solar term like 冬至 or 土用丑", place),
            Lunar => LunarDay(text, place),
            Relative => new AnchorRule(_ => null) { HangsOn = WhenRule.Parse(text, place) },
            _ => throw new BadInputException(place, $"'kind' must be one of {string.Join(", ", Kinds)}."),
        };
    }

    /// <summary>The day in a year; of a relative anchor the caller adds the distance.</summary>
    /// <returns>Null when that year has none.</returns>
    public DateOnly? In(int year) => year is < FirstYear or > LastYear ? null : find(year);

    private static AnchorRule FixedDay(string text, string place)
    {
        // Of a leap year, so that 29 February can be given; other years take the 28th.
        if (!DateOnly.TryParseExact("2024-" + text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            throw new BadInputException(place, $"'{text}' is not a month and day like 01-01.");
        return new AnchorRule(year => new DateOnly(year, day.Month, Math.Min(day.Day, DateTime.DaysInMonth(year, day.Month))));
    }

    private static AnchorRule NthWeekday(string text, string place)
    {
        var match = WeekdayForm().Match(text);
        if (!match.Success || !Enum.TryParse<DayOfWeek>(match.Groups["weekday"].Value, ignoreCase: true, out var weekday))
            throw new BadInputException(place, $"'{text}' is not month/number/weekday like 5/2/sunday or 11/last/friday.");
        var month = int.Parse(match.Groups["month"].Value, CultureInfo.InvariantCulture);
        return match.Groups["number"].Value is var number && number.Equals("last", StringComparison.OrdinalIgnoreCase)
            ? new AnchorRule(year => Weekdays.Last(year, month, weekday))
            : new AnchorRule(year => Weekdays.Nth(year, month, weekday, number[0] - '0'));
    }

    private static AnchorRule LunarDay(string text, string place)
    {
        var match = LunarForm().Match(text);
        if (!match.Success) throw new BadInputException(place, $"'{text}' is not a month and day of the old calendar like 8-15.");
        var (month, day) = (int.Parse(match.Groups["month"].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups["day"].Value, CultureInfo.InvariantCulture));
        return new AnchorRule(year => LunarDays.Find(year, month, day));
    }

    private static AnchorRule Named(string name, IEnumerable<string> known, Func<int, string, DateOnly?> find, string like, string place) =>
        known.Contains(name) ? new AnchorRule(year => find(year, name)) : throw new BadInputException(place, $"'{name}' is not {like}.");

    [GeneratedRegex(@"^(?<month>0?[1-9]|1[0-2])/(?<number>[1-5]|last)/(?<weekday>[a-z]{6,9})$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WeekdayForm();

    [GeneratedRegex(@"^(?<month>0?[1-9]|1[0-2])-(?<day>0?[1-9]|[12]\d|30)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LunarForm();
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>When an occurrence goes out: an anchor and a lead, e.g. <c>解禁日 -14d</c>; optionally a local time, e.g. <c>解禁日 -14d 10:00</c>.</summary>
/// <param name="Days">Added to the anchor's day; negative: before it.</param>
public sealed partial record WhenRule(string Anchor, int Days, TimeOnly Time)
{
    /// <summary>When a rule names no time.</summary>
    public static readonly TimeOnly DefaultTime = new(10, 0);

    private const int MostDays = 366;

    /// <exception cref="BadInputException">The rule does not read.</exception>
    public static WhenRule Parse(string text, string place)
    {
        var match = Form().Match(text.Trim());
        if (!match.Success) throw new BadInputException(place, $"'{text}' is not a rule like '解禁日 -14d' or '解禁日 -14d 10:00'.");
        var days = match.Groups["days"].Success ? int.Parse(match.Groups["days"].Value.Replace(" ", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) : 0;
        if (Math.Abs(days) > MostDays) throw new BadInputException(place, $"'{text}' leads by more than {MostDays} days.");
        return new WhenRule(
            match.Groups["anchor"].Value, days,
            match.Groups["time"].Success ? TimeOnly.ParseExact(match.Groups["time"].Value, "HH:mm", CultureInfo.InvariantCulture) : DefaultTime);
    }

    [GeneratedRegex(@"^(?<anchor>[^\s+\-]+)(\s+(?<days>[+\-]\s?\d{1,4})d)?(\s+(?<time>([01]\d|2[0-3]):[0-5]\d))?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}

using Automation.Marketing;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>Says when a mailing goes out, by the day that it hangs on: 解禁日の14日前.</summary>
public sealed class WhenWords(AutomationDb db, IStringLocalizer words)
{
    private Dictionary<string, string?>? names;

    /// <param name="rule">As stored, e.g. <c>解禁日 -14d</c>; what does not read is shown as it is.</param>
    public async Task<string> OfAsync(string rule)
    {
        names ??= await db.Anchors.AsNoTracking().ToDictionaryAsync(anchor => anchor.Key, anchor => anchor.NameEn);
        return Of(rule, names);
    }

    /// <summary>The same for a calendar that is not followed yet.</summary>
    public string Of(string rule, CalendarFile calendar) => Of(rule, calendar.Anchors.ToDictionary(anchor => anchor.Key, anchor => anchor.NameEn));

    private string Of(string rule, Dictionary<string, string?> englishNames)
    {
        try
        {
            var when = WhenRule.Parse(rule, "");
            var day = Words.Either(when.Anchor, englishNames.GetValueOrDefault(when.Anchor));
            return when.Days switch
            {
                0 => words["on “{0}”", day],
                -1 => words["the day before “{0}”", day],
                < 0 => words["{0} days before “{1}”", -when.Days, day],
                1 => words["the day after “{0}”", day],
                _ => words["{0} days after “{1}”", when.Days, day],
            };
        }
        catch (BadInputException)
        {
            return rule;
        }
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Automation.Marketing.Mail.Decision;

/// <summary>What is wrong with a policy that somebody wants to publish.</summary>
/// <param name="Field">As the form names it, e.g. <c>Caps[1].Limit</c>.</param>
public sealed record PolicyProblem(string Field, RuleBrokenException Problem);

/// <summary>Finds what would make a policy meaningless or never let anything through; each problem names its field and the remedy.</summary>
public static partial class PolicyCheck
{
    private const int MostCaps = 30;
    private const int MostDays = 730;

    public static IReadOnlyList<PolicyProblem> Problems(SendingPolicy policy)
    {
        var problems = new List<PolicyProblem>();
        if (policy.Caps.Count > MostCaps) Add("Caps", new RuleBrokenException($"A policy has at most {MostCaps} rules; take some out."));
        for (var index = 0; index < policy.Caps.Count; index++) CheckCap(policy, index, Add);
        if (policy.MinGap is { } gap && (gap <= TimeSpan.Zero || gap > TimeSpan.FromDays(365)))
            Add("MinGapHours", new RuleBrokenException("Enter hours from 1 to 8760, or leave it empty for no gap."));
        if (policy.Cycle is { } cycle) CheckCycle(cycle, Add);
        if (policy.LookAhead is { } ahead && (ahead <= TimeSpan.Zero || ahead > TimeSpan.FromDays(14)))
            Add("LookAheadDays", new RuleBrokenException("Enter days from 1 to 14, or leave it empty to hold no slots."));
        if (policy.ComplaintCoolDown < TimeSpan.Zero || policy.ComplaintCoolDown > TimeSpan.FromDays(365))
            Add("ComplaintDays", new RuleBrokenException("Enter days from 0 to 365."));
        if (policy.AlarmShare is < 0.01 or > 1) Add("AlarmPercent", new RuleBrokenException("Enter a share from 1 to 100 percent."));
        CheckHours(policy, Add);
        return problems;

        void Add(string field, RuleBrokenException problem) => problems.Add(new PolicyProblem(field, problem));
    }

    private static void CheckCap(SendingPolicy policy, int index, Action<string, RuleBrokenException> add)
    {
        var (cap, place) = (policy.Caps[index], $"Caps[{index}].");
        if (!IdForm().IsMatch(cap.Id)) add(place + "Id", new RuleBrokenException("Name the rule with 1 to 40 small letters, digits and hyphens, e.g. selling-30d."));
        else if (Rules.IsReserved(cap.Id)) add(place + "Id", new RuleBrokenException($"'{cap.Id}' is the name of a built-in rule; choose another."));
        else if (policy.Caps.Take(index).Any(other => other.Id == cap.Id)) add(place + "Id", new RuleBrokenException($"Two rules are named '{cap.Id}'; explanations could not tell them apart."));
        if (cap.Limit is null && cap.MinGap is null) add(place + "Limit", new RuleBrokenException("Enter a number (0 means none at all) or a least gap; a rule with neither does nothing."));
        if (cap.Limit is < 0 or > CapRule.MostLimit) add(place + "Limit", new RuleBrokenException($"Enter a number from 0 to {CapRule.MostLimit}; 0 means none at all."));
        if (cap.Limit is not null && cap.Period is CapPeriod.Rolling && (cap.Length is not { } length || length <= TimeSpan.Zero || length > TimeSpan.FromDays(MostDays)))
            add(place + "Days", new RuleBrokenException($"Enter the days of the window, from 1 to {MostDays}."));
        if (cap.MinGap is { } gap && (gap <= TimeSpan.Zero || gap > TimeSpan.FromDays(365)))
            add(place + "MinGapHours", new RuleBrokenException("Enter hours from 1 to 8760, or leave it empty for no gap."));
        if (cap.Approaches is { Count: 0 }) add(place + "Approaches", new RuleBrokenException("Choose at least one kind of mail."));
        if (cap.Channel != SendQuestion.Email) add(place + "Channel", new RuleBrokenException("Only mail is sent so far."));
    }

    private static void CheckCycle(CycleRule cycle, Action<string, RuleBrokenException> add)
    {
        if (cycle.Limit is < 0 or > 100) add("CycleLimit", new RuleBrokenException("Enter a number from 0 to 100."));
        if (cycle.LongLimit is < 0 or > 100) add("CycleLongLimit", new RuleBrokenException("Enter a number from 0 to 100."));
        if (cycle.ShortestDays < 1 || cycle.ShortestDays > cycle.LongestDays || cycle.LongestDays > 365)
            add("CycleShortest", new RuleBrokenException("The shortest cycle is at least 1 day and not longer than the longest, which is at most 365 days."));
    }

    private static void CheckHours(SendingPolicy policy, Action<string, RuleBrokenException> add)
    {
        if (policy.Quiet is { } quiet && quiet.From == quiet.Until)
            add("QuietFrom", new RuleBrokenException("Quiet hours begin and end at the same time; nothing would ever be sent, or leave both empty for none."));
        if (policy.Quiet?.Spread is { } spread && (spread < TimeSpan.Zero || spread > TimeSpan.FromHours(4)))
            add("SpreadMinutes", new RuleBrokenException("Enter minutes from 0 to 240."));
        if (policy.OpenOn is { Count: 0 }) add("OpenOn", new RuleBrokenException("Choose at least one day of the week."));
        for (var index = 0; index < policy.Blackout.Count; index++)
        {
            var days = policy.Blackout[index];
            if (!IsDay(days.From) || !IsDay(days.Until) || days.From.Length != days.Until.Length || (days.From.Length > 5 && string.CompareOrdinal(days.From, days.Until) > 0))
                add("Blackout", new RuleBrokenException($"'{days.From} {days.Until}' is no span of days; write 12-29 01-03 for every year or 2026-12-29 2027-01-03 for once."));
        }
        if (policy.OpenOn is { Count: > 0 } open && policy.Blackout.Count > 0 && !Enumerable.Range(0, 366).Select(new DateOnly(2028, 1, 1).AddDays)
                .Any(day => open.Contains(day.DayOfWeek) && !policy.Blackout.Any(days => days.From.Length == 5 && days.Contains(day))))
            add("Blackout", new RuleBrokenException("These days leave none on which mail could be sent."));
    }

    private static bool IsDay(string text) =>
        DateOnly.TryParseExact(text.Length == 5 ? "2028-" + text : text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    [GeneratedRegex("^[a-z0-9-]{1,40}$", RegexOptions.None, 1000)]
    private static partial Regex IdForm();
}

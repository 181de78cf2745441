using System.Globalization;
using Automation.Marketing.Mail.Decision;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>Says a sending policy line by line, as its owner would.</summary>
public sealed class PolicyWords(IStringLocalizer words, Show show, Reasons reasons)
{
    /// <summary>Every rule as a name and a sentence; a comparison of two policies is one of these lines.</summary>
    public IReadOnlyList<(string Name, string Says)> Lines(SendingPolicy policy)
    {
        var lines = policy.Caps.Select(cap => (reasons.Name(cap.Id), Cap(cap))).ToList();
        if (policy.MinGap is { } gap) lines.Add((words["Least gap"], words["{0} between two mails to one person", Span(gap)]));
        if (policy.Cycle is { } cycle)
        {
            lines.Add((words["Purchase cycle"], words[
                "at most {0} selling mails per own purchase cycle ({1} to {2} days); over {2} days also {3} in {4} days",
                cycle.Limit, cycle.ShortestDays, cycle.LongestDays, cycle.LongLimit, cycle.LongDays]));
        }
        lines.Add((words["Quiet hours"], policy.Quiet is { } quiet
            ? words["from {0} to {1}, the person's own time; openings spread over {2} minutes", Clock(quiet.From), Clock(quiet.Until), (int)quiet.Spread.TotalMinutes]
            : words["none"]));
        if (policy.OpenOn is { } open) lines.Add((words["Days of the week"], string.Join("・", Week.Where(open.Contains).Select(DayName))));
        if (policy.Blackout.Count > 0) lines.Add((words["Blackout days"], string.Join("、", policy.Blackout.Select(days => days.From == days.Until ? days.From : $"{days.From} – {days.Until}"))));
        lines.Add((words["Look-ahead"], policy.LookAhead is { } ahead
            ? words["a seasonal mailing of the next {0} days holds its place against lesser mail", (int)ahead.TotalDays]
            : words["none"]));
        lines.Add((words["After a complaint"], policy.ComplaintHoldsCompany
            ? words["no selling mail for {0} days after it is closed; while it is open also none to colleagues", (int)policy.ComplaintCoolDown.TotalDays]
            : words["no selling mail for {0} days after it is closed", (int)policy.ComplaintCoolDown.TotalDays]));
        if (policy.CountTransactional) lines.Add((words["Mail about orders"], words["counts towards limits without a kind of mail; it is never held back"]));
        lines.Add((words["Alarm"], words["when limits hold back more than {0} % of a step's mails in 24 hours", Math.Round(policy.AlarmShare * 100)]));
        return lines;
    }

    public static readonly IReadOnlyList<DayOfWeek> Week =
        [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday, DayOfWeek.Saturday, DayOfWeek.Sunday];

    public static string DayName(DayOfWeek day) => CultureInfo.CurrentCulture.DateTimeFormat.GetAbbreviatedDayName(day);

    public string Period(CapPeriod period) => period switch
    {
        CapPeriod.Day => words["calendar day"],
        CapPeriod.Week => words["calendar week (from Monday)"],
        CapPeriod.Month => words["calendar month"],
        _ => words["rolling days"],
    };

    private string Cap(CapRule cap)
    {
        var parts = new List<string>();
        var window = cap.Period is CapPeriod.Rolling ? words["{0} days", Number((cap.Length ?? TimeSpan.Zero).TotalDays)].Value : Period(cap.Period);
        if (cap.Limit is 0) parts.Add(words["none at all"]);
        else if (cap.Limit is { } limit) parts.Add(words["at most {0} per {1}", limit, window]);
        if (cap.MinGap is { } gap) parts.Add(words["{0} between two of them", Span(gap)]);
        parts.Add(Kinds(cap));
        if (cap.Topics is { Count: > 0 } topics) parts.Add(words["only about {0}", string.Join(", ", topics.Select(topic => TopicWords.Name(topic, words)))]);
        if (cap.Segment is { } segment) parts.Add(words["only for the segment '{0}'", segment]);
        if (cap.PerCompany) parts.Add(words["counted over everyone of the company"]);
        return string.Join(Words.SpeaksJapanese ? "、" : "; ", parts);
    }

    private string Kinds(CapRule cap) => cap.Approaches is not { } approaches ? words["every kind of mail"]
        : cap.IsSelling && approaches.Count == 2 ? words["selling mail"]
        : string.Join(Words.SpeaksJapanese ? "・" : ", ", approaches.Select(show.Kind));

    private string Span(TimeSpan span) => span.TotalDays >= 2 && span.Ticks % TimeSpan.TicksPerDay == 0
        ? words["{0} days", span.Days]
        : words["{0} hours", Number(span.TotalHours)];

    private static string Number(double number) => Math.Round(number, 1).ToString(CultureInfo.CurrentCulture);

    private static string Clock(TimeOnly time) => time.ToString("H:mm", CultureInfo.InvariantCulture);
}

using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Automation.Server.Pages.Rules;

/// <summary>One rule of a policy, as typed. An empty number means no number; 0 means none at all.</summary>
public sealed class CapForm
{
    public string? Id { get; set; }
    public int? Limit { get; set; }
    public CapPeriod Period { get; set; }
    public double? Days { get; set; }
    public double? MinGapHours { get; set; }
    public List<Approach> Approaches { get; set; } = [];
    public string? Topics { get; set; }
    public string? Segment { get; set; }
    public bool PerCompany { get; set; }

    public static CapForm Of(CapRule cap) => new()
    {
        Id = cap.Id,
        Limit = cap.Limit,
        Period = cap.Period,
        Days = cap.Length?.TotalDays,
        MinGapHours = cap.MinGap?.TotalHours,
        Approaches = [.. cap.Approaches ?? [Approach.A1, Approach.A2, Approach.A3]],
        Topics = cap.Topics is null ? null : string.Join(", ", cap.Topics),
        Segment = cap.Segment,
        PerCompany = cap.PerCompany,
    };

    public CapRule ToRule() => new(
        Id?.Trim() ?? "", Limit, Period, Period is CapPeriod.Rolling ? PolicyForm.Span(Days, TimeSpan.FromDays) : null, Approaches.Distinct().Count() == 3 ? null : [.. Approaches.Distinct().Order()])
    {
        Topics = Topics?.Split([',', '、'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } topics ? topics : null,
        Segment = string.IsNullOrWhiteSpace(Segment) ? null : Segment.Trim(),
        MinGap = PolicyForm.Span(MinGapHours, TimeSpan.FromHours),
        PerCompany = PerCompany,
    };
}

/// <summary>A whole policy, as typed.</summary>
public sealed class PolicyForm
{
    // Beyond these the number is a slip; the check of the policy says so.
    private const double MostHours = 1_000_000;

    public List<CapForm> Caps { get; set; } = [];
    public double? MinGapHours { get; set; }
    public bool HasCycle { get; set; }
    public int CycleLimit { get; set; } = CycleRule.Default.Limit;
    public int CycleShortest { get; set; } = CycleRule.Default.ShortestDays;
    public int CycleLongest { get; set; } = CycleRule.Default.LongestDays;
    public int CycleLongLimit { get; set; } = CycleRule.Default.LongLimit;
    public TimeOnly? QuietFrom { get; set; }
    public TimeOnly? QuietUntil { get; set; }
    public int SpreadMinutes { get; set; } = 30;
    public List<DayOfWeek> OpenOn { get; set; } = [];

    /// <summary>A span a line.</summary>
    public string? Blackout { get; set; }

    public double? LookAheadDays { get; set; }
    public double ComplaintDays { get; set; } = 14;
    public bool ComplaintHoldsCompany { get; set; }
    public bool CountTransactional { get; set; }
    public double AlarmPercent { get; set; } = 10;

    public static PolicyForm Of(SendingPolicy policy) => new()
    {
        Caps = [.. policy.Caps.Select(CapForm.Of)],
        MinGapHours = policy.MinGap?.TotalHours,
        HasCycle = policy.Cycle is not null,
        CycleLimit = (policy.Cycle ?? CycleRule.Default).Limit,
        CycleShortest = (policy.Cycle ?? CycleRule.Default).ShortestDays,
        CycleLongest = (policy.Cycle ?? CycleRule.Default).LongestDays,
        CycleLongLimit = (policy.Cycle ?? CycleRule.Default).LongLimit,
        QuietFrom = policy.Quiet?.From,
        QuietUntil = policy.Quiet?.Until,
        SpreadMinutes = (int)(policy.Quiet?.Spread ?? QuietHours.Default.Spread).TotalMinutes,
        OpenOn = [.. policy.OpenOn ?? Enum.GetValues<DayOfWeek>()],
        Blackout = string.Join("\n", policy.Blackout.Select(days => $"{days.From} {days.Until}")),
        LookAheadDays = policy.LookAhead?.TotalDays,
        ComplaintDays = policy.ComplaintCoolDown.TotalDays,
        ComplaintHoldsCompany = policy.ComplaintHoldsCompany,
        CountTransactional = policy.CountTransactional,
        AlarmPercent = Math.Round(policy.AlarmShare * 100, 1),
    };

    public SendingPolicy ToPolicy(int version) => new(version, [.. Caps.Select(cap => cap.ToRule())], Span(MinGapHours, TimeSpan.FromHours), Quiet())
    {
        Cycle = HasCycle ? CycleRule.Default with { Limit = CycleLimit, ShortestDays = CycleShortest, LongestDays = CycleLongest, LongLimit = CycleLongLimit } : null,
        OpenOn = OpenOn.Distinct().Count() == 7 ? null : [.. OpenOn.Distinct()],
        Blackout = [.. Lines().Select(parts => new ClosedDays(parts[0], parts.Length > 1 ? parts[1] : parts[0]))],
        LookAhead = Span(LookAheadDays, TimeSpan.FromDays),
        ComplaintCoolDown = Span(ComplaintDays, TimeSpan.FromDays) ?? TimeSpan.Zero,
        ComplaintHoldsCompany = ComplaintHoldsCompany,
        CountTransactional = CountTransactional,
        AlarmShare = AlarmPercent / 100,
    };

    /// <summary>Says at each field what is wrong with it.</summary>
    public void Check(ModelStateDictionary errors, Wording.Show show)
    {
        foreach (var problem in PolicyCheck.Problems(ToPolicy(0))) errors.AddModelError($"Form.{problem.Field}", show.Rule(problem.Problem));
    }

    /// <summary>Every field and its value, to carry the form from one step to the next.</summary>
    public IEnumerable<(string Name, string Value)> Fields()
    {
        for (var index = 0; index < Caps.Count; index++)
        {
            var (cap, place) = (Caps[index], $"Caps[{index}].");
            foreach (var (name, value) in new (string, object?)[]
                     {
                         ("Id", cap.Id), ("Limit", cap.Limit), ("Period", cap.Period), ("Days", cap.Days), ("MinGapHours", cap.MinGapHours), ("Topics", cap.Topics),
                         ("Segment", cap.Segment), ("PerCompany", cap.PerCompany),
                     })
                if (value is not null) yield return (place + name, Text(value));
            foreach (var approach in cap.Approaches) yield return (place + "Approaches", approach.ToString());
        }
        foreach (var (name, value) in new (string, object?)[]
                 {
                     (nameof(MinGapHours), MinGapHours), (nameof(HasCycle), HasCycle), (nameof(CycleLimit), CycleLimit), (nameof(CycleShortest), CycleShortest),
                     (nameof(CycleLongest), CycleLongest), (nameof(CycleLongLimit), CycleLongLimit), (nameof(QuietFrom), QuietFrom), (nameof(QuietUntil), QuietUntil),
                     (nameof(SpreadMinutes), SpreadMinutes), (nameof(Blackout), Blackout), (nameof(LookAheadDays), LookAheadDays), (nameof(ComplaintDays), ComplaintDays),
                     (nameof(ComplaintHoldsCompany), ComplaintHoldsCompany), (nameof(CountTransactional), CountTransactional), (nameof(AlarmPercent), AlarmPercent),
                 })
            if (value is not null) yield return (name, Text(value));
        foreach (var day in OpenOn) yield return (nameof(OpenOn), day.ToString());
    }

    internal static TimeSpan? Span(double? amount, Func<double, TimeSpan> unit) =>
        amount is not { } given ? null : double.IsFinite(given) && Math.Abs(given) < MostHours ? unit(given) : TimeSpan.MaxValue;

    private static string Text(object value) =>
        value is TimeOnly time ? time.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture) : Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!;

    private QuietHours? Quiet() =>
        QuietFrom is null && QuietUntil is null ? null : new QuietHours(QuietFrom ?? TimeOnly.MinValue, QuietUntil ?? TimeOnly.MinValue, TimeSpan.FromMinutes(Math.Clamp(SpreadMinutes, -1, 10_000)));

    private IEnumerable<string[]> Lines() =>
        (Blackout ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(100)
            .Select(line => line.Split([' ', '\t', '~', '〜', '–'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Where(parts => parts.Length > 0);
}

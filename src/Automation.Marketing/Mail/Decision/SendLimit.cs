using System.Xml;
using Automation.Marketing.Contacts;

namespace Automation.Marketing.Mail.Decision;

/// <summary>One rule that counts sends, whoever made it: the policy, the person's cycle, the person's wish.</summary>
internal sealed class SendLimit
{
    private readonly string id;
    private readonly int? most;
    private readonly CapPeriod period;
    private readonly TimeSpan length;
    private readonly TimeSpan? gap;
    private readonly IReadOnlyList<CountedSend> sends;
    private readonly IReadOnlyList<Approach>? approaches;
    private readonly IReadOnlyList<string>? topics;
    private readonly IReadOnlySet<string>? exceptTopics;

    private SendLimit(
        string id, int? most, CapPeriod period, TimeSpan length, TimeSpan? gap, IReadOnlyList<CountedSend> sends, IReadOnlyList<Approach>? approaches,
        IReadOnlyList<string>? topics, IReadOnlySet<string>? exceptTopics)
    {
        (this.id, this.most, this.period, this.length, this.gap) = (id, most, period, length, gap);
        (this.sends, this.approaches, this.topics, this.exceptTopics) = (sends, approaches, topics, exceptTopics);
    }

    /// <summary>Those that concern the mail.</summary>
    /// <param name="counted">To the person, oldest first.</param>
    /// <param name="companys">To everyone of the person's company, oldest first.</param>
    public static List<SendLimit> For(
        SendQuestion question, PersonStanding person, IReadOnlyList<CountedSend> counted, IReadOnlyList<CountedSend> companys, SendingPolicy policy)
    {
        var limits = new List<SendLimit>(policy.Caps.Count + 3);
        if (!question.IsExempt) AddPolicy(limits, question, person, counted, companys, policy);
        if (person.Frequency is MailFrequency.Weekly) Add(limits, question, Wish(Rules.Weekly, TimeSpan.FromDays(7), counted));
        if (person.Frequency is MailFrequency.Monthly) Add(limits, question, Wish(Rules.Monthly, TimeSpan.FromDays(30), counted));
        return limits;
    }

    /// <summary>What this rule says at an instant, and the first instant from which it alone would allow the mail; null: it allows it now.</summary>
    public Objection? At(DateTimeOffset at, TimeZoneInfo zone)
    {
        if (Once(at, zone) is not { } first) return null;
        // Only a slot that is held for later can close again what has been freed.
        var until = first.Until;
        while (until is { } freed && sends[^1].At > at && Once(freed, zone) is { } again) until = again.Until;
        return until == first.Until ? first : first with { Until = until };
    }

    /// <summary>Whether a send would take from a later one the last place that this rule has for it.</summary>
    public Objection? Takes(CountedSend send, CountedSend later, TimeZoneInfo zone)
    {
        if (!Counts(later)) return null;
        var (from, _) = WindowAt(later.At, zone);
        var count = 0;
        foreach (var other in sends)
        {
            if (other == later || other.At > later.At || !Counts(other)) continue;
            if (Within(other.At, from)) count++;
            // It has no place anyway.
            if (later.At - other.At < gap) return null;
        }
        if (count >= most) return null;
        if (later.At - send.At < gap) return new Objection(id, null) { Window = XmlConvert.ToString(gap.Value), Counts = CountsName };
        return Within(send.At, from) && count + 1 >= most
            ? new Objection(id, null, count + 1, most) { Window = WindowName, Counts = CountsName }
            : null;
    }

    private static void AddPolicy(
        List<SendLimit> limits, SendQuestion question, PersonStanding person, IReadOnlyList<CountedSend> counted, IReadOnlyList<CountedSend> companys, SendingPolicy policy)
    {
        foreach (var cap in policy.Caps)
        {
            if (cap.Channel != question.Channel || (cap.Segment is { } segment && !person.Segments.Contains(segment))) continue;
            if (cap.PerCompany && person.CompanySends is null) continue;
            Add(limits, question, new SendLimit(
                cap.Id, cap.Limit, cap.Period, cap.Length ?? TimeSpan.Zero, cap.MinGap, cap.PerCompany ? companys : counted, cap.Approaches, cap.Topics, exceptTopics: null));
        }
        if (policy.MinGap is { } gap) Add(limits, question, new SendLimit(Rules.MinGap, null, CapPeriod.Rolling, TimeSpan.Zero, gap, counted, null, null, null));
        if (policy.Cycle is { } rule && person.CycleDays is { } days) AddCycle(limits, question, person, counted, rule, days);
    }

    private static void AddCycle(
        List<SendLimit> limits, SendQuestion question, PersonStanding person, IReadOnlyList<CountedSend> counted, CycleRule rule, int days)
    {
        var cycle = TimeSpan.FromDays(Math.Clamp(days, rule.ShortestDays, rule.LongestDays));
        Add(limits, question, new SendLimit(Rules.Cycle, rule.Limit, CapPeriod.Rolling, cycle, null, counted, CapRule.Selling, null, person.ChosenTopics));
        if (days <= rule.LongestDays) return;
        Add(limits, question, new SendLimit(
            Rules.LongCycle, rule.LongLimit, CapPeriod.Rolling, TimeSpan.FromDays(rule.LongDays), null, counted, CapRule.Selling, null, person.ChosenTopics));
    }

    private static SendLimit Wish(string id, TimeSpan window, IReadOnlyList<CountedSend> counted) =>
        new(id, 1, CapPeriod.Rolling, window, null, counted, null, null, null);

    private static void Add(List<SendLimit> limits, SendQuestion question, SendLimit limit)
    {
        if (limit.Concerns(question.Approach, question.Topics)) limits.Add(limit);
    }

    private bool Counts(CountedSend send) => Concerns(send.Approach, send.Topics);

    private bool Concerns(Approach approach, string about) =>
        (approaches is null || approaches.Contains(approach))
        && (topics is null || MailTopics.HasAny(about, topics))
        && (exceptTopics is null || exceptTopics.Count == 0 || !MailTopics.HasAny(about, exceptTopics));

    private Objection? Once(DateTimeOffset at, TimeZoneInfo zone)
    {
        var capped = CapAt(at, zone);
        var spaced = GapAt(at);
        return spaced is not null && capped is not null ? (capped.Until is null || capped.Until >= spaced.Until ? capped : spaced) : capped ?? spaced;
    }

    private Objection? CapAt(DateTimeOffset at, TimeZoneInfo zone)
    {
        if (most is not { } limit) return null;
        var (from, end) = WindowAt(at, zone);
        var count = 0;
        DateTimeOffset? freed = null;
        for (var index = sends.Count - 1; index >= 0 && Within(sends[index].At, from); index--)
        {
            if (sends[index].At > at || !Counts(sends[index])) continue;
            count++;
            // The one whose leaving brings the count below the limit.
            if (count == limit) freed = sends[index].At + length;
        }
        if (count < limit) return null;
        DateTimeOffset? until = limit == 0 ? null : period is CapPeriod.Rolling ? freed : end;
        return new Objection(id, until, count, limit) { Window = WindowName, Counts = CountsName };
    }

    private Objection? GapAt(DateTimeOffset at)
    {
        if (gap is not { } least) return null;
        for (var index = sends.Count - 1; index >= 0 && sends[index].At + least > at; index--)
        {
            if (sends[index].At <= at && Counts(sends[index])) return new Objection(id, sends[index].At + least) { Window = XmlConvert.ToString(least), Counts = CountsName };
        }
        return null;
    }

    // A send exactly one rolling window ago no longer counts.
    private bool Within(DateTimeOffset sent, DateTimeOffset from) => period is CapPeriod.Rolling ? sent > from : sent >= from;

    private (DateTimeOffset From, DateTimeOffset End) WindowAt(DateTimeOffset at, TimeZoneInfo zone)
    {
        if (period is CapPeriod.Rolling) return (at - length, at);
        var day = LocalTime.DayOf(at, zone);
        var sinceMonday = ((int)day.DayOfWeek + 6) % 7;
        var (first, next) = period switch
        {
            CapPeriod.Day => (day, day.AddDays(1)),
            CapPeriod.Week => (day.AddDays(-sinceMonday), day.AddDays(7 - sinceMonday)),
            _ => (new DateOnly(day.Year, day.Month, 1), new DateOnly(day.Year, day.Month, 1).AddMonths(1)),
        };
        return (LocalTime.InstantOf(first, TimeOnly.MinValue, zone), LocalTime.InstantOf(next, TimeOnly.MinValue, zone));
    }

    private string WindowName => period is CapPeriod.Rolling ? XmlConvert.ToString(length) : period.ToString().ToLowerInvariant();

    // What an explanation must say that is counted.
    private string? CountsName =>
        topics is not null ? string.Join(',', topics)
        : approaches is null ? null
        : approaches.All(CapRule.Selling.Contains) ? "selling"
        : string.Join(',', approaches);
}

using System.Collections.Concurrent;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;

namespace Automation.Marketing.Tests.Mail.Decision;

/// <summary>
/// The rules said as plainly as they can be: which of them say no at an instant. When the mail may go is found by trying, one
/// after the other, every instant at which any of them can change its mind.
/// </summary>
internal sealed class SlowDecider
{
    private static readonly ConcurrentDictionary<(string, DateOnly, TimeOnly), DateTimeOffset> FirstMoments = new();
    private readonly DecisionCase one;
    private readonly TimeZoneInfo zone;
    private readonly List<HeldSlot> holds;
    private readonly Dictionary<DateTimeOffset, bool> closed = [];
    private readonly List<(string Id, Func<DateTimeOffset, bool> Objects)> rules = [];

    public SlowDecider(DecisionCase one)
    {
        (this.one, zone) = (one, one.Person.Zone);
        holds = one.Question.IsExempt ? [] : [.. one.Person.Holds.Where(hold => hold.At > one.Now && hold.Priority > one.Question.Priority).Distinct()];
        var counting = Counting().Where(rule => rule.Matches(one.Question.Approach, one.Question.Topics)).ToList();
        foreach (var rule in counting) rules.Add((rule.Id, at => rule.Full(at, [.. rule.Sends, .. holds.Select(AsSend)], this)));
        var (paused, cooled, muted) = (PauseEnds(), CoolingEnds(), MuteEnds());
        rules.Add((Rules.Paused, at => at < paused));
        rules.Add((Rules.ComplaintCooling, at => at < cooled));
        rules.Add((Rules.Revisit, at => at < muted));
        foreach (var hold in holds.OrderBy(hold => hold.At)) rules.Add((Rules.LookAhead, at => at < hold.At && counting.Any(rule => TakesFrom(rule, hold, at))));
        rules.Add((HoursName(), at => IsClosed(at) || (OpenedAt(at) is { } opened && one.Now < opened && at < opened + Spread(opened))));
    }

    /// <summary>The rule that holds the mail back longest, the first of equals, and the first instant at which none does; nulls: it may go now, never.</summary>
    public (string? Rule, DateTimeOffset? Next) Answer()
    {
        var objecting = rules.Where(rule => rule.Objects(one.Now)).ToList();
        if (objecting.Count == 0) return (null, null);
        var moments = Moments();
        var named = objecting.MaxBy(rule => First(moments, at => !rule.Objects(at)) ?? DateTimeOffset.MaxValue);
        return (named.Id, First(moments, at => rules.All(rule => !rule.Objects(at))));
    }

    private static DateTimeOffset? First(List<DateTimeOffset> moments, Predicate<DateTimeOffset> holds) => moments.FindIndex(holds) is var at and >= 0 ? moments[at] : null;

    private IEnumerable<Rule> Counting()
    {
        var (person, policy) = (one.Person, one.Policy);
        foreach (var cap in one.Question.IsExempt ? [] : policy.Caps)
        {
            if ((cap.Segment is null || person.Segments.Contains(cap.Segment)) && (!cap.PerCompany || person.CompanySends is not null))
                yield return new(cap.Id, cap.Limit, cap.Period, cap.Length, cap.MinGap, cap.Approaches, cap.Topics, [], cap.PerCompany ? person.CompanySends! : one.Sends);
        }
        if (!one.Question.IsExempt && policy.MinGap is not null) yield return new(Rules.MinGap, null, CapPeriod.Rolling, null, policy.MinGap, null, null, [], one.Sends);
        if (!one.Question.IsExempt && policy.Cycle is { } cycle && person.CycleDays is { } days)
        {
            var length = TimeSpan.FromDays(Math.Min(Math.Max(days, cycle.ShortestDays), cycle.LongestDays));
            yield return new(Rules.Cycle, cycle.Limit, CapPeriod.Rolling, length, null, CapRule.Selling, null, person.ChosenTopics, one.Sends);
            if (days > cycle.LongestDays) yield return new(Rules.LongCycle, cycle.LongLimit, CapPeriod.Rolling, TimeSpan.FromDays(cycle.LongDays), null, CapRule.Selling, null, person.ChosenTopics, one.Sends);
        }
        if (person.Frequency is MailFrequency.Weekly) yield return new(Rules.Weekly, 1, CapPeriod.Rolling, TimeSpan.FromDays(7), null, null, null, [], one.Sends);
        if (person.Frequency is MailFrequency.Monthly) yield return new(Rules.Monthly, 1, CapPeriod.Rolling, TimeSpan.FromDays(30), null, null, null, [], one.Sends);
    }

    private sealed record Rule(
        string Id, int? Limit, CapPeriod Period, TimeSpan? Length, TimeSpan? Gap, IReadOnlyList<Approach>? Approaches, IReadOnlyList<string>? Topics, IEnumerable<string> Except, IReadOnlyList<CountedSend> Sends)
    {
        public bool Matches(Approach approach, string topics) =>
            (Approaches is null || Approaches.Contains(approach)) && (Topics is null || Topics.Intersect(topics.Split(',')).Any()) && !Except.Intersect(topics.Split(',')).Any();

        public bool Full(DateTimeOffset at, IEnumerable<CountedSend> sends, SlowDecider slow)
        {
            var counted = sends.Where(send => send.At <= at && Matches(send.Approach, send.Topics)).ToList();
            return counted.Count(send => InWindow(send.At, at, slow)) >= Limit || counted.Any(send => at - send.At < Gap);
        }

        private bool InWindow(DateTimeOffset sent, DateTimeOffset at, SlowDecider slow)
        {
            if (Period is CapPeriod.Rolling) return sent > at - Length;
            var (then, today) = (slow.Local(sent).Date, slow.Local(at).Date);
            return Period is CapPeriod.Day ? then == today : Period is CapPeriod.Week ? Monday(then) == Monday(today) : (then.Year, then.Month) == (today.Year, today.Month);
        }

        private static DateTime Monday(DateTime day) => day.DayOfWeek is DayOfWeek.Monday ? day : Monday(day.AddDays(-1));
    }

    // With the mail the held one finds the rule full, without it not.
    private bool TakesFrom(Rule rule, HeldSlot hold, DateTimeOffset at)
    {
        List<CountedSend> others = [.. rule.Sends, .. holds.Where(other => other != hold).Select(AsSend)];
        return rule.Matches(hold.Approach, hold.Topics) && !rule.Full(hold.At, others, this)
            && rule.Full(hold.At, [.. others, new CountedSend(at, one.Question.Approach, one.Question.Topics)], this);
    }

    private static CountedSend AsSend(HeldSlot hold) => new(hold.At, hold.Approach, hold.Topics);

    private DateTimeOffset? PauseEnds() => one.Person.PausedUntil is { } day ? FirstMoment(day, TimeOnly.MinValue) : null;

    private DateTimeOffset? CoolingEnds() => CapRule.Selling.Contains(one.Question.Approach) ? one.Person.ComplaintClosedAt + one.Policy.ComplaintCoolDown : null;

    private DateTimeOffset? MuteEnds() => CapRule.Selling.Contains(one.Question.Approach) && one.Person.MutedUntil is { } day ? FirstMoment(day, TimeOnly.MinValue) : null;

    private bool IsQuiet(DateTimeOffset at) => one.Policy.Quiet is { } quiet && new[] { -1, 0 }.Select(DateOnly.FromDateTime(Local(at)).AddDays).Any(evening =>
        FirstMoment(evening, quiet.From) <= at && at < FirstMoment(quiet.From <= quiet.Until ? evening : evening.AddDays(1), quiet.Until));

    private bool IsBlackout(DateTimeOffset at) => one.Policy.Blackout.Any(days => days.Contains(DateOnly.FromDateTime(Local(at))));

    // Asked again and again for the same moments.
    private bool IsClosed(DateTimeOffset at) => closed.TryGetValue(at, out var known) ? known
        : closed[at] = IsQuiet(at) || IsBlackout(at) || (one.Policy.OpenOn is { } open && !open.Contains(Local(at).DayOfWeek));

    private string HoursName() => IsQuiet(one.Now) ? Rules.Quiet : IsBlackout(one.Now) ? Rules.Blackout : Rules.ClosedDay;

    // The last moment up to this one at which something closed opened, within two days.
    private DateTimeOffset? OpenedAt(DateTimeOffset at) =>
        HourMoments(DateOnly.FromDateTime(Local(at)).AddDays(-2), 3).Where(moment => moment <= at && !IsClosed(moment) && IsClosed(moment.AddMilliseconds(-1))).Cast<DateTimeOffset?>().LastOrDefault();

    private TimeSpan Spread(DateTimeOffset opened)
    {
        if (one.Policy.Quiet is not { } quiet || quiet.Spread == TimeSpan.Zero) return TimeSpan.Zero;
        var closes = HourMoments(DateOnly.FromDateTime(Local(opened)), 3).FirstOrDefault(moment => moment > opened && IsClosed(moment), DateTimeOffset.MaxValue);
        var room = closes - opened < quiet.Spread ? closes - opened : quiet.Spread;
        return TimeSpan.FromSeconds((uint)one.Person.SpreadSeed % (uint)Math.Max(1, room.TotalSeconds));
    }

    private List<DateTimeOffset> HourMoments(DateOnly first, int days) =>
        [.. Enumerable.Range(0, days).Select(first.AddDays).SelectMany(day => new[] { TimeOnly.MinValue, one.Policy.Quiet?.From, one.Policy.Quiet?.Until }.OfType<TimeOnly>().Select(time => FirstMoment(day, time))).Order()];

    private List<DateTimeOffset> Moments()
    {
        var spans = Counting().SelectMany(rule => new[] { rule.Length, rule.Gap }).OfType<TimeSpan>().Append(TimeSpan.Zero).Distinct().ToList();
        var sends = one.Sends.Concat(one.Person.CompanySends ?? []).Concat(holds.Select(AsSend)).SelectMany(send => spans.Select(span => send.At + span));
        List<DateTimeOffset> moments = [one.Now, .. sends, .. new[] { PauseEnds(), CoolingEnds(), MuteEnds() }.OfType<DateTimeOffset>()];
        var today = DateOnly.FromDateTime(Local(one.Now));
        var hours = HourMoments(today, DateOnly.FromDateTime(Local(moments.Max())).DayNumber - today.DayNumber + 45);
        moments.AddRange(hours);
        moments.AddRange(hours.Where(moment => !IsClosed(moment)).Select(moment => moment + Spread(moment)));
        return [.. moments.Where(moment => moment >= one.Now).Distinct().Order()];
    }

    // The first minute whose wall clock shows this time or a later one.
    private DateTimeOffset FirstMoment(DateOnly day, TimeOnly time) => FirstMoments.GetOrAdd((zone.Id, day, time), _ =>
    {
        var wanted = day.ToDateTime(time, DateTimeKind.Unspecified);
        var at = new DateTimeOffset(wanted, TimeSpan.Zero) - zone.GetUtcOffset(wanted) - TimeSpan.FromHours(3);
        while (Local(at) < wanted) at = at.AddMinutes(1);
        return at;
    });

    private DateTime Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone).DateTime;
}

using System.Xml;

namespace Automation.Marketing.Mail.Decision;

/// <summary>One mail to one person against everything that says when: limits, gaps, wishes, hours, slots that others hold.</summary>
internal sealed class SendTiming
{
    // Each round ends at a later instant; a year of daily conflicts needs fewer.
    private const int MaxRounds = 1000;

    private readonly SendQuestion question;
    private readonly PersonStanding person;
    private readonly SendingPolicy policy;
    private readonly DateTimeOffset now;
    private readonly List<SendLimit> limits;
    private readonly IReadOnlyList<HeldSlot> holds;
    private readonly OpenHours hours;

    /// <param name="counted">Oldest first.</param>
    public SendTiming(SendQuestion question, PersonStanding person, IReadOnlyList<CountedSend> counted, SendingPolicy policy, DateTimeOffset now)
    {
        (this.question, this.person, this.policy, this.now) = (question, person, policy, now);
        holds = question.IsExempt || person.Holds.Count == 0 ? [] : HigherThan(question.Priority, person.Holds, now);
        limits = SendLimit.For(question, person, With(counted), With(person.CompanySends ?? []), policy);
        hours = new OpenHours(policy, person.Zone, person.SpreadSeed);
    }

    public SendDecision Decide()
    {
        if (TightestAt(now) is not { } first) return SendDecision.Now;
        var reason = new DecisionReason(first.Count, first.Limit, first.Window, EarliestAfter(first), policy.Version) { Counts = first.Counts };
        var overCap = Rules.IsOfHours(first.Rule) ? OverCap.Defer : question.OverCap;
        if (overCap is not OverCap.Defer) return new SendDecision(MessageState.Skipped, first.Rule, reason);
        return reason.Next is { } next && !(next > question.ValidUntil)
            ? new SendDecision(MessageState.Deferred, first.Rule, reason)
            : new SendDecision(MessageState.Expired, first.Rule, reason);
    }

    private DateTimeOffset? EarliestAfter(Objection first)
    {
        Objection? objection = first;
        for (var round = 0; round < MaxRounds; round++)
        {
            if (objection.Until is not { } later) return null;
            objection = TightestAt(later);
            if (objection is null) return later;
        }
        return null;
    }

    // The rule that holds the mail back longest; a rule that never allows it beats all; of equals the first.
    private Objection? TightestAt(DateTimeOffset at)
    {
        Objection? tightest = null;
        foreach (var limit in limits) tightest = Tighter(tightest, limit.At(at, person.Zone));
        tightest = Tighter(tightest, OfPause(at));
        tightest = Tighter(tightest, OfComplaint(at));
        tightest = Tighter(tightest, OfRevisit(at));
        for (var index = 0; index < holds.Count; index++) tightest = Tighter(tightest, OfHold(index, at));
        return Tighter(tightest, OfHours(at));
    }

    private static Objection? Tighter(Objection? tightest, Objection? other)
    {
        if (tightest is null || other is null) return tightest ?? other;
        return tightest.Until is not null && (other.Until is null || other.Until > tightest.Until) ? other : tightest;
    }

    private Objection? OfPause(DateTimeOffset at) =>
        person.PausedUntil is { } day && LocalTime.InstantOf(day, TimeOnly.MinValue, person.Zone) is var end && at < end
            ? new Objection(Rules.Paused, end) { Window = LocalTime.Iso(day) }
            : null;

    private Objection? OfComplaint(DateTimeOffset at) =>
        question.Approach is Approach.A1 or Approach.A2 && person.ComplaintClosedAt + policy.ComplaintCoolDown is { } end && at < end
            ? new Objection(Rules.ComplaintCooling, end) { Window = XmlConvert.ToString(policy.ComplaintCoolDown) }
            : null;

    private Objection? OfRevisit(DateTimeOffset at) =>
        question.Approach is Approach.A1 or Approach.A2 && person.MutedUntil is { } day
        && LocalTime.InstantOf(day, TimeOnly.MinValue, person.Zone) is var end && at < end
            ? new Objection(Rules.Revisit, end) { Window = LocalTime.Iso(day) }
            : null;

    private Objection? OfHours(DateTimeOffset at)
    {
        if (hours.AlwaysOpen) return null;
        if (hours.ClosedAt(at) is { } closed)
            return new Objection(closed.Rule, closed.Opening is { } opening ? hours.Spread(opening) : null) { Window = closed.Window };
        // What waits for an opening waits for the person's own moment after it.
        return at > now && hours.SpreadingFrom(at, now) is { } opened ? new Objection(Rules.Quiet, hours.Spread(opened)) : null;
    }

    // The mail would take the slot of a confirmed one of higher priority: it goes behind it.
    private Objection? OfHold(int index, DateTimeOffset at)
    {
        var hold = holds[index];
        if (at >= hold.At) return null;
        foreach (var limit in limits)
        {
            if (limit.Takes(new CountedSend(at, question.Approach, question.Topics), new CountedSend(hold.At, hold.Approach, hold.Topics), person.Zone) is { } taken)
                return taken with { Rule = Rules.LookAhead, Until = hold.At };
        }
        return null;
    }

    private IReadOnlyList<CountedSend> With(IReadOnlyList<CountedSend> counted) =>
        holds.Count == 0 ? counted : [.. counted.Concat(holds.Select(hold => new CountedSend(hold.At, hold.Approach, hold.Topics))).OrderBy(send => send.At)];

    private static List<HeldSlot> HigherThan(int priority, IReadOnlyList<HeldSlot> holds, DateTimeOffset now) =>
        [.. holds.Where(hold => hold.Priority > priority && hold.At > now).Distinct().OrderBy(hold => hold.At)];
}

/// <param name="Until">The first instant at which this rule alone would allow the mail; null: never.</param>
internal sealed record Objection(string Rule, DateTimeOffset? Until, int? Count = null, int? Limit = null)
{
    public string? Window { get; init; }
    public string? Counts { get; init; }
}

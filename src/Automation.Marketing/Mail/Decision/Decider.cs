using System.Xml;
using Automation.Marketing.Contacts.Consent;

namespace Automation.Marketing.Mail.Decision;

/// <summary>
/// May this person get this mail now; if not, when; and why? Pure: the same question with the same facts has the same answer.
/// </summary>
public static class Decider
{
    // Each round ends at a later instant; a year of daily conflicts needs fewer.
    private const int MaxRounds = 1000;

    /// <param name="counted">The person's counted sends within the policy's reach, oldest first.</param>
    public static SendDecision Decide(
        SendQuestion question, PersonStanding person, IReadOnlyList<CountedSend> counted, SendingPolicy policy, DateTimeOffset now)
    {
        if (person.Email is null) return Against(MessageState.Suppressed, "no-address");
        if (person.Suppressed is { } reason) return Against(MessageState.Suppressed, $"suppressed-{reason.ToString().ToLowerInvariant()}");
        if (question.ValidUntil < now) return Against(MessageState.Expired, "valid-until");
        if (question.Class is MessageClass.Transactional) return SendDecision.Now;
        if (person.Consent is ConsentState.Withdrawn) return Against(MessageState.Suppressed, "consent-withdrawn");
        if (person.Consent is not ConsentState.Granted) return Against(MessageState.Suppressed, "consent-none");
        if (person.SalesOwned && question.Approach is (Approach.A1 or Approach.A2)) return Against(MessageState.Skipped, "sales-owned");
        return WhenCapsAllow(question, person, counted, policy, now);
    }

    private static SendDecision Against(MessageState state, string rule) => new(state, rule, new DecisionReason());

    private static SendDecision WhenCapsAllow(
        SendQuestion question, PersonStanding person, IReadOnlyList<CountedSend> counted, SendingPolicy policy, DateTimeOffset now)
    {
        var first = TightestObjection(question.Approach, person, counted, policy, now);
        if (first is null) return SendDecision.Now;
        var reason = new DecisionReason(first.Count, first.Limit, first.Window, PolicyVersion: policy.Version)
        {
            Next = EarliestInstant(question.Approach, person, counted, policy, first),
        };
        // Quiet hours are no cap: they put off even what a cap would skip.
        var overCap = first.Rule is QuietRule ? OverCap.Defer : question.OverCap;
        if (overCap is not OverCap.Defer) return new SendDecision(MessageState.Skipped, first.Rule, reason);
        return reason.Next is { } next && !(next > question.ValidUntil)
            ? new SendDecision(MessageState.Deferred, first.Rule, reason)
            : new SendDecision(MessageState.Expired, first.Rule, reason);
    }

    private static DateTimeOffset? EarliestInstant(
        Approach approach, PersonStanding person, IReadOnlyList<CountedSend> counted, SendingPolicy policy, Objection first)
    {
        var objection = first;
        for (var round = 0; round < MaxRounds; round++)
        {
            if (objection.Until is not { } later) return null;
            if (TightestObjection(approach, person, counted, policy, later) is not { } next) return later;
            objection = next;
        }
        return null;
    }

    private const string QuietRule = "quiet-hours";

    // The rule that holds the mail back longest; a rule that never allows it beats all.
    private static Objection? TightestObjection(
        Approach approach, PersonStanding person, IReadOnlyList<CountedSend> counted, SendingPolicy policy, DateTimeOffset at)
    {
        Objection? tightest = null;
        foreach (var cap in policy.Caps)
        {
            if (cap.Concerns(approach)) Consider(OfCap(cap, person.Zone, counted, at));
        }
        Consider(OfMinGap(policy.MinGap, counted, at));
        Consider(OfQuietHours(policy.Quiet, person, at));
        return tightest;

        void Consider(Objection? objection)
        {
            if (objection is not null && (tightest is null || Later(objection, tightest))) tightest = objection;
        }
    }

    private static bool Later(Objection one, Objection other) =>
        other.Until is not null && (one.Until is null || one.Until > other.Until);

    private static Objection? OfCap(CapRule cap, TimeZoneInfo zone, IReadOnlyList<CountedSend> counted, DateTimeOffset at)
    {
        var (from, end) = Window(cap, zone, at);
        var first = 0;
        while (first < counted.Count && !Within(counted[first])) first++;
        var count = 0;
        DateTimeOffset? freed = null;
        for (var index = counted.Count - 1; index >= first; index--)
        {
            if (!cap.Concerns(counted[index].Approach) || !Within(counted[index])) continue;
            count++;
            // The one whose leaving brings the count below the limit.
            if (count == cap.Limit) freed = counted[index].At + cap.Length;
        }
        if (count < cap.Limit) return null;
        var until = cap.Limit == 0 ? null : cap.Period is CapPeriod.Rolling ? freed : end;
        return new Objection(cap.Id, until, count, cap.Limit, WindowName(cap));

        // A send exactly one window ago no longer counts.
        bool Within(CountedSend send) => cap.Period is CapPeriod.Rolling ? send.At > from : send.At >= from;
    }

    private static (DateTimeOffset From, DateTimeOffset End) Window(CapRule cap, TimeZoneInfo zone, DateTimeOffset at)
    {
        var day = LocalTime.DayOf(at, zone);
        var (first, next) = cap.Period switch
        {
            CapPeriod.Rolling => (day, day),
            CapPeriod.Day => (day, day.AddDays(1)),
            CapPeriod.Week => (day.AddDays(-(((int)day.DayOfWeek + 6) % 7)), day.AddDays(7 - (((int)day.DayOfWeek + 6) % 7))),
            _ => (new DateOnly(day.Year, day.Month, 1), new DateOnly(day.Year, day.Month, 1).AddMonths(1)),
        };
        return cap.Period is CapPeriod.Rolling
            ? (at - (cap.Length ?? TimeSpan.Zero), at)
            : (LocalTime.InstantOf(first, TimeOnly.MinValue, zone), LocalTime.InstantOf(next, TimeOnly.MinValue, zone));
    }

    private static string WindowName(CapRule cap) =>
        cap.Period is CapPeriod.Rolling ? XmlConvert.ToString(cap.Length ?? TimeSpan.Zero) : cap.Period.ToString().ToLowerInvariant();

    private static Objection? OfMinGap(TimeSpan? gap, IReadOnlyList<CountedSend> counted, DateTimeOffset at) =>
        gap is { } least && counted.Count > 0 && counted[^1].At + least > at
            ? new Objection("min-gap", counted[^1].At + least, null, null, XmlConvert.ToString(least))
            : null;

    private static Objection? OfQuietHours(QuietHours? quiet, PersonStanding person, DateTimeOffset at)
    {
        if (quiet?.OpeningAfter(at, person.Zone) is not { } opening) return null;
        var spread = quiet.Spread > TimeSpan.Zero
            ? TimeSpan.FromSeconds((uint)person.SpreadSeed % (uint)Math.Max(1, quiet.Spread.TotalSeconds))
            : TimeSpan.Zero;
        return new Objection(QuietRule, opening + spread, null, null, $"{quiet.From:HH\\:mm}-{quiet.Until:HH\\:mm}");
    }

    /// <param name="Until">Null: this rule will never allow it.</param>
    private sealed record Objection(string Rule, DateTimeOffset? Until, int? Count, int? Limit, string? Window);
}

using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Decision;

/// <summary>What a policy would have done with one group of mails.</summary>
public sealed record ReplayTally(int Asked, int OnTime, int Later, int HeldBack)
{
    public static readonly ReplayTally None = new(0, 0, 0, 0);

    public ReplayTally Plus(ReplayTally other) => new(Asked + other.Asked, OnTime + other.OnTime, Later + other.Later, HeldBack + other.HeldBack);
}

/// <summary>A stretch of a replay.</summary>
/// <param name="Really">Mails that were really sent.</param>
/// <param name="ByRule">What the new policy's rules would have put off or held back.</param>
/// <param name="After">Where the next stretch goes on; null: that was all.</param>
public sealed record ReplayPart(
    int People, int Really, ReplayTally All, IReadOnlyDictionary<string, ReplayTally> ByRule, IReadOnlyDictionary<string, ReplayTally> ByOrigin, Guid? After);

/// <summary>Had this policy been in force: the mails of the past are decided once more, person by person, with nothing written.</summary>
public static class PolicyReplay
{
    private const int PeopleAtATime = 200;

    /// <param name="from">First instant of the span that is replayed.</param>
    /// <param name="after">The last person of the stretch before; null: from the beginning.</param>
    /// <param name="budget">How long this stretch may take, about.</param>
    public static async Task<ReplayPart> RunAsync(
        AutomationDb db, SendingPolicy policy, string defaultZone, DateTimeOffset from, DateTimeOffset until, Guid? after, TimeSpan budget, TimeProvider watch,
        CancellationToken cancellation)
    {
        var started = watch.GetTimestamp();
        var total = new Totals();
        Guid? next = after ?? Guid.Empty;
        // However little time there is, each stretch gets on.
        do
        {
            var people = await db.QueryAsync($"""
                SELECT DISTINCT contact_id FROM outbox_messages
                WHERE contact_id > @p0 AND requested_at >= @p1 AND requested_at < @p2 ORDER BY contact_id LIMIT {PeopleAtATime}
                """, row => row.Guid(0), cancellation, next, from, until);
            next = people.Count < PeopleAtATime ? null : people[^1];
            if (people.Count > 0) await ReplayAsync(db, people, policy, defaultZone, from, until, total, cancellation);
        }
        while (next is not null && watch.GetElapsedTime(started) < budget);
        return new ReplayPart(total.People, total.Really, total.All, total.ByRule, total.ByOrigin, next);
    }

    private static async Task ReplayAsync(
        AutomationDb db, List<Guid> people, SendingPolicy policy, string defaultZone, DateTimeOffset from, DateTimeOffset until, Totals total, CancellationToken cancellation)
    {
        var asked = await db.QueryAsync($"""
            SELECT id, contact_id, approach, over_cap, valid_until, topics, priority, requested_at, origin_id, state, rule FROM outbox_messages
            WHERE {db.Dialect.Among("contact_id", "@p0")} AND requested_at >= @p1 AND requested_at < @p2 AND class = 'Marketing'
            ORDER BY contact_id, requested_at, id
            """,
            row => (Candidate: new Candidate(
                        row.Guid(0), row.Guid(1),
                        new SendQuestion(MessageClass.Marketing, row.Enum<Approach>(2), row.Enum<OverCap>(3), row.InstantOrNull(4)) { Topics = row.Text(5), Priority = row.Int(6) },
                        row.Instant(7), row.Text(8)),
                    State: row.Enum<MessageState>(9), Rule: row.Text(10)), cancellation, people, from, until);
        // What was sent before the span counts as it was.
        var standings = await Standings.LoadAsync(
            db, people, asked.Select(one => one.Candidate.Question.Topics), policy, defaultZone, hold: false, forLimits: true, from, cancellation);
        total.People += people.Count;
        total.Really += asked.Count(one => one.State is MessageState.Sent);
        foreach (var group in asked.Where(one => WasUpToLimits(one.State, one.Rule)).GroupBy(one => one.Candidate.ContactId))
            Replay([.. group.Select(one => one.Candidate)], standings, policy, from, total);
    }

    // What was refused for another reason would have been refused under any limits.
    private static bool WasUpToLimits(MessageState state, string rule) => state switch
    {
        MessageState.Suppressed or MessageState.Cancelled => false,
        MessageState.Skipped or MessageState.Expired => Rules.IsLimit(rule) || Rules.IsOfHours(rule) || rule is Rules.Paused or Rules.ComplaintCooling or Rules.Revisit,
        _ => true,
    };

    private static void Replay(List<Candidate> asked, Standings standings, SendingPolicy policy, DateTimeOffset from, Totals total)
    {
        var contact = asked[0].ContactId;
        var sends = standings.SendsOf(contact).Where(send => send.At < from).ToList();
        var due = new PriorityQueue<Candidate, (DateTimeOffset At, int Priority, DateTimeOffset Asked)>();
        foreach (var one in asked) due.Enqueue(one, (one.RequestedAt, -one.Question.Priority, one.RequestedAt));
        var firstRule = new Dictionary<Guid, string>();
        while (due.TryDequeue(out var one, out var when))
        {
            var person = Free(standings.Of(contact, one.Question.Topics));
            var decision = Decider.Decide(one.Question, person, sends, policy, when.At);
            if (decision.State is not MessageState.Queued) firstRule.TryAdd(one.Id, decision.Rule);
            if (decision is { State: MessageState.Deferred, Reason.Next: { } next }) due.Enqueue(one, (next, -one.Question.Priority, one.RequestedAt));
            else if (decision.State is MessageState.Queued)
            {
                sends.Add(new CountedSend(when.At, one.Question.Approach, one.Question.Topics));
                total.Add(one.OriginId, firstRule.GetValueOrDefault(one.Id), when.At == one.RequestedAt ? new ReplayTally(1, 1, 0, 0) : new ReplayTally(1, 0, 1, 0));
            }
            else total.Add(one.OriginId, decision.Rule, new ReplayTally(1, 0, 0, 1));
        }
    }

    // Consent and the like are not what is tried out.
    private static PersonStanding Free(PersonStanding person) => person with
    {
        Email = person.Email ?? "",
        Consent = ConsentState.Granted,
        Topics = new Dictionary<string, ConsentState>(),
        Suppressed = null,
        SalesOwned = false,
        BasisAccepted = true,
        CompanySuppressed = false,
        FixedPartner = false,
        ComplaintOpen = false,
        ComplaintClosedAt = null,
        MutedUntil = null,
        PausedUntil = null,
        Frequency = person.Frequency is MailFrequency.SeasonalOnly ? default : person.Frequency,
        Holds = [],
        CompanySends = null,
    };

    private sealed class Totals
    {
        public int People { get; set; }
        public int Really { get; set; }
        public ReplayTally All { get; private set; } = ReplayTally.None;
        public Dictionary<string, ReplayTally> ByRule { get; } = new(StringComparer.Ordinal);
        public Dictionary<string, ReplayTally> ByOrigin { get; } = new(StringComparer.Ordinal);

        public void Add(string origin, string? rule, ReplayTally tally)
        {
            All = All.Plus(tally);
            ByOrigin[origin] = ByOrigin.GetValueOrDefault(origin, ReplayTally.None).Plus(tally);
            if (rule is not null) ByRule[rule] = ByRule.GetValueOrDefault(rule, ReplayTally.None).Plus(tally);
        }
    }
}

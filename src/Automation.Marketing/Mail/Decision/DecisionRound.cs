using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Decision;

/// <summary>A mail that asks for a decision: a new request, or one that waits.</summary>
internal sealed record Candidate(Guid Id, Guid ContactId, SendQuestion Question, DateTimeOffset RequestedAt, string OriginId)
{
    /// <summary>Null: it waits already.</summary>
    public MailRequest? Request { get; init; }

    public Guid? InstanceId { get; init; }
    public string Identity { get; init; } = "";

    /// <summary>As stored, of one that waits.</summary>
    public string Rule { get; init; } = "";

    /// <inheritdoc cref="Rule"/>
    public DateTimeOffset? DueAt { get; init; }
}

/// <summary>One candidate and its answer.</summary>
internal readonly record struct Decided(Candidate Candidate, SendDecision Decision, string? Address);

/// <summary>
/// Decides everything that some people have coming, best claim first (brief §4.1.11): new requests together with what waits
/// already, so that a free place goes to the first in order and the rest is planned behind it.
/// </summary>
internal static class DecisionRound
{
    /// <summary>How long a mail that may wait but names no end stays valid.</summary>
    public static readonly TimeSpan DefaultValidity = TimeSpan.FromDays(7);

    // A person rarely has more than a few; more of them are decided when they are due.
    private const int MostWaiting = 2000;

    /// <param name="contactIds">Held by the caller until the transaction ends: people before their messages, as everywhere.</param>
    public static async Task<List<Decided>> RunAsync(
        AutomationDb db, IReadOnlyList<Candidate> fresh, IReadOnlyCollection<Guid> contactIds, SendingPolicy policy, string defaultZone, DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = contactIds.Distinct().Order().ToArray();
        var waiting = await WaitingAsync(db, ids, cancellation);
        var candidates = waiting.Concat(fresh).ToList();
        var standings = await Standings.LoadAsync(
            db, ids, candidates.Select(candidate => candidate.Question.Topics), policy, defaultZone, hold: true, forLimits: true, now, cancellation);
        var exempt = await CapExemptions.AmongAsync(db, [.. candidates.Select(candidate => candidate.OriginId).Distinct()], cancellation);
        var decided = new List<Decided>(candidates.Count);
        foreach (var candidate in Ranked(candidates).Where(candidate => standings.Knows(candidate.ContactId)))
        {
            var question = candidate.Question with { IsExempt = exempt.Contains(candidate.OriginId) };
            var decision = Decider.Decide(question, standings.Of(candidate.ContactId, question.Topics), standings.SendsOf(candidate.ContactId), policy, now);
            if (decision.State is MessageState.Queued && (question.Class is MessageClass.Marketing || policy.CountTransactional))
                standings.Count(candidate.ContactId, new CountedSend(now, question.Approach, question.Topics));
            decided.Add(new Decided(candidate, decision, standings.AddressOf(candidate.ContactId)));
            Meters.Decided(decision.State.ToString(), decision.Rule);
        }
        return decided;
    }

    // Priority first, then the one that expires sooner, then first come.
    private static IEnumerable<Candidate> Ranked(List<Candidate> candidates) => candidates.Count == 1 ? candidates : candidates
        .OrderByDescending(candidate => candidate.Question.Priority).ThenBy(candidate => candidate.Question.ValidUntil ?? DateTimeOffset.MaxValue)
        .ThenBy(candidate => candidate.RequestedAt).ThenBy(candidate => candidate.Request is null ? candidate.Id : Guid.AllBitsSet);

    private static async Task<List<Candidate>> WaitingAsync(AutomationDb db, Guid[] ids, CancellationToken cancellation) =>
        await db.QueryAsync($"""
            SELECT id, contact_id, class, approach, over_cap, valid_until, topics, priority, requested_at, origin_id, instance_id, identity, rule, due_at
            FROM outbox_messages
            WHERE id IN (SELECT w.id FROM outbox_messages w WHERE {db.Dialect.Among("w.contact_id", "@p0")} AND w.{OutboxMessageMapping.Unsettled} AND w.state = 'Deferred'
                         ORDER BY w.due_at LIMIT {MostWaiting})
                  AND state = 'Deferred' AND {Outbox.MayBeDecided}
            ORDER BY id{db.Dialect.ForUpdate}
            """,
            row => new Candidate(
                row.Guid(0), row.Guid(1),
                new SendQuestion(row.Enum<MessageClass>(2), row.Enum<Approach>(3), row.Enum<OverCap>(4), row.InstantOrNull(5)) { Topics = row.Text(6), Priority = row.Int(7) },
                row.Instant(8), row.Text(9))
            {
                InstanceId = row.GuidOrNull(10),
                Identity = row.Text(11),
                Rule = row.Text(12),
                DueAt = row.Instant(13),
            },
            cancellation, ids);
}

using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail;

/// <summary>What became of one request.</summary>
public readonly record struct MailOutcome(MessageIdentity Identity, MessageState State, string Rule);

/// <summary>
/// The only way to a mail: decides, reserves and records in the caller's transaction, for one person or thousands
/// (architecture §3.2). Identity, slot, decision and row commit together or not at all.
/// </summary>
public static class Outbox
{
    private static readonly string[] Columns =
    [
        "id", "identity", "contact_id", "origin", "origin_id", "node_id", "instance_id", "recipient", "template", "class", "approach", "topics",
        "over_cap", "priority", "collapse_key", "context", "state", "requested_at", "due_at", "valid_until", "rule", "decision", "slot", "slot_at",
        "attempt", "delivered_count", "bounced_count", "opens_total", "opens_unique", "clicks_total", "clicks_unique",
    ];

    /// <summary>Asks for mails. An identity asked for before is left as it is.</summary>
    public static async Task<IReadOnlyList<MailOutcome>> RequestAsync(
        AutomationDb db, IReadOnlyList<MailRequest> requests, SendingPolicy policy, string defaultZone, DateTimeOffset now, CancellationToken cancellation)
    {
        var contacts = requests.Select(request => request.Identity.ContactId).ToArray();
        var people = await Standings.OfAsync(db, contacts, defaultZone, hold: true, cancellation);
        var (known, again) = await KnownAsync(db, requests, cancellation);
        await CollapseAsync(db, requests, known, now, cancellation);
        var counted = await Standings.CountedAsync(db, contacts, now - policy.Reach, cancellation);

        var rows = new List<object?[]>(requests.Count);
        var changes = new List<object?[]>(requests.Count);
        var outcomes = new List<MailOutcome>(requests.Count);
        foreach (var request in requests)
        {
            if (!known.Add(request.Identity.ToString()) || !people.TryGetValue(request.Identity.ContactId, out var person)) continue;
            var question = new SendQuestion(request.Class, request.Approach, request.OverCap, request.ValidUntil);
            var sends = SendsOf(counted, request.Identity.ContactId);
            var decision = Decider.Decide(question, person, sends, policy, now);
            if (decision.State is MessageState.Queued && request.Class is MessageClass.Marketing) sends.Add(new CountedSend(now, request.Approach));
            var id = Guid.CreateVersion7(now);
            rows.Add(Row(id, request, person, decision, now));
            changes.Add([id, now, decision.State, decision.Rule]);
            outcomes.Add(new MailOutcome(request.Identity, decision.State, decision.Rule));
        }
        await db.InsertManyAsync("outbox_messages", Columns, rows, "", cancellation);
        await db.InsertManyAsync("message_changes", ["message_id", "at", "state", "detail"], changes, "", cancellation);
        await OutcomeStimuli.TellAsync(db, [.. rows.Count == 0 ? [] : Settled(requests, outcomes), .. again], now, cancellation);
        return outcomes;
    }

    /// <summary>Decides deferred messages whose instant has come anew, best claim first (brief §4.1.11).</summary>
    /// <returns>How many were decided.</returns>
    public static async Task<int> DecideDueAsync(
        AutomationDb db, SendingPolicy policy, string defaultZone, int atMost, DateTimeOffset now, CancellationToken cancellation)
    {
        // People are held before their messages, as everywhere: an unsubscribe and a decision must not wait for each other.
        var candidates = await db.QueryAsync(
            $"""
            SELECT id, contact_id FROM outbox_messages
            WHERE state = 'Deferred' AND due_at <= @p0 AND (instance_id IS NULL OR {NothingToBeWorkedOff}) ORDER BY due_at, id LIMIT {atMost}
            """,
            row => (Id: row.Guid(0), Contact: row.Guid(1)), cancellation, now);
        if (candidates.Count == 0) return 0;
        var people = await Standings.OfAsync(db, [.. candidates.Select(candidate => candidate.Contact)], defaultZone, hold: true, cancellation);
        var due = await db.QueryAsync($"""
            SELECT id, contact_id, class, approach, over_cap, valid_until, instance_id, identity
            FROM outbox_messages WHERE {db.Dialect.Among("id", "@p1")} AND state = 'Deferred' AND due_at <= @p0
            ORDER BY id{db.Dialect.ForUpdate}
            """,
            row => new DueMessage(
                row.Guid(0), row.Guid(1),
                new SendQuestion(row.Enum<MessageClass>(2), row.Enum<Approach>(3), row.Enum<OverCap>(4), row.InstantOrNull(5)),
                row.GuidOrNull(6), row.Text(7)),
            cancellation, now, candidates.Select(candidate => candidate.Id).ToArray());
        // Another worker has decided them meanwhile: there may be more.
        if (due.Count == 0) return candidates.Count;
        var rivals = await RankAsync(db, due, cancellation);
        var counted = await Standings.CountedAsync(db, [.. due.Select(message => message.ContactId)], now - policy.Reach, cancellation);
        var settled = new List<SettledMail>();
        foreach (var message in due.OrderBy(message => rivals[message.Id]))
        {
            var sends = SendsOf(counted, message.ContactId);
            var decision = Decider.Decide(message.Question, people[message.ContactId], sends, policy, now);
            if (decision.State is MessageState.Queued && message.Question.Class is MessageClass.Marketing)
                sends.Add(new CountedSend(now, message.Question.Approach));
            await ApplyAsync(db, message.Id, MessageState.Deferred, decision, now, cancellation);
            if (message.InstanceId is { } instance && OutcomeStimuli.IsFinal(decision.State))
                settled.Add(new SettledMail(message.ContactId, instance, message.Identity, decision.State));
        }
        await OutcomeStimuli.TellAsync(db, settled, now, cancellation);
        return due.Count;
    }

    /// <summary>
    /// The SQL condition that nothing has happened to a message's person that flows have not worked off: it may meet the goal
    /// or an exit of the run that a mail belongs to, and so is worked off before the mail is decided, and before it is sent.
    /// </summary>
    internal static readonly string NothingToBeWorkedOff =
        $"NOT EXISTS (SELECT 1 FROM stimuli s WHERE s.contact_id = outbox_messages.contact_id AND s.name IN ('{Stimuli.EventReceived}', '{Stimuli.MustEnd}') AND s.failures < {Stimuli.MostFailures})";

    /// <summary>Withdraws everything not yet attempted for these people: they said no, or their address is dead.</summary>
    /// <param name="marketingOnly">Consent does not touch transactional mail; suppression does.</param>
    public static async Task<int> SuppressQueuedAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contactIds, string rule, bool marketingOnly, DateTimeOffset now, CancellationToken cancellation) =>
        await WithdrawAsync(
            db, MessageState.Suppressed, rule,
            $"{db.Dialect.Among("contact_id", "@p2")}{(marketingOnly ? " AND class = 'Marketing'" : "")}", contactIds, now, cancellation);

    /// <summary>Withdraws everything a run still had waiting.</summary>
    public static Task<int> CancelOfInstancesAsync(AutomationDb db, IReadOnlyCollection<Guid> instanceIds, string rule, DateTimeOffset now, CancellationToken cancellation) =>
        WithdrawAsync(db, MessageState.Cancelled, rule, db.Dialect.Among("instance_id", "@p2"), instanceIds, now, cancellation);

    /// <summary>Withdraws everything a broadcast still had waiting.</summary>
    public static async Task<int> CancelOfBroadcastAsync(AutomationDb db, Guid broadcastId, DateTimeOffset now, CancellationToken cancellation)
    {
        // People are held before their messages, as everywhere: whoever decides about one of them must not wait for this in a circle.
        var waiting = await db.QueryAsync(
            "SELECT DISTINCT contact_id FROM outbox_messages WHERE origin_id = @p0 AND state IN ('Deferred', 'Queued')", row => row.Guid(0), cancellation,
            broadcastId.ToString("N"));
        await db.HoldAsync("contacts", waiting, cancellation);
        return await WithdrawAsync(
            db, MessageState.Cancelled, "stopped", db.Dialect.Among("origin_id", "@p2"), new[] { broadcastId.ToString("N") }, now, cancellation);
    }

    /// <summary>What the rule of mail says that waits because its flow or run is paused.</summary>
    public const string PausedRule = "paused";

    // Later than any clock: only a release makes it due.
    private static readonly DateTimeOffset NotDue = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Holds back mail of a paused flow that has not left, its slot free for others.</summary>
    /// <returns>How many were held; fewer than <paramref name="atMost"/>: none are left.</returns>
    public static async Task<int> HoldOfFlowAsync(AutomationDb db, string definitionId, int atMost, DateTimeOffset now, CancellationToken cancellation)
    {
        var waiting = await db.QueryAsync(
            $"SELECT id, contact_id FROM outbox_messages WHERE origin_id = @p0 AND state IN ('Deferred', 'Queued') AND rule <> '{PausedRule}' LIMIT {atMost}",
            row => (Id: row.Guid(0), Contact: row.Guid(1)), cancellation, definitionId);
        await db.HoldAsync("contacts", waiting.Select(message => message.Contact).Distinct(), cancellation);
        await HoldBackAsync(db, db.Dialect.Among("id", "@p1"), waiting.Select(message => message.Id).ToArray(), now, cancellation);
        return waiting.Count;
    }

    /// <summary>Holds back mail of a paused run; its person is held by the caller.</summary>
    public static Task HoldOfRunAsync(AutomationDb db, Guid contactId, Guid instanceId, DateTimeOffset now, CancellationToken cancellation) =>
        HoldBackAsync(db, "contact_id = @p2 AND instance_id = @p1", instanceId, now, cancellation, contactId);

    /// <summary>Mail that was held back is decided anew, now.</summary>
    /// <returns>How many were let go; fewer than <paramref name="atMost"/>: none are left.</returns>
    public static async Task<int> ReleaseOfFlowAsync(AutomationDb db, string definitionId, int atMost, DateTimeOffset now, CancellationToken cancellation)
    {
        var held = await db.QueryAsync(
            $"""
            SELECT m.id FROM outbox_messages m
            WHERE m.origin_id = @p0 AND m.state = 'Deferred' AND m.rule = '{PausedRule}'
              AND NOT EXISTS (SELECT 1 FROM flow_instances i WHERE i.id = m.instance_id AND i.paused_at IS NOT NULL) LIMIT {atMost}
            """,
            row => row.Guid(0), cancellation, definitionId);
        return await db.ExecuteAsync(
            $"UPDATE outbox_messages SET due_at = @p0, rule = '' WHERE {db.Dialect.Among("id", "@p1")} AND state = 'Deferred' AND rule = '{PausedRule}'", cancellation, now, held.ToArray());
    }

    /// <inheritdoc cref="ReleaseOfFlowAsync"/>
    public static Task ReleaseOfRunAsync(AutomationDb db, Guid contactId, Guid instanceId, DateTimeOffset now, CancellationToken cancellation) =>
        db.ExecuteAsync(
            $"UPDATE outbox_messages SET due_at = @p0, rule = '' WHERE contact_id = @p1 AND instance_id = @p2 AND state = 'Deferred' AND rule = '{PausedRule}'", cancellation,
            now, contactId, instanceId);

    private static async Task HoldBackAsync(AutomationDb db, string whose, object whom, DateTimeOffset now, CancellationToken cancellation, params object?[] more)
    {
        var held = await db.QueryAsync(
            $"""
            UPDATE outbox_messages SET state = 'Deferred', rule = '{PausedRule}', decision = '{"{}"}', due_at = @p0,
                   slot = CASE slot WHEN 'Reserved' THEN 'Released' ELSE slot END, lease_owner = NULL, lease_until = NULL
            WHERE {whose} AND state IN ('Deferred', 'Queued')
            RETURNING id
            """,
            row => row.Guid(0), cancellation, [NotDue, whom, .. more]);
        await db.InsertManyAsync(
            "message_changes", ["message_id", "at", "state", "detail"], [.. held.Select(id => new object?[] { id, now, MessageState.Deferred, PausedRule })], "", cancellation);
    }

    /// <summary>Writes a new decision to a message that is still in <paramref name="from"/>.</summary>
    internal static async Task ApplyAsync(
        AutomationDb db, Guid id, MessageState from, SendDecision decision, DateTimeOffset now, CancellationToken cancellation)
    {
        var due = decision.State is MessageState.Deferred ? decision.Reason.Next : now;
        var slot = decision.State is MessageState.Queued ? SlotState.Reserved : SlotState.None;
        await db.ExecuteAsync("""
            UPDATE outbox_messages SET state = @p1, due_at = @p2, rule = @p3, decision = @p4, slot = @p5, slot_at = @p6,
                   lease_owner = NULL, lease_until = NULL
            WHERE id = @p0 AND state = @p7
            """, cancellation, id, decision.State, due, decision.Rule, decision.Reason.ToJson(), slot, slot is SlotState.Reserved ? now : null, from);
        await db.ExecuteAsync(
            "INSERT INTO message_changes (message_id, at, state, detail) VALUES (@p0, @p1, @p2, @p3)", cancellation, id, now, decision.State, decision.Rule);
    }

    // A run that comes to a mail again, e.g. after it was moved to another version, is told what became of it.
    private static async Task<(HashSet<string> Known, List<SettledMail> Again)> KnownAsync(
        AutomationDb db, IReadOnlyList<MailRequest> requests, CancellationToken cancellation)
    {
        var known = await db.QueryAsync(
            $"SELECT identity, state FROM outbox_messages WHERE {db.Dialect.Among("identity", "@p0")}", row => (Identity: row.Text(0), State: row.Enum<MessageState>(1)), cancellation,
            requests.Select(request => request.Identity.ToString()).ToArray());
        if (known.Count == 0) return ([], []);
        var askers = requests.Where(request => request.InstanceId is not null).ToLookup(request => request.Identity.ToString());
        return ([.. known.Select(one => one.Identity)],
        [
            .. known.Where(one => OutcomeStimuli.IsFinal(one.State)).SelectMany(one => askers[one.Identity].Take(1)
                .Select(asker => new SettledMail(asker.Identity.ContactId, asker.InstanceId!.Value, one.Identity, one.State))),
        ]);
    }

    private static async Task CollapseAsync(
        AutomationDb db, IReadOnlyList<MailRequest> requests, HashSet<string> known, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var group in requests.Where(r => r.CollapseKey is not null && !known.Contains(r.Identity.ToString())).GroupBy(r => r.CollapseKey))
        {
            var contacts = group.Select(request => request.Identity.ContactId).ToArray();
            await WithdrawAsync(
                db, MessageState.Cancelled, "collapsed", $"{db.Dialect.Among("contact_id", "@p2")} AND collapse_key = @p3", contacts, now, cancellation, group.Key);
        }
    }

    private static async Task<int> WithdrawAsync(
        AutomationDb db, MessageState state, string rule, string whose, object whom, DateTimeOffset now, CancellationToken cancellation, params object?[] more)
    {
        var withdrawn = await db.QueryAsync($"""
            UPDATE outbox_messages SET state = @p0, rule = @p1, slot = CASE slot WHEN 'Reserved' THEN 'Released' ELSE slot END
            WHERE {whose} AND state IN ('Deferred', 'Queued')
            RETURNING id, contact_id, instance_id, identity
            """,
            row => (Id: row.Guid(0), Contact: row.Guid(1), Instance: row.GuidOrNull(2), Identity: row.Text(3)), cancellation, [state, rule, whom, .. more]);
        await db.InsertManyAsync(
            "message_changes", ["message_id", "at", "state", "detail"], [.. withdrawn.Select(m => new object?[] { m.Id, now, state, rule })], "", cancellation);
        await OutcomeStimuli.TellAsync(
            db, [.. withdrawn.Where(m => m.Instance is not null).Select(m => new SettledMail(m.Contact, m.Instance!.Value, m.Identity, state))], now, cancellation);
        return withdrawn.Count;
    }

    private static object?[] Row(Guid id, MailRequest request, PersonStanding person, SendDecision decision, DateTimeOffset now)
    {
        var reserved = decision.State is MessageState.Queued;
        return
        [
            id, request.Identity.ToString(), request.Identity.ContactId, request.Identity.Origin, request.Identity.OriginId, request.Identity.NodeId,
            request.InstanceId, person.Email, request.Template, request.Class, request.Approach, request.Topics,
            request.OverCap, request.Priority, request.CollapseKey, request.Context, decision.State, now,
            decision.State is MessageState.Deferred ? decision.Reason.Next : now, request.ValidUntil, decision.Rule, decision.Reason.ToJson(),
            reserved ? SlotState.Reserved : SlotState.None, reserved ? now : null, 0, 0, 0, 0, 0, 0, 0,
        ];
    }

    private static List<SettledMail> Settled(IReadOnlyList<MailRequest> requests, List<MailOutcome> outcomes)
    {
        var instances = requests.Where(request => request.InstanceId is not null)
            .GroupBy(request => request.Identity).ToDictionary(group => group.Key, group => group.First().InstanceId!.Value);
        return
        [
            .. outcomes.Where(outcome => OutcomeStimuli.IsFinal(outcome.State) && instances.ContainsKey(outcome.Identity))
                .Select(outcome => new SettledMail(outcome.Identity.ContactId, instances[outcome.Identity], outcome.Identity.ToString(), outcome.State)),
        ];
    }

    // Priority first, then the one that expires sooner, then first come.
    private static async Task<Dictionary<Guid, int>> RankAsync(AutomationDb db, List<DueMessage> due, CancellationToken cancellation)
    {
        var ranked = await db.QueryAsync($"""
            SELECT id FROM outbox_messages WHERE {db.Dialect.Among("id", "@p0")}
            ORDER BY priority DESC, CASE WHEN valid_until IS NULL THEN 1 ELSE 0 END, valid_until, requested_at, id
            """, row => row.Guid(0), cancellation, due.Select(message => message.Id).ToArray());
        return ranked.Select((id, rank) => (id, rank)).ToDictionary(pair => pair.id, pair => pair.rank);
    }

    private static List<CountedSend> SendsOf(Dictionary<Guid, List<CountedSend>> counted, Guid contactId) =>
        counted.TryGetValue(contactId, out var sends) ? sends : counted[contactId] = [];

    private sealed record DueMessage(Guid Id, Guid ContactId, SendQuestion Question, Guid? InstanceId, string Identity);
}

/// <summary>A mail of a flow that has come to an end.</summary>
internal readonly record struct SettledMail(Guid ContactId, Guid InstanceId, string Identity, MessageState State);

/// <summary>Tells waiting runs what became of their mail, in the transaction in which it became so.</summary>
internal static class OutcomeStimuli
{
    public static bool IsFinal(MessageState state) =>
        state is MessageState.Sent or MessageState.Failed or MessageState.Expired or MessageState.Skipped or MessageState.Suppressed or MessageState.Cancelled;

    public static Task TellAsync(AutomationDb db, IReadOnlyList<SettledMail> settled, DateTimeOffset now, CancellationToken cancellation) =>
        Stimuli.WriteAsync(
            db,
            [.. settled.Select(mail => new NewStimulus(
                Stimuli.MailSettled, mail.Identity, mail.ContactId, JsonSerializer.Serialize(new { outcome = mail.State.ToString() })))],
            now, cancellation);
}

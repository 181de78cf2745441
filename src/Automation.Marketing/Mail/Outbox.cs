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
        "attempt", "delivered_count", "bounced_count", "opens_total", "opens_unique", "clicks_total", "clicks_unique", "lease_owner", "lease_until", "subject",
    ];

    /// <summary>Asks for mails. An identity asked for before is left as it is.</summary>
    public static Task<IReadOnlyList<MailOutcome>> RequestAsync(
        AutomationDb db, IReadOnlyList<MailRequest> requests, SendingPolicy policy, string defaultZone, DateTimeOffset now, CancellationToken cancellation) =>
        RequestAsync(db, requests, policy, defaultZone, now, atOnce: null, cancellation);

    /// <summary>The same, with attempts that begin as they are decided: their mails are written as <see cref="MessageState.Sending"/>.</summary>
    /// <param name="atOnce">Mails that are composed already; null: none.</param>
    internal static async Task<IReadOnlyList<MailOutcome>> RequestAsync(
        AutomationDb db, IReadOnlyList<MailRequest> requests, SendingPolicy policy, string defaultZone, DateTimeOffset now, ComposedAhead? atOnce,
        CancellationToken cancellation)
    {
        var contacts = requests.Select(request => request.Identity.ContactId).ToArray();
        // Held first: an identity that another worker is asking for is known once it is through.
        await db.HoldAsync("contacts", contacts.Distinct(), cancellation);
        var (known, again) = await KnownAsync(db, requests, cancellation);
        var fresh = requests.Where(request => known.Add(request.Identity.ToString())).ToList();
        await CollapseAsync(db, fresh, now, cancellation);
        var replaced = ReplacedWithin(fresh);
        var candidates = fresh.Where(request => !replaced.Contains(request)).Select(request => CandidateOf(request, now)).ToList();
        var decided = await DecisionRound.RunAsync(db, candidates, contacts, policy, defaultZone, now, cancellation);
        var order = fresh.Select((request, index) => (request, index)).ToDictionary(pair => pair.request, pair => pair.index);
        List<Decided> answers =
        [
            .. decided.Where(one => one.Candidate.Request is not null)
                .Concat(replaced.Select(request => new Decided(CandidateOf(request, now), new SendDecision(MessageState.Cancelled, "collapsed", new DecisionReason()), null)))
                .OrderBy(one => order[one.Candidate.Request!]),
        ];
        await db.InsertManyAsync("outbox_messages", Columns, [.. answers.Select(one => Row(one, atOnce, now))], "", cancellation);
        var begun = answers.Where(one => BeginsAtOnce(one, atOnce)).Select(one => one.Candidate.Id).ToHashSet();
        await MessageHistory.WriteAsync(db, [.. answers.Select(ChangeOf), .. begun.Select(id => (id, MessageState.Sending, ""))], now, cancellation);
        await OutcomeStimuli.TellAsync(db, [.. Settled(answers), .. again], now, cancellation);
        await UpdateWaitingAsync(db, decided.Where(one => one.Candidate.Request is null), now, cancellation);
        return
        [
            .. answers.Select(one => new MailOutcome(
                one.Candidate.Request!.Identity, begun.Contains(one.Candidate.Id) ? MessageState.Sending : one.Decision.State, one.Decision.Rule)),
        ];
    }

    /// <summary>Decides deferred messages whose instant has come anew, best claim first (brief §4.1.11).</summary>
    /// <returns>How many were due.</returns>
    public static async Task<int> DecideDueAsync(
        AutomationDb db, SendingPolicy policy, string defaultZone, int atMost, DateTimeOffset now, CancellationToken cancellation)
    {
        var due = await db.QueryAsync(
            $"""
            SELECT contact_id FROM outbox_messages
            WHERE state = 'Deferred' AND due_at <= @p0 AND {MayBeDecided} ORDER BY due_at, id LIMIT {atMost}
            """, row => row.Guid(0), cancellation, now);
        if (due.Count == 0) return 0;
        // People are held before their messages, as everywhere: an unsubscribe and a decision must not wait for each other.
        await db.HoldAsync("contacts", due.Distinct(), cancellation);
        var decided = await DecisionRound.RunAsync(db, [], due, policy, defaultZone, now, cancellation);
        await UpdateWaitingAsync(db, decided, now, cancellation);
        return due.Count;
    }

    /// <summary>
    /// The SQL condition that nothing has happened to a message's person that flows have not worked off: it may meet the goal
    /// or an exit of the run that a mail belongs to, and so is worked off before the mail is decided, and before it is sent.
    /// </summary>
    internal static readonly string NothingToBeWorkedOff =
        $"NOT EXISTS (SELECT 1 FROM stimuli s WHERE s.contact_id = outbox_messages.contact_id AND s.name IN ('{Stimuli.EventReceived}', '{Stimuli.MustEnd}') AND s.failures < {Stimuli.MostFailures})";

    /// <summary>Has what waits for these people decided anew at once: a place became free, or a wish changed.</summary>
    public static Task<int> ReplanAsync(AutomationDb db, IReadOnlyCollection<Guid> contactIds, DateTimeOffset now, CancellationToken cancellation) =>
        contactIds.Count == 0
            ? Task.FromResult(0)
            : db.ExecuteAsync(
                $"UPDATE outbox_messages SET due_at = @p1 WHERE {db.Dialect.Among("contact_id", "@p0")} AND {OutboxMessageMapping.Unsettled} AND state = 'Deferred' AND due_at > @p1 AND rule <> '{PausedRule}'",
                cancellation, contactIds, now);

    /// <summary>What waits and may be decided, asked of <c>outbox_messages</c> by its full name.</summary>
    /// <remarks>
    /// What is paused waits for its release. What has happened to a person may end the run that a mail belongs to: that is
    /// worked off before the mail is decided.
    /// </remarks>
    internal static readonly string MayBeDecided = $"rule <> '{PausedRule}' AND (instance_id IS NULL OR {NothingToBeWorkedOff})";

    /// <summary>Withdraws everything not yet attempted for these people: they said no, or their address is dead.</summary>
    /// <param name="marketingOnly">Consent does not touch transactional mail; suppression does.</param>
    public static async Task<int> SuppressQueuedAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contactIds, string rule, bool marketingOnly, DateTimeOffset now, CancellationToken cancellation) =>
        await WithdrawAsync(
            db, MessageState.Suppressed, rule,
            $"{db.Dialect.Among("contact_id", "@p2")}{(marketingOnly ? " AND class = 'Marketing'" : "")}", contactIds, now, cancellation);

    /// <summary>Withdraws everything about a topic that was not yet attempted for a person.</summary>
    public static Task<int> SuppressQueuedOfTopicAsync(AutomationDb db, Guid contactId, string topic, DateTimeOffset now, CancellationToken cancellation) =>
        WithdrawAsync(
            db, MessageState.Suppressed, Rules.TopicWithdrawn, $"{db.Dialect.Among("contact_id", "@p2")} AND class = 'Marketing' AND ',' || topics || ',' LIKE @p3",
            new[] { contactId }, now, cancellation, $"%,{topic},%");

    /// <summary>Withdraws everything a run still had waiting.</summary>
    public static Task<int> CancelOfInstancesAsync(AutomationDb db, IReadOnlyCollection<Guid> instanceIds, string rule, DateTimeOffset now, CancellationToken cancellation) =>
        WithdrawAsync(db, MessageState.Cancelled, rule, db.Dialect.Among("instance_id", "@p2"), instanceIds, now, cancellation);

    /// <summary>Withdraws one mail that has not left.</summary>
    /// <exception cref="RuleBrokenException">It is under way, or there is none.</exception>
    public static async Task CancelAsync(AutomationDb db, Guid messageId, DateTimeOffset now, CancellationToken cancellation)
    {
        var people = await db.QueryAsync("SELECT contact_id FROM outbox_messages WHERE id = @p0", row => row.Guid(0), cancellation, messageId);
        await db.HoldAsync("contacts", people, cancellation);
        if (await WithdrawAsync(db, MessageState.Cancelled, "stopped", "id = @p2", messageId, now, cancellation) == 0)
            throw new RuleBrokenException("This mail does not wait any more, so it cannot be cancelled.");
    }

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
    public const string PausedRule = Rules.FlowPaused;

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
            RETURNING id, contact_id, slot
            """,
            row => (Id: row.Guid(0), Contact: row.Guid(1), Slot: row.Enum<SlotState>(2)), cancellation, [NotDue, whom, .. more]);
        await MessageHistory.WriteAsync(db, held.Select(m => m.Id), MessageState.Deferred, PausedRule, now, cancellation);
        await ReplanAsync(db, [.. held.Where(m => m.Slot is SlotState.Released).Select(m => m.Contact).Distinct()], now, cancellation);
    }

    /// <summary>Writes a new decision to a message that is still in <paramref name="from"/>.</summary>
    internal static async Task ApplyAsync(
        AutomationDb db, Guid id, MessageState from, SendDecision decision, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.ExecuteAsync($"{ApplySql} AND state = @p7", cancellation, [.. ApplyValues(id, decision, now), from]);
        await MessageHistory.WriteAsync(db, [id], decision.State, decision.Rule, now, cancellation);
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

    private static async Task CollapseAsync(AutomationDb db, List<MailRequest> fresh, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var group in fresh.Where(request => request.CollapseKey is not null).GroupBy(request => request.CollapseKey))
        {
            var contacts = group.Select(request => request.Identity.ContactId).ToArray();
            await WithdrawAsync(
                db, MessageState.Cancelled, "collapsed", $"{db.Dialect.Among("contact_id", "@p2")} AND collapse_key = @p3", contacts, now, cancellation, group.Key);
        }
    }

    // Of several with one key in the same call the last stands.
    private static HashSet<MailRequest> ReplacedWithin(List<MailRequest> fresh) =>
        fresh.Where(request => request.CollapseKey is not null).GroupBy(request => (request.Identity.ContactId, request.CollapseKey))
            .SelectMany(group => group.SkipLast(1)).ToHashSet();

    private static Candidate CandidateOf(MailRequest request, DateTimeOffset now) => new(
        request.MessageId ?? RowId.New(now), request.Identity.ContactId,
        new SendQuestion(request.Class, request.Approach, request.OverCap, ValidUntilOf(request, now)) { Topics = request.Topics, Priority = request.Priority },
        now, request.Identity.OriginId)
    {
        Request = request,
        InstanceId = request.InstanceId,
        Identity = request.Identity.ToString(),
    };

    // Nothing may wait for ever.
    private static DateTimeOffset? ValidUntilOf(MailRequest request, DateTimeOffset now) =>
        request.ValidUntil ?? (request.OverCap is OverCap.Defer && request.Class is MessageClass.Marketing ? now + DecisionRound.DefaultValidity : null);

    private static async Task UpdateWaitingAsync(AutomationDb db, IEnumerable<Decided> waiting, DateTimeOffset now, CancellationToken cancellation)
    {
        List<Decided> changed =
            [.. waiting.Where(one => one.Decision.State is not MessageState.Deferred || one.Decision.Rule != one.Candidate.Rule || one.Decision.Reason.Next != one.Candidate.DueAt)];
        await db.ExecuteManyAsync(
            $"{ApplySql} AND state = 'Deferred'", [.. changed.Select(one => ApplyValues(one.Candidate.Id, one.Decision, now))], cancellation);
        await MessageHistory.WriteAsync(
            db, changed.Where(one => one.Decision.State is not MessageState.Deferred || one.Decision.Rule != one.Candidate.Rule).Select(ChangeOf), now, cancellation);
        await OutcomeStimuli.TellAsync(db, Settled(changed), now, cancellation);
    }

    private const string ApplySql = """
        UPDATE outbox_messages SET state = @p1, due_at = @p2, rule = @p3, decision = @p4, slot = @p5, slot_at = @p6, lease_owner = NULL, lease_until = NULL
        WHERE id = @p0
        """;

    private static object?[] ApplyValues(Guid id, SendDecision decision, DateTimeOffset now)
    {
        var reserved = decision.State is MessageState.Queued;
        return
        [
            id, decision.State, decision.State is MessageState.Deferred ? decision.Reason.Next : now, decision.Rule, decision.Reason.ToJson(),
            reserved ? SlotState.Reserved : SlotState.None, reserved ? now : null,
        ];
    }

    private static (Guid, MessageState, string) ChangeOf(Decided one) => (one.Candidate.Id, one.Decision.State, one.Decision.Rule);

    private static List<SettledMail> Settled(IEnumerable<Decided> decided) =>
    [
        .. decided.Where(one => one.Candidate.InstanceId is not null && OutcomeStimuli.IsFinal(one.Decision.State))
            .Select(one => new SettledMail(one.Candidate.ContactId, one.Candidate.InstanceId!.Value, one.Candidate.Identity, one.Decision.State)),
    ];

    private static async Task<int> WithdrawAsync(
        AutomationDb db, MessageState state, string rule, string whose, object whom, DateTimeOffset now, CancellationToken cancellation, params object?[] more)
    {
        var withdrawn = await db.QueryAsync($"""
            UPDATE outbox_messages SET state = @p0, rule = @p1, slot = CASE slot WHEN 'Reserved' THEN 'Released' ELSE slot END
            WHERE {whose} AND {OutboxMessageMapping.Unsettled} AND state IN ('Deferred', 'Queued')
            RETURNING id, contact_id, instance_id, identity, slot
            """,
            row => (Id: row.Guid(0), Contact: row.Guid(1), Instance: row.GuidOrNull(2), Identity: row.Text(3), Slot: row.Enum<SlotState>(4)),
            cancellation, [state, rule, whom, .. more]);
        await MessageHistory.WriteAsync(db, withdrawn.Select(m => m.Id), state, rule, now, cancellation);
        await OutcomeStimuli.TellAsync(
            db, [.. withdrawn.Where(m => m.Instance is not null).Select(m => new SettledMail(m.Contact, m.Instance!.Value, m.Identity, state))], now, cancellation);
        await ReplanAsync(db, [.. withdrawn.Where(m => m.Slot is SlotState.Released).Select(m => m.Contact).Distinct()], now, cancellation);
        return withdrawn.Count;
    }

    // To the address it was composed for and no other.
    private static bool BeginsAtOnce(Decided one, ComposedAhead? atOnce) =>
        atOnce is not null && one.Decision.State is MessageState.Queued && atOnce.Mails.TryGetValue(one.Candidate.Id, out var mail) && mail.Recipient == one.Address;

    private static object?[] Row(Decided one, ComposedAhead? atOnce, DateTimeOffset now)
    {
        var (request, decision) = (one.Candidate.Request!, one.Decision);
        var reserved = decision.State is MessageState.Queued;
        var lease = BeginsAtOnce(one, atOnce) ? atOnce : null;
        return
        [
            one.Candidate.Id, one.Candidate.Identity, request.Identity.ContactId, request.Identity.Origin, request.Identity.OriginId, request.Identity.NodeId,
            request.InstanceId, one.Address, request.Template, request.Class, request.Approach, request.Topics,
            request.OverCap, request.Priority, request.CollapseKey, request.Context, lease is null ? decision.State : MessageState.Sending, now,
            decision.State is MessageState.Deferred ? decision.Reason.Next : lease?.LeaseUntil ?? now, one.Candidate.Question.ValidUntil, decision.Rule, decision.Reason.ToJson(),
            reserved ? SlotState.Reserved : SlotState.None, reserved ? now : null, lease is null ? 0 : 1, 0, 0, 0, 0, 0, 0, lease?.Owner, lease?.LeaseUntil,
            lease?.Mails[one.Candidate.Id].Subject,
        ];
    }
}

/// <summary>Mails that are composed before they are decided, so that their attempts begin with the decision.</summary>
/// <param name="Owner">Whose attempts they are.</param>
/// <param name="Mails">The address that each was composed for, and its subject, by message id.</param>
internal sealed record ComposedAhead(string Owner, DateTimeOffset LeaseUntil, IReadOnlyDictionary<Guid, (string Recipient, string Subject)> Mails);

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

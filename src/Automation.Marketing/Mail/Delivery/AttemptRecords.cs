using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Mail.Events;
using Automation.Marketing.Storage;
using Automation.SendGrid;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>What is written of attempts to send: their beginning, before any byte leaves, and their end.</summary>
internal static class AttemptRecords
{
    // SQLite would rather walk the index of all that is in a state than look the few ids up: an expression keeps it from that.
    private const string StateNow = "state || ''";

    /// <summary>Writes that the attempts begin, for those of these mails that are still ours and still may go.</summary>
    /// <param name="alsoHeld">Mails that the same transaction is about to change.</param>
    /// <returns>Those whose attempts have begun.</returns>
    public static async Task<List<ComposedMail>> BeginAsync(
        AutomationDb db, IReadOnlyList<ComposedMail> composed, IReadOnlyCollection<PostedMails> alsoHeld, string owner, TimeSpan lease, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var shop = await db.ShopAsync(cancellation);
        // People before messages: a refused mail gives its slot to what waits for the same person.
        await db.HoldAsync("contacts", composed.Select(each => each.Mail.ContactId).Concat(Freed(alsoHeld)).Distinct(), cancellation);
        var objections = await DispatchCheck.ObjectionsAsync(
            db, [.. composed.Select(each => each.Mail.Id)], await db.SendingPolicyAsync(cancellation), shop.TimeZone, now, cancellation);
        await db.HoldAsync("outbox_messages", [.. composed.Select(each => each.Mail.Id), .. Ids(alsoHeld)], cancellation);
        var undecided = await HandBackUndecidedAsync(db, composed, owner, cancellation);
        var ready = new List<ComposedMail>(composed.Count);
        foreach (var each in composed.Where(each => !undecided.Contains(each.Mail.Id)))
        {
            if (each.Problem is { } problem) await FailAsync(db, each.Mail, problem, MessageState.Queued, now, cancellation);
            else if (objections.TryGetValue(each.Mail.Id, out var objection)) await PutOffAsync(db, each.Mail, objection, now, cancellation);
            else ready.Add(each);
        }
        // Fencing: whoever was withdrawn meanwhile, or whose lease has ended and been taken, is not ours any more.
        var begun = (await db.QueryAsync($"""
            UPDATE outbox_messages SET state = 'Sending', attempt = attempt + 1, due_at = @p1, lease_until = @p1, subject = mail.word,
                   slot_at = CASE WHEN slot = 'Reserved' AND slot_at < @p3 THEN @p3 ELSE slot_at END
            FROM {db.Dialect.Rows("@p0")} AS mail
            WHERE outbox_messages.id = mail.id AND {StateNow} = 'Queued' AND lease_owner = @p2 RETURNING outbox_messages.id
            """,
            row => row.Guid(0), cancellation, db.Dialect.RowsOf(ready.Select(each => (each.Mail.Id, each.Own!.Subject))), now + lease, owner, now)).ToHashSet();
        await MessageHistory.WriteAsync(db, begun, MessageState.Sending, "", now, cancellation);
        return [.. ready.Where(each => begun.Contains(each.Mail.Id))];
    }

    // Something came in while the mail was composed: flows first say whether their run goes on.
    private static async Task<HashSet<Guid>> HandBackUndecidedAsync(AutomationDb db, IReadOnlyList<ComposedMail> composed, string owner, CancellationToken cancellation)
    {
        var ofRuns = composed.Where(each => each.Mail.InstanceId is not null).Select(each => each.Mail.Id).ToArray();
        if (ofRuns.Length == 0) return [];
        return [.. await db.QueryAsync(
            $"UPDATE outbox_messages SET lease_owner = NULL, lease_until = NULL WHERE {db.Dialect.Among("id", "@p0")} AND {StateNow} = 'Queued' AND lease_owner = @p1 AND NOT ({Outbox.NothingToBeWorkedOff}) RETURNING id",
            row => row.Guid(0), cancellation, ofRuns, owner)];
    }

    /// <summary>Writes what came of attempts. All that share a request share its outcome.</summary>
    /// <remarks>The caller holds the messages, in the order of their ids, as reported events do: neither waits for the other.</remarks>
    public static async Task EndAsync(AutomationDb db, IReadOnlyCollection<PostedMails> posted, DateTimeOffset now, CancellationToken cancellation)
    {
        await AcceptAsync(db, [.. posted.Where(some => some.Result is SendResult.Accepted)], now, cancellation);
        foreach (var some in posted)
        {
            switch (some.Result)
            {
                case SendResult.Accepted:
                    break;
                case SendResult.TryLater later:
                    if (later.WholeKey) await HoldAllAsync(db, HoldReason.RateLimit, later.Reason, now + later.Wait, now, cancellation);
                    foreach (var each in some.Mails)
                        await ReturnAsync(db, each.Mail, later.Reason, now + Backoff.After(each.Mail.Attempt + 1, later.Wait), now, cancellation);
                    break;
                case SendResult.Paused paused:
                    await HoldAllAsync(db, HoldReason.Provider, paused.Reason, now + MailSender.SettlesTransactional, now, cancellation);
                    foreach (var each in some.Mails) await ReturnAsync(db, each.Mail, paused.Reason, now + MailSender.SettlesTransactional, now, cancellation);
                    break;
                case SendResult.Refused refused:
                    foreach (var each in some.Mails) await FailAsync(db, each.Mail, refused.Reason, MessageState.Sending, now, cancellation);
                    break;
                case SendResult.Unknown unknown:
                    foreach (var each in some.Mails) await DoubtAsync(db, each.Mail.Id, each.Mail.Class, unknown.Reason, now, cancellation);
                    break;
            }
        }
    }

    private static Task HoldAllAsync(AutomationDb db, HoldReason reason, string detail, DateTimeOffset until, DateTimeOffset now, CancellationToken cancellation) =>
        SendingHolds.HoldAsync(db, HoldScope.All, "", reason, detail, until, heldBy: "", now, cancellation);

    /// <summary>An attempt whose outcome nobody knows: settled by the provider's events, or after a time.</summary>
    public static async Task DoubtAsync(
        AutomationDb db, Guid id, MessageClass messageClass, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        var settles = now + (messageClass is MessageClass.Transactional ? MailSender.SettlesTransactional : MailSender.SettlesMarketing);
        // Should it have been accepted, then not later than now: that is when its slot counts.
        var changed = await db.ExecuteAsync("""
            UPDATE outbox_messages SET state = 'Uncertain', due_at = @p1, slot_at = CASE WHEN slot = 'Reserved' AND slot_at < @p2 THEN @p2 ELSE slot_at END, rule = 'outcome-unknown',
                   lease_owner = NULL, lease_until = NULL
            WHERE id = @p0 AND state = 'Sending'
            """, cancellation, id, settles, now);
        if (changed > 0) await MessageHistory.WriteAsync(db, [id], MessageState.Uncertain, reason, now, cancellation);
    }

    public static Guid[] Ids(IEnumerable<PostedMails> posted) => [.. posted.SelectMany(some => Ids(some.Mails))];

    /// <summary>People who may get another mail now, since one was refused.</summary>
    public static IEnumerable<Guid> Freed(IEnumerable<PostedMails> posted) =>
        posted.Where(some => some.Result is SendResult.Refused).SelectMany(some => some.Mails).Select(each => each.Mail.ContactId).Distinct();

    private static Guid[] Ids(IEnumerable<ComposedMail> mails) => [.. mails.Select(each => each.Mail.Id)];

    private static async Task PutOffAsync(AutomationDb db, ClaimedMail mail, SendDecision objection, DateTimeOffset now, CancellationToken cancellation)
    {
        await Outbox.ApplyAsync(db, mail.Id, MessageState.Queued, objection, now, cancellation);
        if (!OutcomeStimuli.IsFinal(objection.State)) return;
        await Outbox.ReplanAsync(db, [mail.ContactId], now, cancellation);
        if (mail.InstanceId is { } instance)
            await OutcomeStimuli.TellAsync(db, [new SettledMail(mail.ContactId, instance, mail.Identity, objection.State)], now, cancellation);
    }

    // One statement however many requests there were. An event may have come before the reply and have settled it already:
    // then only what the reply adds is written.
    private static async Task AcceptAsync(AutomationDb db, IReadOnlyCollection<PostedMails> posted, DateTimeOffset now, CancellationToken cancellation)
    {
        if (posted.Count == 0) return;
        var mails = posted.SelectMany(some => some.Mails.Select(each => (each.Mail, ProviderId: ((SendResult.Accepted)some.Result).MessageId))).ToList();
        var open = (await db.QueryAsync($"""
            UPDATE outbox_messages SET state = 'Sent', sent_at = @p1, slot_at = CASE WHEN slot_at > @p1 THEN slot_at ELSE @p1 END,
                   slot = CASE slot WHEN 'Reserved' THEN 'Spent' ELSE slot END, rule = '', provider_message_id = reply.word,
                   lease_owner = NULL, lease_until = NULL
            FROM {db.Dialect.Rows("@p0")} AS reply
            WHERE outbox_messages.id = reply.id AND {StateNow} IN ('Sending', 'Uncertain') RETURNING outbox_messages.id
            """, row => row.Guid(0), cancellation, db.Dialect.RowsOf(mails.Select(each => (each.Mail.Id, each.ProviderId))), now)).ToHashSet();
        await db.ExecuteManyAsync(
            "UPDATE outbox_messages SET provider_message_id = @p1 WHERE id = @p0",
            [.. mails.Where(each => !open.Contains(each.Mail.Id)).Select(each => new object?[] { each.Mail.Id, each.ProviderId })], cancellation);
        await MessageHistory.WriteAsync(db, open, MessageState.Sent, "", now, cancellation);
        await TellAsync(db, mails.Select(each => each.Mail).Where(mail => open.Contains(mail.Id)), MessageState.Sent, "", now, cancellation);
    }

    private static async Task ReturnAsync(
        AutomationDb db, ClaimedMail mail, string reason, DateTimeOffset due, DateTimeOffset now, CancellationToken cancellation)
    {
        var returned = await db.ExecuteAsync(
            "UPDATE outbox_messages SET state = 'Queued', due_at = @p1, rule = 'provider-later', lease_owner = NULL, lease_until = NULL WHERE id = @p0 AND state = 'Sending'",
            cancellation, mail.Id, due);
        if (returned > 0) await MessageHistory.WriteAsync(db, [mail.Id], MessageState.Queued, reason, now, cancellation);
    }

    private static async Task FailAsync(
        AutomationDb db, ClaimedMail mail, string reason, MessageState from, DateTimeOffset now, CancellationToken cancellation)
    {
        var failed = await db.ExecuteAsync("""
            UPDATE outbox_messages SET state = 'Failed', rule = 'refused', slot = CASE slot WHEN 'Reserved' THEN 'Released' ELSE slot END,
                   lease_owner = NULL, lease_until = NULL WHERE id = @p0 AND state = @p1
            """, cancellation, mail.Id, from);
        if (failed == 0) return;
        await MessageHistory.WriteAsync(db, [mail.Id], MessageState.Failed, reason, now, cancellation);
        await TellAsync(db, [mail], MessageState.Failed, reason, now, cancellation);
        await Outbox.ReplanAsync(db, [mail.ContactId], now, cancellation);
    }

    // Flows hear of their own mails, other programs of those that they asked for.
    private static async Task TellAsync(AutomationDb db, IEnumerable<ClaimedMail> mails, MessageState state, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        await OutcomeStimuli.TellAsync(
            db,
            [.. mails.Where(mail => mail.InstanceId is not null).Select(mail => new SettledMail(mail.ContactId, mail.InstanceId!.Value, mail.Identity, state))],
            now, cancellation);
        var type = state is MessageState.Sent ? OutgoingTypes.MessageSent : OutgoingTypes.MessageFailed;
        await ToldMail.TellAsync(db, wants => wants(type) ? mails.Select(mail => new ToldMail(type, mail.ContactId, mail.Id, mail.Template, mail.OriginId, reason)) : [], now, cancellation);
    }
}

/// <summary>How long a refused-for-now message waits before its next attempt.</summary>
internal static class Backoff
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <param name="attempt">Attempts already made, from 1.</param>
    /// <param name="asked">What the provider asked for.</param>
    /// <returns>The longer of <paramref name="asked"/> and 1 s × 2^(<paramref name="attempt"/> − 1), at most an hour beyond what was asked.</returns>
    public static TimeSpan After(int attempt, TimeSpan asked)
    {
        var own = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Max(0, attempt - 1)), Longest.TotalSeconds));
        return own > asked ? own : asked;
    }
}

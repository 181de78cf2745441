using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>
/// Carries queued messages to the provider. Three transactions a batch: take the messages; write that the attempts
/// begin, after asking once more whether they may; write what came of them. What dies in between is settled, never
/// sent again blindly (contract §2).
/// </summary>
public sealed class MailSender(
    IDbContextFactory<AutomationDb> dbs, MailComposer composer, IMailProvider provider, LinkFactory links, DeliveryOptions options,
    TimeProvider clock, ILogger<MailSender> logger)
{
    /// <summary>How long provider events may take to prove an unknown outcome, before it counts as failed.</summary>
    public static readonly TimeSpan SettlesMarketing = TimeSpan.FromHours(24);

    /// <summary>The same for transactional mail, which is then sent once more.</summary>
    public static readonly TimeSpan SettlesTransactional = TimeSpan.FromMinutes(5);

    private readonly string owner = Guid.NewGuid().ToString("N");
    private long pausedUntil;

    /// <summary>Why nothing is sent at the moment; null when all is well.</summary>
    public string? PausedBecause { get; private set; }

    /// <summary>Takes one batch as far as it goes.</summary>
    /// <returns>Messages taken; 0 when none was due.</returns>
    public async Task<int> SendDueAsync(CancellationToken stopping)
    {
        if (clock.GetUtcNow().UtcTicks < Interlocked.Read(ref pausedUntil)) return 0;
        PausedBecause = null;
        await using var db = await dbs.CreateDbContextAsync(stopping);
        var claimed = await ClaimAsync(db, stopping);
        if (claimed.Count == 0) return 0;
        var composed = await ComposeAsync(db, claimed, stopping);
        var begun = await BeginAsync(db, composed, CancellationToken.None);
        var results = await PostAsync(begun);
        await RecordAsync(db, begun, results, CancellationToken.None);
        return claimed.Count;
    }

    private async Task<List<ClaimedMail>> ClaimAsync(AutomationDb db, CancellationToken stopping)
    {
        await using var transaction = await db.BeginWriteAsync(stopping);
        var now = clock.GetUtcNow();
        // Marketing mail waits until it can say who sends it.
        var mayMarket = LawChecks.Missing(await db.ShopAsync(stopping), (await links.ForAsync(db, stopping)).PublicUrl).Count == 0;
        var claimed = await db.QueryAsync($"""
            SELECT id, identity, contact_id, instance_id, recipient, template, class, approach, context, attempt, valid_until
            FROM outbox_messages
            WHERE state = 'Queued' AND due_at <= @p0 AND (lease_until IS NULL OR lease_until < @p0){(mayMarket ? "" : " AND class = 'Transactional'")}
              AND (instance_id IS NULL OR {Outbox.NothingToBeWorkedOff})
            ORDER BY due_at LIMIT {options.Batch}{db.Dialect.SkipLocked}
            """,
            row => new ClaimedMail(
                row.Guid(0), row.Text(1), row.Guid(2), row.GuidOrNull(3), row.TextOrNull(4) ?? "", row.Text(5), row.Enum<MessageClass>(6),
                row.Enum<Approach>(7), row.Text(8), row.Int(9), row.InstantOrNull(10)),
            stopping, now);
        if (claimed.Count == 0) return claimed;
        await db.ExecuteAsync(
            $"UPDATE outbox_messages SET lease_owner = @p0, lease_until = @p1 WHERE {db.Dialect.Among("id", "@p2")}",
            stopping, owner, now + options.Lease, Ids(claimed));
        await transaction.CommitAsync(stopping);
        return claimed;
    }

    private async Task<List<ClaimedMail>> ComposeAsync(AutomationDb db, List<ClaimedMail> claimed, CancellationToken stopping)
    {
        var shelf = composer.Shelf;
        var templates = claimed.Select(mail => mail.Template).Distinct().ToArray();
        var models = await MailModels.LoadAsync(
            db, [.. claimed.Select(mail => mail.ContactId)], await db.ShopAsync(stopping), root => MailComposer.Reads(shelf, templates, root), stopping);
        var own = await links.ForAsync(db, stopping);
        var composed = new ClaimedMail[claimed.Count];
        Parallel.For(0, claimed.Count, index => composed[index] = composer.Compose(claimed[index], shelf, models, own));
        return [.. composed];
    }

    // From here on nothing is abandoned: what is written as begun is carried through.
    private async Task<List<ClaimedMail>> BeginAsync(AutomationDb db, List<ClaimedMail> composed, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var now = clock.GetUtcNow();
        var shop = await db.ShopAsync(cancellation);
        var policy = await db.SendingPolicyAsync(cancellation);
        var objections = await DispatchCheck.ObjectionsAsync(db, Ids(composed), policy, shop.TimeZone, now, cancellation);
        await HandBackUndecidedAsync(db, composed, cancellation);
        var held = (await db.QueryAsync(
            $"SELECT id FROM outbox_messages WHERE {db.Dialect.Among("id", "@p0")} AND state = 'Queued' AND lease_owner = @p1 ORDER BY id{db.Dialect.ForUpdate}",
            row => row.Guid(0), cancellation, Ids(composed), owner)).ToHashSet();
        var begun = new List<ClaimedMail>(composed.Count);
        foreach (var mail in composed.Where(mail => held.Contains(mail.Id)))
        {
            if (mail.Problem is { } problem) await FailAsync(db, mail, problem, MessageState.Queued, now, cancellation);
            else if (objections.TryGetValue(mail.Id, out var objection)) await PutOffAsync(db, mail, objection, now, cancellation);
            else begun.Add(mail);
        }
        await db.ExecuteAsync($"""
            UPDATE outbox_messages SET state = 'Sending', attempt = attempt + 1, due_at = @p1, lease_until = @p1
            WHERE {db.Dialect.Among("id", "@p0")}
            """, cancellation, Ids(begun), now + options.Lease);
        await WriteChangesAsync(db, begun, MessageState.Sending, "", now, cancellation);
        await transaction.CommitAsync(cancellation);
        return begun;
    }

    // Something came in while the mail was composed: flows first say whether their run goes on.
    private async Task HandBackUndecidedAsync(AutomationDb db, List<ClaimedMail> composed, CancellationToken cancellation)
    {
        var ofRuns = composed.Where(mail => mail.InstanceId is not null).ToList();
        if (ofRuns.Count == 0) return;
        await db.ExecuteAsync(
            $"UPDATE outbox_messages SET lease_owner = NULL, lease_until = NULL WHERE {db.Dialect.Among("id", "@p0")} AND state = 'Queued' AND lease_owner = @p1 AND NOT ({Outbox.NothingToBeWorkedOff})",
            cancellation, Ids(ofRuns), owner);
    }

    private static async Task PutOffAsync(AutomationDb db, ClaimedMail mail, SendDecision objection, DateTimeOffset now, CancellationToken cancellation)
    {
        await Outbox.ApplyAsync(db, mail.Id, MessageState.Queued, objection, now, cancellation);
        if (OutcomeStimuli.IsFinal(objection.State) && mail.InstanceId is { } instance)
            await OutcomeStimuli.TellAsync(db, [new SettledMail(mail.ContactId, instance, mail.Identity, objection.State)], now, cancellation);
    }

    private async Task<SendResult[]> PostAsync(List<ClaimedMail> begun)
    {
        var results = new SendResult[begun.Count];
        await Parallel.ForAsync(0, begun.Count, new ParallelOptions { MaxDegreeOfParallelism = options.Connections }, async (index, _) =>
        {
            // Stop between mails, never inside one.
            results[index] = await provider.SendAsync(begun[index].Request!, CancellationToken.None);
        });
        return results;
    }

    private async Task RecordAsync(AutomationDb db, List<ClaimedMail> begun, SendResult[] results, CancellationToken cancellation)
    {
        if (begun.Count == 0) return;
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var now = clock.GetUtcNow();
        var accepted = new List<(ClaimedMail Mail, string ProviderId)>(begun.Count);
        // People before messages: a refused mail gives its slot to what waits for the same person.
        await db.HoldAsync("contacts", begun.Where((_, index) => results[index] is SendResult.Refused).Select(mail => mail.ContactId).Distinct(), cancellation);
        // In the order of their ids, as reported events hold them: neither waits for the other.
        await db.HoldAsync("outbox_messages", Ids(begun), cancellation);
        for (var index = 0; index < begun.Count; index++)
        {
            var mail = begun[index];
            switch (results[index])
            {
                case SendResult.Accepted yes:
                    accepted.Add((mail, yes.MessageId));
                    break;
                case SendResult.TryLater later:
                    await ReturnAsync(db, mail, later.Reason, now + Backoff.After(mail.Attempt + 1, later.Wait), now, cancellation);
                    if (later.WholeKey) Pause(now + later.Wait, later.Reason);
                    break;
                case SendResult.Paused paused:
                    await ReturnAsync(db, mail, paused.Reason, now + SettlesTransactional, now, cancellation);
                    Pause(now + SettlesTransactional, paused.Reason);
                    break;
                case SendResult.Refused refused:
                    await FailAsync(db, mail, refused.Reason, MessageState.Sending, now, cancellation);
                    break;
                case SendResult.Unknown unknown:
                    await DoubtAsync(db, mail.Id, mail.Class, unknown.Reason, now, cancellation);
                    break;
            }
        }
        await AcceptAsync(db, accepted, now, cancellation);
        await transaction.CommitAsync(cancellation);
        logger.BatchSent(begun.Count, accepted.Count);
    }

    // An event may have come before the reply and have settled it already: then only what the reply adds is written.
    private static async Task AcceptAsync(
        AutomationDb db, List<(ClaimedMail Mail, string ProviderId)> accepted, DateTimeOffset now, CancellationToken cancellation)
    {
        var open = (await db.QueryAsync(
            $"SELECT id FROM outbox_messages WHERE {db.Dialect.Among("id", "@p0")} AND state IN ('Sending', 'Uncertain')", row => row.Guid(0), cancellation,
            accepted.Select(each => each.Mail.Id).ToArray())).ToHashSet();
        await db.ExecuteManyAsync(
            "UPDATE outbox_messages SET provider_message_id = @p1, subject = @p2 WHERE id = @p0",
            [.. accepted.Where(each => !open.Contains(each.Mail.Id)).Select(each => new object?[] { each.Mail.Id, each.ProviderId, each.Mail.Subject })], cancellation);
        await db.ExecuteManyAsync("""
            UPDATE outbox_messages SET state = 'Sent', sent_at = @p1, slot_at = @p1, slot = CASE slot WHEN 'Reserved' THEN 'Spent' ELSE slot END,
                   rule = '', provider_message_id = @p2, subject = @p3, lease_owner = NULL, lease_until = NULL
            WHERE id = @p0
            """,
            [.. accepted.Where(each => open.Contains(each.Mail.Id)).Select(each => new object?[] { each.Mail.Id, now, each.ProviderId, each.Mail.Subject })],
            cancellation);
        await SettledAsync(db, [.. accepted.Select(each => each.Mail).Where(mail => open.Contains(mail.Id))], MessageState.Sent, "", now, cancellation);
    }

    private static async Task SettledAsync(
        AutomationDb db, IReadOnlyList<ClaimedMail> mails, MessageState state, string detail, DateTimeOffset now, CancellationToken cancellation)
    {
        await WriteChangesAsync(db, mails, state, detail, now, cancellation);
        await OutcomeStimuli.TellAsync(
            db,
            [.. mails.Where(mail => mail.InstanceId is not null).Select(mail => new SettledMail(mail.ContactId, mail.InstanceId!.Value, mail.Identity, state))],
            now, cancellation);
    }

    private static async Task ReturnAsync(
        AutomationDb db, ClaimedMail mail, string reason, DateTimeOffset due, DateTimeOffset now, CancellationToken cancellation)
    {
        var returned = await db.ExecuteAsync(
            "UPDATE outbox_messages SET state = 'Queued', due_at = @p1, rule = 'provider-later', lease_owner = NULL, lease_until = NULL WHERE id = @p0 AND state = 'Sending'",
            cancellation, mail.Id, due);
        if (returned > 0) await WriteChangesAsync(db, [mail], MessageState.Queued, reason, now, cancellation);
    }

    private static async Task FailAsync(
        AutomationDb db, ClaimedMail mail, string reason, MessageState from, DateTimeOffset now, CancellationToken cancellation)
    {
        var failed = await db.ExecuteAsync("""
            UPDATE outbox_messages SET state = 'Failed', rule = 'refused', slot = CASE slot WHEN 'Reserved' THEN 'Released' ELSE slot END,
                   lease_owner = NULL, lease_until = NULL WHERE id = @p0 AND state = @p1
            """, cancellation, mail.Id, from);
        if (failed == 0) return;
        await SettledAsync(db, [mail], MessageState.Failed, reason, now, cancellation);
        await Outbox.ReplanAsync(db, [mail.ContactId], now, cancellation);
    }

    internal static async Task DoubtAsync(
        AutomationDb db, Guid id, MessageClass messageClass, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        var settles = now + (messageClass is MessageClass.Transactional ? SettlesTransactional : SettlesMarketing);
        var changed = await db.ExecuteAsync(
            "UPDATE outbox_messages SET state = 'Uncertain', due_at = @p1, rule = 'outcome-unknown', lease_owner = NULL, lease_until = NULL WHERE id = @p0 AND state = 'Sending'",
            cancellation, id, settles);
        if (changed > 0)
        {
            await db.ExecuteAsync(
                "INSERT INTO message_changes (message_id, at, state, detail) VALUES (@p0, @p1, 'Uncertain', @p2)", cancellation, id, now, reason);
        }
    }

    private void Pause(DateTimeOffset until, string reason)
    {
        if (until.UtcTicks > Interlocked.Read(ref pausedUntil)) Interlocked.Exchange(ref pausedUntil, until.UtcTicks);
        PausedBecause = reason;
        logger.SendingPaused(until);
    }

    private static Guid[] Ids(IEnumerable<ClaimedMail> mails) => [.. mails.Select(mail => mail.Id)];

    private static Task<int> WriteChangesAsync(
        AutomationDb db, IEnumerable<ClaimedMail> mails, MessageState state, string detail, DateTimeOffset now, CancellationToken cancellation) =>
        db.InsertManyAsync(
            "message_changes", ["message_id", "at", "state", "detail"], [.. mails.Select(mail => new object?[] { mail.Id, now, state, detail })], "", cancellation);
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

/// <summary>Makes <see cref="MailLinks"/> with the workspace's key.</summary>
public sealed class LinkFactory(PublicAddress address, TimeProvider clock)
{
    private byte[]? key;

    public async Task<MailLinks> ForAsync(AutomationDb db, CancellationToken cancellation)
    {
        key ??= await db.LinkKeyAsync(clock.GetUtcNow(), cancellation);
        return new MailLinks(key, address.Url);
    }
}

/// <summary>Setting <c>PublicUrl</c>: where links in mail lead; known at the latest when the server listens.</summary>
public sealed class PublicAddress
{
    public Uri Url { get; set; } = new("http://127.0.0.1/");
}

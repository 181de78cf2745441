using System.Collections.Concurrent;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>
/// Carries queued messages to the provider. Many are taken at a time; of those, a batch at a time is written as begun, after
/// asking once more whether they may, then posted, then written as what came of them, together with the beginning of the
/// next. What dies in between is settled, never sent again blindly (contract §2).
/// </summary>
public sealed class MailSender(
    IDbContextFactory<AutomationDb> dbs, MailComposer composer, IMailProvider provider, LinkFactory links, DeliveryOptions options,
    TimeProvider clock, ILogger<MailSender> logger)
{
    /// <summary>How long provider events may take to prove an unknown outcome, before it counts as failed.</summary>
    public static readonly TimeSpan SettlesMarketing = TimeSpan.FromHours(24);

    /// <summary>The same for transactional mail, which is then sent once more.</summary>
    public static readonly TimeSpan SettlesTransactional = TimeSpan.FromMinutes(5);

    private const int RecordingAttempts = 5;
    private static readonly TimeSpan BetweenRecordings = TimeSpan.FromSeconds(1);

    private readonly string owner = Guid.NewGuid().ToString("N");
    private long pausedUntil;

    /// <summary>Why nothing is sent at the moment; null when all is well.</summary>
    public string? PausedBecause { get; private set; }

    private bool IsPaused => clock.GetUtcNow().UtcTicks < Interlocked.Read(ref pausedUntil);

    /// <summary>Takes messages that are due and carries them out, a batch at a time.</summary>
    /// <returns>Messages taken; 0 when none was due.</returns>
    public async Task<int> SendDueAsync(CancellationToken stopping)
    {
        if (IsPaused) return 0;
        PausedBecause = null;
        await using var db = await dbs.CreateDbContextAsync(stopping);
        var claimed = await ClaimAsync(db, stopping);
        if (claimed.Count == 0) return 0;
        var models = await LoadAsync(db, claimed, stopping);
        var own = await links.ForAsync(db, stopping);
        // Mails of one template side by side: they may share requests.
        var left = new Queue<ClaimedMail[]>(claimed.GroupBy(mail => mail.Template).SelectMany(alike => alike).Chunk(options.Batch));
        var posted = new List<PostedMails>();
        try
        {
            while (!IsPaused && !stopping.IsCancellationRequested && left.TryDequeue(out var some))
            {
                var composed = composer.Compose(some, models, own);
                // From here on nothing is abandoned: what is written as begun is carried through.
                var begun = await RecordAndBeginAsync(db, posted, composed);
                posted = await PostAsync([.. MailBatch.Of(begun)]);
                HeedPauses(posted);
            }
        }
        finally
        {
            await RecordAsync(posted);
        }
        if (left.Count > 0) await HandBackAsync(db, [.. left.SelectMany(some => some)]);
        return claimed.Count;
    }

    private async Task<List<ClaimedMail>> ClaimAsync(AutomationDb db, CancellationToken stopping)
    {
        await using var transaction = await db.BeginWriteAsync(stopping);
        var now = clock.GetUtcNow();
        var claimed = await db.QueryAsync($"""
            SELECT id, identity, contact_id, instance_id, recipient, template, class, approach, topics, context, attempt, valid_until
            FROM outbox_messages
            WHERE state = 'Queued' AND due_at <= @p0 AND (lease_until IS NULL OR lease_until < @p0)
            ORDER BY due_at LIMIT {options.Claim}{db.Dialect.SkipLocked}
            """,
            row => new ClaimedMail(
                row.Guid(0), row.Text(1), row.Guid(2), row.GuidOrNull(3), row.TextOrNull(4) ?? "", row.Text(5), row.Enum<MessageClass>(6),
                row.Enum<Approach>(7), row.Text(8), row.Text(9), row.Int(10), row.InstantOrNull(11)),
            stopping, now);
        if (claimed.Count == 0) return claimed;
        await db.ExecuteAsync(
            $"UPDATE outbox_messages SET lease_owner = @p0, lease_until = @p1 WHERE {db.Dialect.Among("id", "@p2")}",
            stopping, owner, now + options.Lease, claimed.Select(mail => mail.Id).ToArray());
        await transaction.CommitAsync(stopping);
        return claimed;
    }

    private async Task<MailModels> LoadAsync(AutomationDb db, List<ClaimedMail> claimed, CancellationToken stopping)
    {
        var templates = claimed.Select(mail => mail.Template).Distinct().ToArray();
        return await MailModels.LoadAsync(
            db, [.. claimed.Select(mail => mail.ContactId)], await db.ShopAsync(stopping), root => composer.Reads(templates, root), stopping);
    }

    // One transaction for the end of one batch and the beginning of the next: half as many waits for the disk.
    private async Task<List<ComposedMail>> RecordAndBeginAsync(AutomationDb db, List<PostedMails> posted, ComposedMail[] composed)
    {
        await using var transaction = await db.BeginWriteAsync(CancellationToken.None);
        var now = clock.GetUtcNow();
        var begun = await AttemptRecords.BeginAsync(db, composed, posted, owner, options.Lease, now, CancellationToken.None);
        await AttemptRecords.EndAsync(db, posted, now, CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        posted.Clear();
        return begun;
    }

    private async Task<List<PostedMails>> PostAsync(List<MailBatch> batches)
    {
        var posted = new ConcurrentQueue<PostedMails>();
        // Stop between requests, never inside one.
        await Parallel.ForEachAsync(
            batches, new ParallelOptions { MaxDegreeOfParallelism = options.Connections }, async (batch, _) => await PostAsync(batch, posted));
        return [.. posted];
    }

    private async Task PostAsync(MailBatch batch, ConcurrentQueue<PostedMails> posted)
    {
        var result = await PostAsync(batch);
        if (result is SendResult.Refused && batch.Mails.Count > 1)
        {
            // Refused, so certainly not acted on: one recipient's fault must not cost the others their mail.
            var (first, second) = batch.Halves();
            await PostAsync(first, posted);
            await PostAsync(second, posted);
        }
        else
        {
            posted.Enqueue(new PostedMails(batch.Mails, result));
        }
    }

    private async Task<SendResult> PostAsync(MailBatch batch)
    {
        try
        {
            return await provider.SendAsync(batch.Request(), CancellationToken.None);
        }
        catch (Exception problem)
        {
            // Whatever went wrong, the request may have left.
            logger.ProviderFailed(problem, batch.Mails.Count);
            return new SendResult.Unknown("The call failed.");
        }
    }

    private void HeedPauses(List<PostedMails> posted)
    {
        foreach (var (_, result) in posted)
        {
            if (result is SendResult.TryLater { WholeKey: true } later) Pause(clock.GetUtcNow() + later.Wait, later.Reason);
            if (result is SendResult.Paused paused) Pause(clock.GetUtcNow() + SettlesTransactional, paused.Reason);
        }
        logger.BatchSent(posted.Sum(some => some.Mails.Count), posted.Where(some => some.Result is SendResult.Accepted).Sum(some => some.Mails.Count));
    }

    private void Pause(DateTimeOffset until, string reason)
    {
        if (until.UtcTicks > Interlocked.Read(ref pausedUntil)) Interlocked.Exchange(ref pausedUntil, until.UtcTicks);
        PausedBecause = reason;
        logger.SendingPaused(until);
    }

    // It is out: that must be written down. What cannot be, after some trying, the lease's end makes uncertain.
    private async Task RecordAsync(List<PostedMails> posted)
    {
        if (posted.Count == 0) return;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var db = await dbs.CreateDbContextAsync(CancellationToken.None);
                await using var transaction = await db.BeginWriteAsync(CancellationToken.None);
                await db.HoldAsync("outbox_messages", AttemptRecords.Ids(posted), CancellationToken.None);
                await AttemptRecords.EndAsync(db, posted, clock.GetUtcNow(), CancellationToken.None);
                await transaction.CommitAsync(CancellationToken.None);
                return;
            }
            catch (Exception problem) when (attempt < RecordingAttempts)
            {
                logger.NotRecorded(problem, posted.Sum(some => some.Mails.Count));
                await Task.Delay(BetweenRecordings);   // a database is away in real time, whatever the clock says
            }
        }
    }

    // What is not begun goes back at once, not when its lease ends.
    private async Task HandBackAsync(AutomationDb db, ClaimedMail[] mails)
    {
        await using var transaction = await db.BeginWriteAsync(CancellationToken.None);
        await db.ExecuteAsync(
            $"UPDATE outbox_messages SET lease_owner = NULL, lease_until = NULL WHERE {db.Dialect.Among("id", "@p0")} AND lease_owner = @p1",
            CancellationToken.None, mails.Select(mail => mail.Id).ToArray(), owner);
        await transaction.CommitAsync(CancellationToken.None);
    }
}

/// <summary>Mails that went out in one request, and what came of it.</summary>
internal sealed record PostedMails(IReadOnlyList<ComposedMail> Mails, SendResult Result);

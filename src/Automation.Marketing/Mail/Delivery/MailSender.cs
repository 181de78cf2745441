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

    /// <summary>Why nothing is sent at the moment; null when all is well.</summary>
    public string? PausedBecause { get; private set; }

    /// <summary>Takes messages that are due and carries them out, a batch at a time.</summary>
    /// <returns>Messages that were due; 0 when none was, or when nothing may leave.</returns>
    public async Task<int> SendDueAsync(CancellationToken stopping)
    {
        await using var db = await dbs.CreateDbContextAsync(stopping);
        var claim = await Claim.TakeAsync(db, owner, options, (await links.ForAsync(db, stopping)).PublicUrl, clock.GetUtcNow(), stopping);
        PausedBecause = claim.PausedBecause;
        if (claim.Mails.Count > 0) await CarryAsync(db, claim.Mails, stopping);
        return claim.Seen;
    }

    private async Task CarryAsync(AutomationDb db, IReadOnlyList<ClaimedMail> claimed, CancellationToken stopping)
    {
        var shelf = composer.Shelf;
        var models = await LoadAsync(db, claimed, shelf, stopping);
        var own = await links.ForAsync(db, stopping);
        var contents = new SharedContents(await Colleagues.LoadAsync(db, claimed, stopping));
        // Mails of one template side by side: they may share requests.
        var left = new Queue<ClaimedMail[]>(claimed.GroupBy(mail => mail.Template).SelectMany(alike => alike).Chunk(options.Batch));
        var posted = new List<PostedMails>();
        try
        {
            while (PausedBecause is null && !stopping.IsCancellationRequested && left.TryDequeue(out var some))
            {
                var composed = composer.Compose(some, shelf, models, own, contents);
                // From here on nothing is abandoned: what is written as begun is carried through.
                var begun = await RecordAndBeginAsync(db, posted, composed);
                posted = await PostAsync([.. MailBatch.Of(begun)]);
                Heed(posted);
            }
        }
        finally
        {
            await RecordAsync(posted);
        }
        if (left.Count > 0) await HandBackAsync(db, [.. left.SelectMany(some => some)]);
    }

    private async Task<MailModels> LoadAsync(AutomationDb db, IReadOnlyList<ClaimedMail> claimed, TemplateShelf shelf, CancellationToken stopping)
    {
        var templates = claimed.Select(mail => mail.Template).Distinct().ToArray();
        return await MailModels.LoadAsync(
            db, [.. claimed.Select(mail => mail.ContactId)], await db.ShopAsync(stopping), root => MailComposer.Reads(shelf, templates, root), stopping);
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
        if (result is SendResult.Refused or SendResult.TryLater { ForSome: true } && batch.Mails.Count > 1)
        {
            // Certainly not acted on: one recipient's fault must not cost the others their mail.
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

    // Written down with the outcome as a hold, which every process keeps to; here it only ends this round.
    private void Heed(List<PostedMails> posted)
    {
        PausedBecause = posted.Select(some => some.Result).Select(result => result switch
        {
            SendResult.TryLater { WholeKey: true } later => later.Reason,
            SendResult.Paused paused => paused.Reason,
            _ => null,
        }).FirstOrDefault(reason => reason is not null);
        if (PausedBecause is not null) logger.SendingPaused(PausedBecause);
        foreach (var some in posted) Meters.Attempted(some.Result.GetType().Name, some.Mails.Count);
        logger.BatchSent(posted.Sum(some => some.Mails.Count), posted.Where(some => some.Result is SendResult.Accepted).Sum(some => some.Mails.Count));
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
                await db.HoldAsync("contacts", AttemptRecords.Freed(posted), CancellationToken.None);
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

using System.Collections.Concurrent;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>Hands mails whose attempts have begun to the provider, and writes down what came of them when nobody else does.</summary>
internal sealed class MailPost(IDbContextFactory<AutomationDb> dbs, IMailProvider provider, DeliveryOptions options, TimeProvider clock, ILogger logger)
{
    private const int RecordingAttempts = 5;
    private static readonly TimeSpan BetweenRecordings = TimeSpan.FromSeconds(1);

    /// <summary>Posts mails, those that may share a request together.</summary>
    /// <returns>What came of each, and why nothing more may leave; null when all is well.</returns>
    public async Task<(List<PostedMails> Posted, string? PausedBecause)> SendAsync(IReadOnlyList<ComposedMail> begun)
    {
        var posted = new ConcurrentQueue<PostedMails>();
        // Stop between requests, never inside one.
        await Parallel.ForEachAsync(
            MailBatch.Of(begun), new ParallelOptions { MaxDegreeOfParallelism = options.Connections }, async (batch, _) => await PostAsync(batch, posted));
        return ([.. posted], Heed(posted));
    }

    /// <summary>Writes what came of attempts in a transaction of its own.</summary>
    /// <remarks>They are out: that must be written down. What cannot be, after some trying, the lease's end makes uncertain.</remarks>
    public async Task RecordAsync(IReadOnlyCollection<PostedMails> posted)
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
    private string? Heed(IReadOnlyCollection<PostedMails> posted)
    {
        var pausedBecause = posted.Select(some => some.Result).Select(result => result switch
        {
            SendResult.TryLater { WholeKey: true } later => later.Reason,
            SendResult.Paused paused => paused.Reason,
            _ => null,
        }).FirstOrDefault(reason => reason is not null);
        if (pausedBecause is not null) logger.SendingPaused(pausedBecause);
        foreach (var some in posted) Meters.Attempted(some.Result.GetType().Name, some.Mails.Count);
        logger.BatchSent(posted.Sum(some => some.Mails.Count), posted.Where(some => some.Result is SendResult.Accepted).Sum(some => some.Mails.Count));
        return pausedBecause;
    }
}

/// <summary>Mails that went out in one request, and what came of it.</summary>
internal sealed record PostedMails(IReadOnlyList<ComposedMail> Mails, SendResult Result);

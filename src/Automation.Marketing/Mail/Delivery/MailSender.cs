using System.Threading.Channels;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Mail.Delivery.Speed;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>
/// Carries messages to the provider. Of the queue, many are taken at a time; of those, a batch at a time is written as begun,
/// after asking once more whether they may, then posted, then written as what came of them, together with the beginning of the
/// next. New mail of a broadcast that nothing keeps back does not queue: it is composed, then decided and begun in one
/// transaction. What dies in between is settled, never sent again blindly (contract §2).
/// </summary>
public sealed class MailSender(
    IDbContextFactory<AutomationDb> dbs, MailComposer composer, IMailProvider provider, LinkFactory links, DeliveryOptions options,
    TimeProvider clock, ILogger<MailSender> logger)
{
    /// <summary>How long provider events may take to prove an unknown outcome, before it counts as failed.</summary>
    public static readonly TimeSpan SettlesMarketing = TimeSpan.FromHours(24);

    /// <summary>The same for transactional mail, which is then sent once more.</summary>
    public static readonly TimeSpan SettlesTransactional = TimeSpan.FromMinutes(5);

    // Composed before they are asked for: few, so that what they were composed from is fresh.
    private const int BatchesAhead = 4;

    // Then others have their turn.
    private const int NewAtATime = 20_000;

    private readonly string owner = Guid.NewGuid().ToString("N");
    private readonly MailPost post = new(dbs, provider, options, clock, logger);

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
                (posted, PausedBecause) = await post.SendAsync(begun);
            }
        }
        finally
        {
            await post.RecordAsync(posted);
        }
        if (left.Count > 0) await HandBackAsync(db, [.. left.SelectMany(some => some)]);
    }

    /// <summary>Asks for new mail and sends it at once.</summary>
    /// <returns>Mails asked for; 0 when there are none, or when they must queue: something is on hold, or speed is limited.</returns>
    internal async Task<int> SendNewAsync(INewMail news, CancellationToken stopping)
    {
        await using var db = await dbs.CreateDbContextAsync(stopping);
        if (!await MayGoAtOnceAsync(db, news, await db.ShopAsync(stopping), stopping)) return 0;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var ahead = Channel.CreateBounded<NewMails>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        var composing = Task.Run(() => ComposeAheadAsync(news, ahead.Writer, ending.Token), CancellationToken.None);
        try
        {
            return await CarryNewAsync(db, news, ahead.Reader, stopping);
        }
        finally
        {
            await ending.CancelAsync();
            await composing;
        }
    }

    // Ends the channel with whatever went wrong: the reader hears of it.
    private async Task ComposeAheadAsync(INewMail news, ChannelWriter<NewMails> ahead, CancellationToken ending)
    {
        Exception? problem = null;
        try
        {
            await using var db = await dbs.CreateDbContextAsync(ending);
            for (var left = NewAtATime; left > 0 && await news.NextAsync(db, Math.Min(left, options.Claim), ending) is { Count: > 0 } requests; left -= requests.Count)
            {
                await ComposeAsync(db, requests, ahead, ending);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
        catch (Exception failed)
        {
            problem = failed;
        }
        ahead.Complete(problem);
    }

    private async Task ComposeAsync(AutomationDb db, IReadOnlyList<MailRequest> requests, ChannelWriter<NewMails> ahead, CancellationToken ending)
    {
        var now = clock.GetUtcNow();
        var shelf = composer.Shelf;
        var known = requests.Select(request => request with { MessageId = RowId.New(now) }).ToList();
        var claimed = known.Select(request => ClaimedMail.Of(request, recipient: "")).ToList();
        var models = await LoadAsync(db, claimed, shelf, ending);
        var (own, contents) = (await links.ForAsync(db, ending), new SharedContents(await Colleagues.LoadAsync(db, claimed, ending)));
        foreach (var some in known.Chunk(options.Batch))
        {
            var mails = some.Select(request => ClaimedMail.Of(request, models.Find(request.Identity.ContactId)?.Email ?? "")).ToList();
            await ahead.WriteAsync(new NewMails(some, composer.Compose(mails, shelf, models, own, contents)), ending);
        }
    }

    private async Task<int> CarryNewAsync(AutomationDb db, INewMail news, ChannelReader<NewMails> ahead, CancellationToken stopping)
    {
        var asked = 0;
        string? pausedBecause = null;
        var posted = new List<PostedMails>();
        Task<(List<PostedMails> Posted, string? PausedBecause)>? underWay = null;
        try
        {
            await foreach (var some in ahead.ReadAllAsync(stopping))
            {
                if (pausedBecause is not null || stopping.IsCancellationRequested || await AskAndBeginAsync(db, news, some, posted) is not { } begun) break;
                asked += some.Requests.Count;
                // One batch is on the wire while the next is begun.
                if (underWay is not null) (posted, pausedBecause) = await underWay;
                underWay = post.SendAsync(begun);
            }
        }
        finally
        {
            if (underWay is not null && await underWay is var last)
            {
                pausedBecause ??= last.PausedBecause;
                posted = [.. posted, .. last.Posted];
            }
            await post.RecordAsync(posted);
        }
        PausedBecause = pausedBecause;
        return asked;
    }

    // One transaction for the end of one batch, and the decision about another and its beginning.
    private async Task<List<ComposedMail>?> AskAndBeginAsync(AutomationDb db, INewMail news, NewMails some, List<PostedMails> posted)
    {
        await using var transaction = await db.BeginWriteAsync(CancellationToken.None);
        var shop = await db.ShopAsync(CancellationToken.None);
        if (!await MayGoAtOnceAsync(db, news, shop, CancellationToken.None) || !await news.TakeAsync(db, some.Requests, CancellationToken.None)) return null;
        var (now, policy) = (clock.GetUtcNow(), await db.SendingPolicyAsync(CancellationToken.None));
        // People before messages, and all at once: nobody waits in a circle.
        await db.HoldAsync("contacts", some.Requests.Select(request => request.Identity.ContactId).Concat(AttemptRecords.Freed(posted)).Distinct(), CancellationToken.None);
        var outcomes = await Outbox.RequestAsync(db, some.Requests, policy, shop.TimeZone, now, some.For(owner, now + options.Lease), CancellationToken.None);
        await db.HoldAsync("outbox_messages", AttemptRecords.Ids(posted), CancellationToken.None);
        await AttemptRecords.EndAsync(db, posted, now, CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        posted.Clear();
        return some.Begun(outcomes);
    }

    private async Task<bool> MayGoAtOnceAsync(AutomationDb db, INewMail news, ShopIdentity shop, CancellationToken stopping)
    {
        if ((await SendingHolds.InForceAsync(db, clock.GetUtcNow(), stopping)).Any(hold => hold.Keeps(MessageClass.Marketing, news.Approach, news.BroadcastId))) return false;
        if ((await db.SendingSpeedAsync(stopping)).IsLimited) return false;
        return LawChecks.Missing(shop, (await links.ForAsync(db, stopping)).PublicUrl).Count == 0;
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

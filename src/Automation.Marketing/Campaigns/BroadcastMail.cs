using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Campaigns;

/// <summary>The mails of a broadcast that is being sent, from where it stands on.</summary>
internal sealed class BroadcastMail(Broadcast broadcast, Func<Guid, MailRequest> request) : INewMail
{
    private Guid read = broadcast.DecidedUpTo ?? Guid.Empty;
    private Guid taken = broadcast.DecidedUpTo ?? Guid.Empty;

    public Approach Approach => broadcast.Approach;

    public string BroadcastId => broadcast.Id.ToString("N");

    /// <summary>The next of a frozen audience, in the order of ids.</summary>
    public static Task<List<Guid>> RecipientsAsync(AutomationDb db, Guid broadcastId, Guid after, int atMost, CancellationToken cancellation) =>
        db.QueryAsync(
            $"SELECT contact_id FROM broadcast_recipients WHERE broadcast_id = @p0 AND contact_id > @p1 ORDER BY contact_id LIMIT {atMost}",
            row => row.Guid(0), cancellation, broadcastId, after);

    public async Task<IReadOnlyList<MailRequest>> NextAsync(AutomationDb db, int atMost, CancellationToken cancellation)
    {
        var contacts = await RecipientsAsync(db, broadcast.Id, read, atMost, cancellation);
        if (contacts.Count > 0) read = contacts[^1];
        return [.. contacts.Select(request)];
    }

    // Another process may have carried it on since, or somebody stopped it: then nothing is changed.
    public async Task<bool> TakeAsync(AutomationDb db, IReadOnlyList<MailRequest> requests, CancellationToken cancellation)
    {
        var last = requests[^1].Identity.ContactId;
        var changed = await db.ExecuteAsync(
            "UPDATE broadcasts SET decided_up_to = @p1 WHERE id = @p0 AND state = 'Sending' AND COALESCE(decided_up_to, @p3) = @p2", cancellation,
            broadcast.Id, last, taken, Guid.Empty);
        if (changed == 0) return false;
        taken = last;
        return true;
    }
}

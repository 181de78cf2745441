using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Suppression;

/// <summary>
/// People who said no, and addresses that must not be mailed. Each is recorded together with the withdrawal of all that
/// was queued for them, in the caller's transaction: no attempt begins after it commits.
/// </summary>
public static class Refusals
{
    /// <summary>The person wants no more marketing mail.</summary>
    /// <param name="source">Where it was said, e.g. <c>one-click</c>, <c>provider</c>.</param>
    /// <param name="at">When it was said.</param>
    public static async Task WithdrawAsync(
        AutomationDb db, Guid contactId, string source, string? evidence, string? ipAddress, DateTimeOffset at, DateTimeOffset now, CancellationToken cancellation)
    {
        // Deciders hold the same rows: whoever comes second sees what the first wrote.
        await db.HoldAsync("contacts", [contactId], cancellation);
        await ConsentLedger.WithdrawAsync(db, [contactId], source, evidence, ipAddress, at, cancellation);
        // A later grant of the person's own stands.
        var standing = await ConsentLedger.StatesAsync(db, [contactId], cancellation);
        if (standing.GetValueOrDefault(contactId).State is not ConsentState.Withdrawn) return;
        await Outbox.SuppressQueuedAsync(db, [contactId], "consent-withdrawn", marketingOnly: true, now, cancellation);
        await Stimuli.WriteAsync(db, [new NewStimulus(Stimuli.MustEnd, "unsubscribed", contactId)], now, cancellation);
    }

    /// <summary>Nothing is sent to this address again.</summary>
    public static async Task SuppressAsync(
        AutomationDb db, string addressKey, SuppressionReason reason, string source, string? detail, DateTimeOffset at, DateTimeOffset now, CancellationToken cancellation)
    {
        var contacts = await db.QueryAsync("SELECT id FROM contacts WHERE email_key = @p0", row => row.Guid(0), cancellation, addressKey);
        await db.HoldAsync("contacts", contacts, cancellation);
        await db.ExecuteAsync(
            "INSERT INTO suppressed_addresses (address_key, reason, source, detail, at) VALUES (@p0, @p1, @p2, @p3, @p4) ON CONFLICT DO NOTHING",
            cancellation, addressKey, reason, source, detail, at);
        await Outbox.SuppressQueuedAsync(db, contacts, $"suppressed-{reason.ToString().ToLowerInvariant()}", marketingOnly: false, now, cancellation);
        if (reason is SuppressionReason.Complaint)
            await Stimuli.WriteAsync(db, [.. contacts.Select(id => new NewStimulus(Stimuli.MustEnd, "complaint", id))], now, cancellation);
    }
}

using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Suppression;

/// <summary>Where a person said something: what the ledger keeps as proof.</summary>
/// <param name="Source">E.g. <c>one-click</c>, <c>preference-center</c>, <c>provider</c>.</param>
/// <param name="Evidence">Document or message.</param>
public sealed record Said(string Source, string? Evidence = null, string? IpAddress = null, string? UserAgent = null, string Actor = "person");

/// <summary>
/// People who said no, and addresses that must not be mailed. Each is recorded together with the withdrawal of all that
/// was queued for them, in the caller's transaction: no attempt begins after it commits, and those under way are listed.
/// </summary>
public static class Refusals
{
    /// <summary>The person wants no more marketing mail.</summary>
    /// <param name="source">Where it was said, e.g. <c>one-click</c>, <c>provider</c>.</param>
    /// <param name="at">When it was said.</param>
    public static Task WithdrawAsync(
        AutomationDb db, Guid contactId, string source, string? evidence, string? ipAddress, DateTimeOffset at, DateTimeOffset now, CancellationToken cancellation) =>
        WithdrawAsync(db, contactId, "", new Said(source, evidence, ipAddress), at, now, cancellation);

    /// <param name="topic">Empty: all topics.</param>
    /// <param name="at">When it was said.</param>
    public static async Task WithdrawAsync(
        AutomationDb db, Guid contactId, string topic, Said said, DateTimeOffset at, DateTimeOffset now, CancellationToken cancellation)
    {
        // Deciders hold the same rows: whoever comes second sees what the first wrote.
        await db.HoldAsync("contacts", [contactId], cancellation);
        await ConsentLedger.WriteAsync(
            db,
            [
                new ConsentEntry
                {
                    Id = RowId.New(at), ContactId = contactId, Topic = topic, State = ConsentState.Withdrawn, Basis = ConsentBasis.OwnWithdrawal,
                    Source = said.Source, Evidence = said.Evidence, IpAddress = said.IpAddress, UserAgent = said.UserAgent, Actor = said.Actor, At = at,
                },
            ],
            cancellation);
        // A later grant of the person's own stands.
        var standing = await ConsentLedger.StandingsAsync(db, [contactId], [topic], cancellation);
        if (standing.GetValueOrDefault((contactId, topic)).State is not ConsentState.Withdrawn) return;
        await ListInFlightAsync(db, contactId, topic, now, cancellation);
        await OutgoingEvents.TellAsync(
            db, wants => wants(OutgoingTypes.MessageUnsubscribed) ? [(OutgoingTypes.MessageUnsubscribed, contactId, JsonSerializer.Serialize(new { topic, source = said.Source }))] : [],
            now, cancellation);
        if (topic.Length > 0)
        {
            await Outbox.SuppressQueuedOfTopicAsync(db, contactId, topic, now, cancellation);
            return;
        }
        await Outbox.SuppressQueuedAsync(db, [contactId], "consent-withdrawn", marketingOnly: true, now, cancellation);
        await Stimuli.WriteAsync(db, [new NewStimulus(Stimuli.MustEnd, "unsubscribed", contactId)], now, cancellation);
    }

    /// <summary>Nothing is sent to this address again.</summary>
    public static async Task SuppressAsync(
        AutomationDb db, string addressKey, SuppressionReason reason, string source, string? detail, DateTimeOffset at, DateTimeOffset now, CancellationToken cancellation)
    {
        var contacts = await db.QueryAsync("SELECT id FROM contacts WHERE email_key = @p0", row => row.Guid(0), cancellation, addressKey);
        await db.HoldAsync("contacts", contacts, cancellation);
        var added = await db.ExecuteAsync(
            "INSERT INTO suppressed_addresses (address_key, reason, source, detail, at) VALUES (@p0, @p1, @p2, @p3, @p4) ON CONFLICT DO NOTHING",
            cancellation, addressKey, reason, source, detail, at);
        await Outbox.SuppressQueuedAsync(db, contacts, $"suppressed-{reason.ToString().ToLowerInvariant()}", marketingOnly: false, now, cancellation);
        if (added > 0)
        {
            await OutgoingEvents.TellAsync(
                db, _ => contacts.Select(id => (OutgoingTypes.MessageSuppressed, id, JsonSerializer.Serialize(new { reason = reason.ToString(), source }))), now, cancellation);
        }
        if (reason is SuppressionReason.Complaint)
            await Stimuli.WriteAsync(db, [.. contacts.Select(id => new NewStimulus(Stimuli.MustEnd, "complaint", id))], now, cancellation);
    }

    // What the provider may hear of after the refusal: its attempt had begun before.
    private static Task<int> ListInFlightAsync(AutomationDb db, Guid contactId, string topic, DateTimeOffset now, CancellationToken cancellation) =>
        db.ExecuteAsync($"""
            INSERT INTO attempts_in_flight (contact_id, message_id, at)
            SELECT contact_id, id, @p1 FROM outbox_messages
            WHERE contact_id = @p0 AND {OutboxMessageMapping.Unsettled} AND state = 'Sending' AND class = 'Marketing' AND (@p2 = '' OR ',' || topics || ',' LIKE '%,' || @p2 || ',%')
            ON CONFLICT DO NOTHING
            """, cancellation, contactId, now, topic);
}

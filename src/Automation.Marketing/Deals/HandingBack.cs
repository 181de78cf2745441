using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Deals;

/// <summary>The one action by which sales returns a cold deal, and its undo.</summary>
public static class HandingBack
{
    /// <summary>What flows match a hand-back with a revisit date by, whatever its reason.</summary>
    public const string Revisit = "revisit";

    /// <summary>The deal leaves sales; the mapped flow is told in the same transaction.</summary>
    /// <exception cref="RuleBrokenException">There is no such deal, or it is not open, or the revisit date has passed.</exception>
    public static async Task<HandBack> HandBackAsync(
        AutomationDb db, Guid dealId, HandBackRequest request, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        // The person before the deal, as everywhere: who accepts a lead and who returns it must not wait for each other.
        await db.HoldAsync("contacts", await db.QueryAsync("SELECT contact_id FROM deals WHERE id = @p0", row => row.Guid(0), cancellation, dealId), cancellation);
        var deal = await LoadAsync(db, dealId, cancellation);
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var handBack = deal.HandBackToNurturing(request, actor, LocalTime.DayOf(now, zone), now);
        db.HandBacks.Add(handBack);
        await db.SaveChangesAsync(cancellation);
        await SetSalesOwnedAsync(db, deal.ContactId, cancellation);
        await Scores.HandedBackAsync(db, deal.ContactId, now, cancellation);
        await HandOffAnswers.HandedBackAsync(db, handBack, now, cancellation);
        // The day to come back is a date of the person: waits that hang on it move before anything starts on it.
        await Stimuli.DatesChangedAsync(db, [deal.ContactId], now, cancellation);
        await Stimuli.WriteAsync(db, [StimulusOf(deal, handBack)], now, cancellation);
        await transaction.CommitAsync(cancellation);
        return handBack;
    }

    /// <summary>Takes a hand-back that was a slip back: its runs end, and the deal is open again.</summary>
    /// <exception cref="RuleBrokenException">It was undone before, or a mail of its flow has left already.</exception>
    public static async Task UndoAsync(AutomationDb db, Guid handBackId, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var handBack = await db.HandBacks.SingleOrDefaultAsync(row => row.Id == handBackId, cancellation)
            ?? throw new RuleBrokenException("There is no such hand-back.");
        if (handBack.UndoneAt is not null) throw new RuleBrokenException("This hand-back has been undone already.");
        // Whoever queues a mail for this person waits until it is decided whose the deal is.
        await db.HoldAsync("contacts", [handBack.ContactId], cancellation);
        if (await HasMailLeftAsync(db, handBack, cancellation)) throw new RuleBrokenException("A mail of the nurturing flow has left already.");
        var deal = await LoadAsync(db, handBack.DealId, cancellation);
        deal.TakeBack(now);
        handBack.UndoneAt = now;
        await db.SaveChangesAsync(cancellation);
        await SetSalesOwnedAsync(db, deal.ContactId, cancellation);
        await Scores.HandBackUndoneAsync(db, deal.ContactId, handBack.At, now, cancellation);
        await HandOffAnswers.HandBackUndoneAsync(db, handBack, now, cancellation);
        await Stimuli.DatesChangedAsync(db, [deal.ContactId], now, cancellation);
        await Stimuli.WriteAsync(
            db, [new NewStimulus(Stimuli.MustEnd, "hand-back-undone", deal.ContactId, JsonSerializer.Serialize(new { event_id = handBack.Id, actor }))], now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>A person is sales-owned while any of their deals is open.</summary>
    public static Task<int> SetSalesOwnedAsync(AutomationDb db, Guid contactId, CancellationToken cancellation) =>
        db.ExecuteAsync(
            "UPDATE contacts SET sales_owned = EXISTS (SELECT 1 FROM deals d WHERE d.contact_id = contacts.id AND d.status = 'Open') WHERE id = @p0",
            cancellation, contactId);

    // The event in the context of the flow's mails is the hand-back's own.
    private static async Task<bool> HasMailLeftAsync(AutomationDb db, HandBack handBack, CancellationToken cancellation) =>
        (await db.QueryAsync("""
            SELECT COUNT(*) FROM outbox_messages m JOIN flow_instances i ON i.id = m.instance_id
            WHERE m.contact_id = @p0 AND m.state IN ('Queued', 'Sending', 'Sent', 'Uncertain') AND i.event LIKE @p1
            """, row => row.Int(0), cancellation, handBack.ContactId, $"%\"{handBack.Id}\"%"))[0] > 0;

    private static async Task<Deal> LoadAsync(AutomationDb db, Guid dealId, CancellationToken cancellation)
    {
        await db.HoldAsync("deals", [dealId], cancellation);
        return await db.Deals.SingleOrDefaultAsync(row => row.Id == dealId, cancellation) ?? throw new RuleBrokenException("There is no such deal.");
    }

    private static NewStimulus StimulusOf(Deal deal, HandBack handBack)
    {
        var reason = handBack.Reason.Word();
        return new NewStimulus(
            Stimuli.HandedBack, handBack.RevisitOn is null ? reason : Revisit, deal.ContactId,
            JsonSerializer.Serialize(new
            {
                type = "deal.handed-back",
                occurred_at = handBack.At,
                source = "sales",
                id = handBack.Id,
                data = new { reason, revisit_on = handBack.RevisitOn, deal_id = deal.DealKey, note = handBack.Note, owner = deal.Owner },
            }));
    }
}

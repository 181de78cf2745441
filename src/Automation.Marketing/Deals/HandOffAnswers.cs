using System.Text.Json;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Deals;

/// <summary>Sales takes a lead, or returns it.</summary>
public static class HandOffAnswers
{
    /// <summary>Sales takes the lead: it has an owner, its task is done, and its clock stops.</summary>
    /// <param name="owner">Whose it is from now on.</param>
    /// <exception cref="RuleBrokenException">The person is not waiting for an answer.</exception>
    public static async Task AcceptAsync(AutomationDb db, Guid contactId, string owner, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldAsync("contacts", [contactId], cancellation);
        var (id, deal) = await WaitingAsync(db, contactId, cancellation);
        await db.ExecuteAsync(
            "UPDATE hand_offs SET state = 'Accepted', owner = @p1, due_at = NULL, answered_at = @p2, answered_by = @p3 WHERE id = @p0", cancellation, id, owner, now, actor);
        await db.ExecuteAsync("UPDATE deals SET owner = @p1, updated_at = @p2 WHERE id = @p0", cancellation, deal, owner, now);
        await CloseTaskAsync(db, contactId, actor, now, cancellation);
        await Stages.AdvanceAsync(db, contactId, LifecycleStage.Accepted, actor, "accepted", now, cancellation);
        await OutgoingEvents.TellAsync(db, [("lead.accepted", contactId, JsonSerializer.Serialize(new { owner, by = actor }))], now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Sales returns the lead with a reason: a hand-back of its deal.</summary>
    /// <exception cref="RuleBrokenException">The person is not waiting for an answer, or the hand-back is refused.</exception>
    public static async Task<HandBack> RejectAsync(AutomationDb db, Guid contactId, HandBackRequest request, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var (_, deal) = await WaitingAsync(db, contactId, cancellation);
        return await HandingBack.HandBackAsync(db, deal, request, actor, now, cancellation);
    }

    /// <summary>A deal that came by a hand-off was handed back: if it was not answered yet, that is the answer.</summary>
    internal static async Task HandedBackAsync(AutomationDb db, HandBack handBack, DateTimeOffset now, CancellationToken cancellation)
    {
        var rejected = await db.ExecuteAsync(
            "UPDATE hand_offs SET state = 'Rejected', due_at = NULL, answered_at = @p1, answered_by = @p2, rejection = @p3 WHERE deal_id = @p0 AND state = 'Waiting'", cancellation,
            handBack.DealId, handBack.At, handBack.Actor, handBack.Reason);
        if (rejected == 0) return;
        await CloseTaskAsync(db, handBack.ContactId, handBack.Actor, handBack.At, cancellation);
        await OutgoingEvents.TellAsync(
            db, [("lead.rejected", handBack.ContactId, JsonSerializer.Serialize(new { reason = handBack.Reason.Word(), by = handBack.Actor, note = handBack.Note }))], now, cancellation);
    }

    /// <summary>The answer was a slip: the lead waits for another one, with all the time that a new one has.</summary>
    internal static async Task HandBackUndoneAsync(AutomationDb db, HandBack handBack, DateTimeOffset now, CancellationToken cancellation)
    {
        var settings = await LeadSettings.ReadAsync(db, cancellation);
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var reopened = await db.ExecuteAsync(
            """
            UPDATE hand_offs SET state = 'Waiting', due_at = @p2, escalations = 0, answered_at = NULL, answered_by = NULL, rejection = NULL
            WHERE deal_id = @p0 AND state = 'Rejected' AND answered_at = @p1
            """,
            cancellation, handBack.DealId, handBack.At, Sla.After(now, settings.AnswerDays, zone));
        if (reopened == 0) return;
        await db.ExecuteAsync(
            "UPDATE tasks SET done_at = NULL, done_by = NULL WHERE contact_id = @p0 AND title = @p1 AND done_at = @p2", cancellation, handBack.ContactId, HandingOff.TaskTitle, handBack.At);
    }

    private static async Task<(Guid Id, Guid Deal)> WaitingAsync(AutomationDb db, Guid contactId, CancellationToken cancellation)
    {
        var waiting = await db.QueryAsync(
            "SELECT h.id, h.deal_id FROM hand_offs h JOIN deals d ON d.id = h.deal_id WHERE h.contact_id = @p0 AND h.state = 'Waiting' AND d.status = 'Open' ORDER BY h.at DESC LIMIT 1",
            row => (row.Guid(0), row.Guid(1)), cancellation, contactId);
        return waiting.Count > 0 ? waiting[0] : throw new RuleBrokenException("This person is not waiting for an answer: somebody may have answered already.");
    }

    private static Task<int> CloseTaskAsync(AutomationDb db, Guid contactId, string actor, DateTimeOffset now, CancellationToken cancellation) =>
        db.ExecuteAsync(
            "UPDATE tasks SET done_at = @p2, done_by = @p3 WHERE contact_id = @p0 AND title = @p1 AND done_at IS NULL", cancellation, contactId, HandingOff.TaskTitle, now, actor);
}

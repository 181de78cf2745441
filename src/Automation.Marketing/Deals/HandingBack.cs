using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Deals;

/// <summary>The one action by which sales returns a cold deal, and its undo.</summary>
public static class HandingBack
{
    /// <summary>What flows match a hand-back with a revisit date by, whatever its reason.</summary>
    public const string Revisit = "revisit";

    /// <summary>Deals that are handed back in one go.</summary>
    public const int MostAtOnce = 1000;

    /// <summary>The deal leaves sales; the mapped flow is told in the same transaction.</summary>
    /// <exception cref="RuleBrokenException">There is no such deal, or it is not open, or the revisit date has passed.</exception>
    public static async Task<HandBack> HandBackAsync(
        AutomationDb db, Guid dealId, HandBackRequest request, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var deal = await DealDesk.LoadAsync(db, dealId, cancellation);
        var handBack = deal.HandBackToNurturing(request, actor, await DealDesk.TodayAsync(db, now, cancellation), now);
        await WriteAsync(db, deal, handBack, [], now, cancellation);
        await transaction.CommitAsync(cancellation);
        return handBack;
    }

    /// <summary>Hands several deals back for the same reason, each on its own: one that cannot be handed back keeps none of the others.</summary>
    /// <exception cref="RuleBrokenException">They are none or too many.</exception>
    public static async Task<ManyHandedBack> HandBackManyAsync(
        AutomationDb db, IReadOnlyCollection<Guid> dealIds, HandBackRequest request, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (dealIds.Count == 0) throw new RuleBrokenException("Choose at least one deal.");
        if (dealIds.Count > MostAtOnce) throw new RuleBrokenException($"At most {MostAtOnce} deals are handed back in one go.");
        var done = new List<HandBack>();
        var refused = new List<RefusedHandBack>();
        foreach (var id in dealIds.Distinct())
        {
            db.ChangeTracker.Clear();
            try
            {
                done.Add(await HandBackAsync(db, id, request, actor, now, cancellation));
            }
            catch (RuleBrokenException broken)
            {
                refused.Add(new RefusedHandBack(id, broken));
            }
        }
        db.ChangeTracker.Clear();
        return new ManyHandedBack(done, refused);
    }

    /// <summary>Takes a hand-back that was a slip back: its runs end, and the deal is open again.</summary>
    /// <exception cref="RuleBrokenException">It was undone before, or a mail of its flow has left already.</exception>
    public static async Task UndoAsync(AutomationDb db, Guid handBackId, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var dealId = await db.HandBacks.Where(row => row.Id == handBackId).Select(row => (Guid?)row.DealId).SingleOrDefaultAsync(cancellation)
            ?? throw new RuleBrokenException("There is no such hand-back.");
        // Whoever queues a mail for this person waits until it is decided whose the deal is.
        var deal = await DealDesk.LoadAsync(db, dealId, cancellation);
        var handBack = await db.HandBacks.SingleAsync(row => row.Id == handBackId, cancellation);
        if (handBack.UndoneAt is not null) throw new RuleBrokenException("This hand-back has been undone already.");
        if (await HasMailLeftAsync(db, handBack, cancellation)) throw new RuleBrokenException("A mail of the nurturing flow has left already.");
        deal.TakeBack(now);
        handBack.UndoneAt = now;
        await db.SaveChangesAsync(cancellation);
        var stage = await Stages.LeftByAsync(db, deal.ContactId, handBack.At, Recycling.Reason, cancellation);
        await DealEffects.WriteAsync(db, [DealChange.Of(deal, DealChangeKind.TakenBack) with { Becomes = stage }], actor, now, cancellation);
        await Scores.HandBackUndoneAsync(db, deal.ContactId, handBack.At, now, cancellation);
        await HandOffAnswers.HandBackUndoneAsync(db, handBack, now, cancellation);
        await Stimuli.WriteAsync(
            db, [new NewStimulus(Stimuli.MustEnd, "hand-back-undone", deal.ContactId, JsonSerializer.Serialize(new { event_id = handBack.Id, actor }))], now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>A person is sales-owned while any of their deals is open.</summary>
    public static Task<int> SetSalesOwnedAsync(AutomationDb db, Guid contactId, CancellationToken cancellation) =>
        DealEffects.SetSalesOwnedAsync(db, [contactId], cancellation);

    /// <summary>Writes a hand-back and all that hangs on it, in the caller's transaction.</summary>
    /// <param name="before">What happened to the deal in the same step before.</param>
    internal static async Task WriteAsync(
        AutomationDb db, Deal deal, HandBack handBack, IReadOnlyList<DealChange> before, DateTimeOffset now, CancellationToken cancellation)
    {
        db.HandBacks.Add(handBack);
        await db.SaveChangesAsync(cancellation);
        var becomes = await BecomesAsync(db, handBack, cancellation);
        await DealEffects.WriteAsync(
            db, [.. before, DealChange.Of(deal, DealChangeKind.HandedBack) with { Reason = handBack.Reason, Becomes = becomes, Note = handBack.Note }], handBack.Actor, now, cancellation);
        await Scores.HandedBackAsync(db, deal.ContactId, now, cancellation);
        await HandOffAnswers.HandedBackAsync(db, handBack, now, cancellation);
        if (becomes is LifecycleStage.Recycled) await Stimuli.WriteAsync(db, [StimulusOf(deal, handBack)], now, cancellation);
    }

    /// <summary>Tells the flows of a hand-back once more, e.g. because its revisit date moved after some of its steps: they begin anew.</summary>
    internal static Task TellAgainAsync(AutomationDb db, Deal deal, HandBack handBack, DateTimeOffset now, CancellationToken cancellation) =>
        Stimuli.WriteAsync(db, [StimulusOf(deal, handBack)], now, cancellation);

    private static async Task<LifecycleStage> BecomesAsync(AutomationDb db, HandBack handBack, CancellationToken cancellation) =>
        !handBack.Reason.IsNurtured() ? LifecycleStage.Disqualified
        : await Recycling.IsWornOutAsync(db, handBack.ContactId, cancellation) ? LifecycleStage.Dormant
        : LifecycleStage.Recycled;

    // The event in the context of the flow's mails is the hand-back's own.
    private static async Task<bool> HasMailLeftAsync(AutomationDb db, HandBack handBack, CancellationToken cancellation) =>
        (await db.QueryAsync("""
            SELECT COUNT(*) FROM outbox_messages m JOIN flow_instances i ON i.id = m.instance_id
            WHERE m.contact_id = @p0 AND m.state IN ('Queued', 'Sending', 'Sent', 'Uncertain') AND i.event LIKE @p1
            """, row => row.Int(0), cancellation, handBack.ContactId, $"%\"{handBack.Id}\"%"))[0] > 0;

    private static NewStimulus StimulusOf(Deal deal, HandBack handBack)
    {
        var reason = handBack.Reason.Word();
        return new NewStimulus(
            Stimuli.HandedBack, deal.RevisitOn is null ? reason : Revisit, deal.ContactId,
            JsonSerializer.Serialize(new
            {
                type = "deal.handed-back",
                occurred_at = handBack.At,
                source = "sales",
                id = handBack.Id,
                data = new { reason, revisit_on = deal.RevisitOn, deal_id = deal.DealKey, note = handBack.Note, owner = deal.Owner },
            }));
    }
}

/// <summary>What became of deals that were to be handed back together.</summary>
public sealed record ManyHandedBack(IReadOnlyList<HandBack> Done, IReadOnlyList<RefusedHandBack> Refused);

/// <param name="Why">Worded for whoever asked.</param>
public sealed record RefusedHandBack(Guid DealId, RuleBrokenException Why);

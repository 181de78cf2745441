using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Deals;

/// <summary>What a sales system says about a deal.</summary>
public sealed record DealFields(string Stage, string? Owner, decimal? Amount, string? NextAction, DateOnly? NextActionOn);

/// <summary>What came of a change.</summary>
public abstract record DealSaved
{
    private DealSaved() { }

    /// <param name="Changed">False: it was so already; nobody was told.</param>
    public sealed record Done(Deal Deal, bool Created, bool Changed) : DealSaved;

    /// <summary>Somebody else has changed it since it was read; nothing was written.</summary>
    public sealed record MovedOn(Deal Deal) : DealSaved;
}

/// <summary>Changes deals as other systems ask for it. The same asked for twice does nothing twice.</summary>
public static class DealChanges
{
    /// <summary>Makes the deal, or changes what is different.</summary>
    /// <param name="contactId">Whose deal it is; null: not said, which only a deal that exists allows.</param>
    /// <param name="seen">The deal's <see cref="Deal.UpdatedAt"/> as the caller knows it; null: whatever it is.</param>
    /// <param name="change">From what it says now (null: there is none) to what it is to say.</param>
    /// <exception cref="RuleBrokenException">A new deal has no person, or an old one another.</exception>
    public static async Task<DealSaved> SaveAsync(
        AutomationDb db, string key, Guid? contactId, DateTimeOffset? seen, Func<DealFields?, DealFields> change, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var saved = await FindAsync(db, key, cancellation) is not { } deal
            ? await OpenAsync(db, key, contactId, change(null), actor, now, cancellation)
            : contactId is { } owner && owner != deal.ContactId ? throw new RuleBrokenException($"Deal '{key}' belongs to another person.")
            : HasMovedOn(deal, seen) ? new DealSaved.MovedOn(deal)
            : await ChangeAsync(db, deal, change, actor, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return saved;
    }

    /// <returns>Null: there is no such deal.</returns>
    /// <exception cref="RuleBrokenException">The deal is neither open nor won.</exception>
    public static Task<DealSaved?> WinAsync(AutomationDb db, string key, DateTimeOffset? seen, string actor, DateTimeOffset now, CancellationToken cancellation) =>
        CloseAsync(db, key, DealStatus.Won, reason: null, seen, actor, now, cancellation);

    /// <param name="reason">Why, in the words of a hand-back; null: not said.</param>
    /// <returns>Null: there is no such deal.</returns>
    /// <exception cref="RuleBrokenException">The deal is neither open nor lost.</exception>
    public static Task<DealSaved?> LoseAsync(
        AutomationDb db, string key, HandBackReason? reason, DateTimeOffset? seen, string actor, DateTimeOffset now, CancellationToken cancellation) =>
        CloseAsync(db, key, DealStatus.Lost, reason, seen, actor, now, cancellation);

    private static async Task<DealSaved> OpenAsync(
        AutomationDb db, string key, Guid? contactId, DealFields fields, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var contact = contactId ?? throw new RuleBrokenException($"There is no deal '{key}' yet: say whose it is.");
        var deal = new Deal { Id = Guid.CreateVersion7(now), DealKey = key, ContactId = contact, CreatedAt = now };
        Put(deal, fields, now);
        db.Deals.Add(deal);
        await db.SaveChangesAsync(cancellation);
        await HandingBack.SetSalesOwnedAsync(db, contact, cancellation);
        await Stages.AdvanceAsync(db, contact, LifecycleStage.Deal, actor, $"deal-opened: {key}", now, cancellation);
        // What sells to the person by itself makes way for sales.
        await Stimuli.WriteAsync(db, [new NewStimulus(Stimuli.MustEnd, "sales-owned", contact)], now, cancellation);
        await TellAsync(db, deal, OutgoingTypes.DealOpened, actor, [], null, now, cancellation);
        return new DealSaved.Done(deal, Created: true, Changed: true);
    }

    private static async Task<DealSaved> ChangeAsync(
        AutomationDb db, Deal deal, Func<DealFields?, DealFields> change, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var before = FieldsOf(deal);
        var after = change(before);
        var changed = Names(before, after);
        if (changed.Count == 0) return new DealSaved.Done(deal, Created: false, Changed: false);
        Put(deal, after, now);
        await db.SaveChangesAsync(cancellation);
        await TellAsync(db, deal, OutgoingTypes.DealChanged, actor, changed, null, now, cancellation);
        return new DealSaved.Done(deal, Created: false, Changed: true);
    }

    private static async Task<DealSaved?> CloseAsync(
        AutomationDb db, string key, DealStatus to, HandBackReason? reason, DateTimeOffset? seen, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await FindAsync(db, key, cancellation) is not { } deal) return null;
        if (deal.Status == to) return new DealSaved.Done(deal, Created: false, Changed: false);
        if (HasMovedOn(deal, seen)) return new DealSaved.MovedOn(deal);
        if (deal.Status is not DealStatus.Open) throw new RuleBrokenException($"Deal '{key}' is {deal.Status}; only an open deal can be won or lost.");
        await db.ExecuteAsync("UPDATE deals SET status = @p1, updated_at = @p2 WHERE id = @p0", cancellation, deal.Id, to, Later(deal.UpdatedAt, now));
        await db.Entry(deal).ReloadAsync(cancellation);
        await HandingBack.SetSalesOwnedAsync(db, deal.ContactId, cancellation);
        await MoveOnAsync(db, deal, to, reason, actor, now, cancellation);
        await TellAsync(db, deal, to is DealStatus.Won ? OutgoingTypes.DealWon : OutgoingTypes.DealLost, actor, ["status"], reason?.Word(), now, cancellation);
        await transaction.CommitAsync(cancellation);
        return new DealSaved.Done(deal, Created: false, Changed: true);
    }

    // A person whose other deal goes on has not been lost.
    private static async Task MoveOnAsync(AutomationDb db, Deal deal, DealStatus to, HandBackReason? reason, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (to is DealStatus.Lost && await db.Deals.AnyAsync(other => other.ContactId == deal.ContactId && other.Status == DealStatus.Open, cancellation)) return;
        var stage = to is DealStatus.Won ? LifecycleStage.Won : LifecycleStage.Lost;
        if (!Stages.May(await StageAsync(db, deal.ContactId, cancellation), stage)) return;
        var why = to is DealStatus.Won ? $"deal-won: {deal.DealKey}" : $"deal-lost: {deal.DealKey} {reason?.Word()}".TrimEnd();
        await Stages.MoveAsync(db, deal.ContactId, stage, actor, why, now, cancellation);
    }

    private static async Task<LifecycleStage> StageAsync(AutomationDb db, Guid contact, CancellationToken cancellation)
    {
        await db.HoldAsync("contacts", [contact], cancellation);
        var stage = await db.QueryAsync("SELECT stage FROM contacts WHERE id = @p0", row => row.Enum<LifecycleStage>(0), cancellation, contact);
        return stage.Count > 0 ? stage[0] : throw new RuleBrokenException("There is no such person.");
    }

    // The row by its key, held until the transaction ends. Whoever makes the same deal at this moment waits too.
    private static async Task<Deal?> FindAsync(AutomationDb db, string key, CancellationToken cancellation)
    {
        await db.HoldWordsAsync(["deal:" + key], cancellation);
        var id = await db.QueryAsync("SELECT id FROM deals WHERE deal_key = @p0", row => row.Guid(0), cancellation, key);
        if (id.Count == 0) return null;
        await db.HoldAsync("deals", id, cancellation);
        return await db.Deals.SingleOrDefaultAsync(deal => deal.Id == id[0], cancellation);
    }

    private static bool HasMovedOn(Deal deal, DateTimeOffset? seen) => seen is { } known && known.ToUnixTimeMilliseconds() != deal.UpdatedAt.ToUnixTimeMilliseconds();

    private static DealFields FieldsOf(Deal deal) => new(deal.Stage, deal.Owner, deal.Amount, deal.NextAction, deal.NextActionOn);

    private static void Put(Deal deal, DealFields fields, DateTimeOffset now)
    {
        (deal.Stage, deal.Owner, deal.Amount, deal.NextAction, deal.NextActionOn) = (fields.Stage, fields.Owner, fields.Amount, fields.NextAction, fields.NextActionOn);
        deal.UpdatedAt = Later(deal.UpdatedAt, now);
    }

    // By its instant a change is told from the one before, also on a clock that stands.
    private static DateTimeOffset Later(DateTimeOffset before, DateTimeOffset now) => now > before.AddMilliseconds(1) ? now : before.AddMilliseconds(1);

    private static List<string> Names(DealFields before, DealFields after)
    {
        var names = new List<string>();
        if (before.Stage != after.Stage) names.Add("stage");
        if (before.Owner != after.Owner) names.Add("owner");
        if (before.Amount != after.Amount) names.Add("amount");
        if (before.NextAction != after.NextAction) names.Add("nextAction");
        if (before.NextActionOn != after.NextActionOn) names.Add("nextActionOn");
        return names;
    }

    private static Task<int> TellAsync(
        AutomationDb db, Deal deal, string type, string actor, IReadOnlyList<string> changed, string? reason, DateTimeOffset now, CancellationToken cancellation) =>
        OutgoingEvents.TellAsync(
            db, _ =>
            [
                (type, deal.ContactId, JsonSerializer.Serialize(new
                {
                    key = deal.DealKey,
                    status = deal.Status.ToString(),
                    stage = deal.Stage,
                    owner = deal.Owner,
                    amount = deal.Amount,
                    nextAction = deal.NextAction,
                    nextActionOn = deal.NextActionOn,
                    updatedAt = deal.UpdatedAt.UtcDateTime,
                    actor,
                    changed,
                    reason,
                })),
            ],
            now, cancellation);
}

using Automation.Marketing.Storage;

namespace Automation.Marketing.Deals;

/// <summary>What came of a change.</summary>
public abstract record DealSaved
{
    private DealSaved() { }

    /// <param name="Changed">False: it was so already; nobody was told.</param>
    public sealed record Done(Deal Deal, bool Created, bool Changed) : DealSaved;

    /// <summary>Somebody else has changed it since it was read; nothing was written.</summary>
    public sealed record MovedOn(Deal Deal) : DealSaved;
}

/// <summary>Changes deals as other systems ask for it, by their key. The same asked for twice does nothing twice.</summary>
public static class DealChanges
{
    /// <summary>Makes the deal, or changes what is different.</summary>
    /// <param name="contactId">Whose deal it is; null: not said, which only a deal that exists allows.</param>
    /// <param name="seen">The deal's <see cref="Deal.UpdatedAt"/> as the caller knows it; null: whatever it is.</param>
    /// <param name="change">From what it says now (null: there is none) to what it is to say.</param>
    /// <exception cref="RuleBrokenException">A new deal has no person, an old one another, or a field is wrong.</exception>
    public static async Task<DealSaved> SaveAsync(
        AutomationDb db, string key, Guid? contactId, DateTimeOffset? seen, Func<DealEdit?, DealEdit> change, string actor, DateTimeOffset now, CancellationToken cancellation)
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
        CloseAsync(db, key, DealStatus.Won, (deal, at) => deal.Win(amount: null, at), seen, actor, now, cancellation);

    /// <param name="reason">Why, in the words of a hand-back; null: not said.</param>
    /// <returns>Null: there is no such deal.</returns>
    /// <exception cref="RuleBrokenException">The deal is neither open nor lost.</exception>
    public static Task<DealSaved?> LoseAsync(
        AutomationDb db, string key, HandBackReason? reason, DateTimeOffset? seen, string actor, DateTimeOffset now, CancellationToken cancellation) =>
        CloseAsync(db, key, DealStatus.Lost, (deal, at) => deal.Lose(reason, at), seen, actor, now, cancellation);

    private static async Task<DealSaved> OpenAsync(
        AutomationDb db, string key, Guid? contactId, DealEdit fields, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var contact = contactId ?? throw new RuleBrokenException($"There is no deal '{key}' yet: say whose it is.");
        // A system that says no stage begins where ours begin.
        if (string.IsNullOrWhiteSpace(fields.Stage)) fields = fields with { Stage = (await DealStages.ReadAsync(db, cancellation))[0] };
        var deal = await DealDesk.AddAsync(db, new NewDeal(contact, key, fields), actor, now, cancellation);
        return new DealSaved.Done(deal, Created: true, Changed: true);
    }

    private static async Task<DealSaved> ChangeAsync(
        AutomationDb db, Deal deal, Func<DealEdit?, DealEdit> change, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var before = DealEdit.Of(deal);
        var after = change(before);
        if (before == after || !deal.Take(after, Later(deal, now))) return new DealSaved.Done(deal, Created: false, Changed: false);
        await db.SaveChangesAsync(cancellation);
        await DealEffects.WriteAsync(db, [DealChange.Of(deal, DealChangeKind.Changed) with { Changed = DealEdit.Of(deal).OtherThan(before) }], actor, now, cancellation);
        return new DealSaved.Done(deal, Created: false, Changed: true);
    }

    private static async Task<DealSaved?> CloseAsync(
        AutomationDb db, string key, DealStatus to, Action<Deal, DateTimeOffset> close, DateTimeOffset? seen, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await FindAsync(db, key, cancellation) is not { } deal) return null;
        if (deal.Status == to) return new DealSaved.Done(deal, Created: false, Changed: false);
        if (HasMovedOn(deal, seen)) return new DealSaved.MovedOn(deal);
        close(deal, Later(deal, now));
        await db.SaveChangesAsync(cancellation);
        var change = DealChange.Of(deal, to is DealStatus.Won ? DealChangeKind.Won : DealChangeKind.Lost) with { Reason = deal.LostReason, Changed = ["status"] };
        await DealEffects.WriteAsync(db, [change], actor, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return new DealSaved.Done(deal, Created: false, Changed: true);
    }

    // The row by its key, held until the transaction ends. Whoever makes the same deal at this moment waits too.
    private static async Task<Deal?> FindAsync(AutomationDb db, string key, CancellationToken cancellation)
    {
        await db.HoldWordsAsync(["deal:" + key], cancellation);
        var id = await db.QueryAsync("SELECT id FROM deals WHERE deal_key = @p0", row => row.Guid(0), cancellation, key);
        return id.Count == 0 ? null : await DealDesk.LoadAsync(db, id[0], cancellation);
    }

    private static bool HasMovedOn(Deal deal, DateTimeOffset? seen) => seen is { } known && known.ToUnixTimeMilliseconds() != deal.UpdatedAt.ToUnixTimeMilliseconds();

    // By its instant a change is told from the one before, also on a clock that stands.
    private static DateTimeOffset Later(Deal deal, DateTimeOffset now) => now > deal.UpdatedAt.AddMilliseconds(1) ? now : deal.UpdatedAt.AddMilliseconds(1);
}

using System.Text.RegularExpressions;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Deals;

/// <summary>A deal to be opened.</summary>
/// <param name="DealKey">Null: ours to give.</param>
public sealed record NewDeal(Guid ContactId, string? DealKey, DealEdit As);

/// <summary>A deal to be closed as lost.</summary>
/// <param name="HandBack">The person goes back to nurturing in the same step.</param>
/// <param name="RevisitOn">With a hand-back only.</param>
public sealed record Loss(HandBackReason Reason, string? Note, bool HandBack, DateOnly? RevisitOn);

/// <summary>What sales does to deals: each call is one transaction with everything that hangs on the deal.</summary>
public static partial class DealDesk
{
    /// <exception cref="RuleBrokenException">There is no such person, the deal is known already, or a field is wrong.</exception>
    public static async Task<Deal> OpenAsync(AutomationDb db, NewDeal wanted, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var deal = await AddAsync(db, wanted, actor, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return deal;
    }

    /// <summary>The same in the caller's transaction.</summary>
    internal static async Task<Deal> AddAsync(AutomationDb db, NewDeal wanted, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.HoldAsync("contacts", [wanted.ContactId], cancellation);
        if (!await db.Contacts.AnyAsync(person => person.Id == wanted.ContactId, cancellation)) throw new RuleBrokenException("There is no such person.");
        var id = RowId.New(now);
        var key = string.IsNullOrWhiteSpace(wanted.DealKey) ? "A-" + id.ToString("N")[^12..].ToUpperInvariant() : wanted.DealKey.Trim();
        if (!KeyForm().IsMatch(key)) throw new RuleBrokenException($"A deal's number has at most {Deal.MaxKey} characters and no control characters.");
        if (await db.Deals.AnyAsync(deal => deal.DealKey == key, cancellation)) throw new RuleBrokenException($"There is a deal '{key}' already.");
        var deal = new Deal { Id = id, DealKey = key, ContactId = wanted.ContactId, CreatedAt = now, UpdatedAt = now };
        deal.Change(wanted.As, now);
        db.Deals.Add(deal);
        await db.SaveChangesAsync(cancellation);
        await DealEffects.WriteAsync(db, [DealChange.Of(deal, DealChangeKind.Opened)], actor, now, cancellation);
        return deal;
    }

    /// <summary>Stage, owner, amount, what comes next.</summary>
    /// <exception cref="RuleBrokenException">There is no such deal, it is not open, or a field is wrong.</exception>
    public static Task<Deal> ChangeAsync(AutomationDb db, Guid dealId, Func<Deal, DealEdit> edit, string actor, DateTimeOffset now, CancellationToken cancellation) =>
        DoAsync(
        db, dealId,
        deal =>
        {
            var before = DealEdit.Of(deal);
            return deal.Change(edit(deal), now) ? DealChange.Of(deal, DealChangeKind.Changed) with { Changed = DealEdit.Of(deal).OtherThan(before) } : null;
        },
        actor, now, cancellation);

    /// <exception cref="RuleBrokenException">There is no such deal, or it is not open.</exception>
    public static Task<Deal> WinAsync(AutomationDb db, Guid dealId, decimal? amount, string actor, DateTimeOffset now, CancellationToken cancellation) => DoAsync(
        db, dealId,
        deal =>
        {
            deal.Win(amount, now);
            return DealChange.Of(deal, DealChangeKind.Won);
        },
        actor, now, cancellation);

    /// <returns>The hand-back, when the person goes back to nurturing in the same step.</returns>
    /// <exception cref="RuleBrokenException">There is no such deal, it is not open, or the revisit date is wrong.</exception>
    public static async Task<HandBack?> LoseAsync(AutomationDb db, Guid dealId, Loss loss, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!loss.HandBack && loss.RevisitOn is not null) throw new RuleBrokenException("Only a deal that is handed back has a revisit date.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var deal = await LoadAsync(db, dealId, cancellation);
        HandBack? handBack = null;
        if (loss.HandBack)
        {
            handBack = deal.LoseToNurturing(new HandBackRequest(loss.Reason, loss.RevisitOn, loss.Note), actor, await TodayAsync(db, now, cancellation), now);
            await HandingBack.WriteAsync(db, deal, handBack, [LostBy(deal, loss)], now, cancellation);
        }
        else
        {
            deal.Lose(loss.Reason, now);
            await db.SaveChangesAsync(cancellation);
            await DealEffects.WriteAsync(db, [LostBy(deal, loss)], actor, now, cancellation);
        }
        await transaction.CommitAsync(cancellation);
        return handBack;
    }

    /// <exception cref="RuleBrokenException">There is no such deal, or it is neither won nor lost.</exception>
    public static Task<Deal> ReopenAsync(AutomationDb db, Guid dealId, string actor, DateTimeOffset now, CancellationToken cancellation) => DoAsync(
        db, dealId,
        deal =>
        {
            deal.Reopen(now);
            return DealChange.Of(deal, DealChangeKind.Opened) with { Again = true };
        },
        actor, now, cancellation);

    /// <summary>Writes down an exchange with the person; what comes next becomes the deal's next action.</summary>
    /// <exception cref="RuleBrokenException">There is no such deal, it is not open, or a field is wrong.</exception>
    public static Task<Deal> RecordAsync(AutomationDb db, Guid dealId, NewInteraction said, string actor, DateTimeOffset now, CancellationToken cancellation) => DoAsync(
        db, dealId,
        deal =>
        {
            db.Add(Interaction.Of(deal, said, actor, now));
            var edit = DealEdit.Of(deal);
            if (!string.IsNullOrWhiteSpace(said.NextAction)) edit = edit with { NextAction = said.NextAction, NextActionOn = said.NextActionOn };
            deal.Change(edit, now);
            deal.UpdatedAt = now;
            return DealChange.Of(deal, DealChangeKind.Changed);
        },
        actor, now, cancellation);

    /// <summary>The customer named another day: selling is muted until shortly before it, and what is due before it moves along.</summary>
    /// <exception cref="RuleBrokenException">There is no such deal, no day was promised, or the new one has passed.</exception>
    public static async Task MoveRevisitAsync(AutomationDb db, Guid dealId, DateOnly day, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var deal = await LoadAsync(db, dealId, cancellation);
        var (before, today) = (deal.RevisitOn, await TodayAsync(db, now, cancellation));
        if (before == day) return;
        deal.MoveRevisit(day, today, now);
        await db.SaveChangesAsync(cancellation);
        await DealEffects.WriteAsync(db, [DealChange.Of(deal, DealChangeKind.Changed)], actor, now, cancellation);
        var handBack = await db.HandBacks.AsNoTracking().Where(row => row.DealId == dealId && row.UndoneAt == null).OrderByDescending(row => row.At).FirstOrDefaultAsync(cancellation);
        // What was due before the old day may have been done: it is done again before the new one.
        if (handBack is not null && before <= today.AddDays(Promise.TaskLead)) await HandingBack.TellAgainAsync(db, deal, handBack, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Holds the person and the deal until the transaction ends; people first, as everywhere.</summary>
    /// <exception cref="RuleBrokenException">There is no such deal.</exception>
    internal static async Task<Deal> LoadAsync(AutomationDb db, Guid dealId, CancellationToken cancellation)
    {
        var people = await db.QueryAsync("SELECT contact_id FROM deals WHERE id = @p0", row => row.Guid(0), cancellation, dealId);
        await db.HoldAsync("contacts", people, cancellation);
        await db.HoldAsync("deals", [dealId], cancellation);
        return await db.Deals.SingleOrDefaultAsync(row => row.Id == dealId, cancellation) ?? throw new RuleBrokenException("There is no such deal.");
    }

    internal static async Task<DateOnly> TodayAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation) =>
        LocalTime.DayOf(now, LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc));

    private static async Task<Deal> DoAsync(
        AutomationDb db, Guid dealId, Func<Deal, DealChange?> what, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var deal = await LoadAsync(db, dealId, cancellation);
        if (what(deal) is not { } change) return deal;
        await db.SaveChangesAsync(cancellation);
        await DealEffects.WriteAsync(db, [change], actor, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return deal;
    }

    private static DealChange LostBy(Deal deal, Loss loss) =>
        DealChange.Of(deal, DealChangeKind.Lost) with { Status = DealStatus.Lost, Reason = loss.Reason, Note = loss.Note, IsHandedBack = loss.HandBack };

    [GeneratedRegex(@"^[^\p{C}]{1,100}$", RegexOptions.None, 1000)]
    private static partial Regex KeyForm();
}

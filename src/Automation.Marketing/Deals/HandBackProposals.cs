using Automation.Marketing.Days;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Deals;

/// <summary>Why a deal is proposed for a hand-back.</summary>
public enum ProposalReason
{
    /// <summary>Handed over, and nobody has answered.</summary>
    NotTakenUp,

    /// <summary>Nothing has happened on it for long.</summary>
    NoActivity,
}

/// <param name="Since">Its last activity.</param>
public sealed record HandBackProposal(Deal Deal, ProposalReason Reason, DateTimeOffset Since);

/// <summary>Open deals that nobody works on (brief §4.6): proposed to be handed back, and handed back without asking only where that is switched on.</summary>
public static class HandBackProposals
{
    /// <summary>Without activity for so long.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromDays(30);

    /// <summary>So many times the days in which a hand-off is to be answered (<see cref="LeadSettings.AnswerDays"/>) without an answer.</summary>
    public const int UntakenAfterTimes = 3;

    public const string Automatic = "automation";

    private const string SettingKey = "hand-back-proposals";
    private const int MostAtOnce = 200;

    private sealed record Stored(bool Automatic);

    public static async Task<bool> IsAutomaticAsync(AutomationDb db, CancellationToken cancellation) =>
        (await db.ReadSettingAsync<Stored>(SettingKey, cancellation))?.Automatic ?? false;

    public static async Task SetAutomaticAsync(AutomationDb db, bool automatic, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.WriteSettingAsync(SettingKey, new Stored(automatic), now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The longest quiet first.</summary>
    public static async Task<IReadOnlyList<HandBackProposal>> ListAsync(AutomationDb db, int most, DateTimeOffset now, CancellationToken cancellation)
    {
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var today = LocalTime.DayOf(now, zone);
        var quiet = now - Quiet;
        var untaken = LocalTime.InstantOf(DaysBack(today, UntakenAfterTimes * (await LeadSettings.ReadAsync(db, cancellation)).AnswerDays), TimeOnly.MinValue, zone);
        var found = await db.Deals.AsNoTracking()
            .Where(deal => deal.Status == DealStatus.Open && (deal.ProposeNotBefore == null || deal.ProposeNotBefore <= today)
                && (deal.UpdatedAt <= quiet || db.HandOffs.Any(handOff => handOff.DealId == deal.Id && handOff.State == HandOffState.Waiting && handOff.At < untaken)))
            .OrderBy(deal => deal.UpdatedAt).ThenBy(deal => deal.Id).Take(most).ToListAsync(cancellation);
        return [.. found.Select(deal => new HandBackProposal(deal, deal.UpdatedAt <= quiet ? ProposalReason.NoActivity : ProposalReason.NotTakenUp, deal.UpdatedAt))];
    }

    /// <exception cref="RuleBrokenException">There is no such deal, or it is not open.</exception>
    public static async Task SnoozeAsync(AutomationDb db, Guid dealId, DateOnly until, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        (await DealDesk.LoadAsync(db, dealId, cancellation)).Snooze(until);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Hands back what is proposed, where that is switched on: each deal once, since a deal handed back is open no more.</summary>
    /// <returns>Deals handed back.</returns>
    public static async Task<int> WorkAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!await IsAutomaticAsync(db, cancellation)) return 0;
        var proposed = await ListAsync(db, MostAtOnce, now, cancellation);
        if (proposed.Count == 0) return 0;
        var many = await HandingBack.HandBackManyAsync(
            db, [.. proposed.Select(one => one.Deal.Id)], new HandBackRequest(HandBackReason.NoContact, RevisitOn: null, Note: null), Automatic, now, cancellation);
        return many.Done.Count;
    }

    private static DateOnly DaysBack(DateOnly today, int workingDays)
    {
        for (var left = workingDays; left > 0; left--) today = WorkingDays.OnOrBefore(today.AddDays(-1));
        return today;
    }
}

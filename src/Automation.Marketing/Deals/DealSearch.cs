using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Deals;

/// <summary>What is known of a deal's next action.</summary>
public enum NextActionFilter { Due, Planned, None }

/// <summary>Something that befell the person of a deal within a period.</summary>
public enum PersonHappening
{
    /// <summary>Opened a complaint.</summary>
    Complained,

    /// <summary>Had bought before, and now bought from a category for the first time.</summary>
    CrossSold,

    /// <summary>This very deal was lost.</summary>
    Lost,
}

/// <summary>Which deals are looked for; what is null is not asked.</summary>
public sealed record DealSearch
{
    public const int MaxText = 100;

    public DealStatus? Status { get; init; }
    public string? Owner { get; init; }
    public string? Stage { get; init; }
    public NextActionFilter? Next { get; init; }
    public decimal? AmountFrom { get; init; }
    public decimal? AmountTo { get; init; }

    /// <summary>Anywhere in the deal, its person or what was talked about.</summary>
    public string? Text { get; init; }

    public InteractionKind? Kind { get; init; }
    public InteractionStatus? Talk { get; init; }
    public PersonHappening? Happening { get; init; }

    /// <summary>Of <see cref="Happening"/>, both days included.</summary>
    public DateOnly? Since { get; init; }

    /// <inheritdoc cref="Since"/>
    public DateOnly? Until { get; init; }

    public IQueryable<Deal> Of(AutomationDb db, DateOnly today, TimeZoneInfo zone)
    {
        var deals = db.Deals.AsNoTracking();
        if (Status is { } status) deals = deals.Where(deal => deal.Status == status);
        if (!string.IsNullOrWhiteSpace(Owner)) deals = deals.Where(deal => deal.Owner == Owner.Trim());
        if (!string.IsNullOrWhiteSpace(Stage)) deals = deals.Where(deal => deal.Stage == Stage.Trim());
        deals = Next switch
        {
            NextActionFilter.Due => deals.Where(deal => deal.NextActionOn <= today),
            NextActionFilter.Planned => deals.Where(deal => deal.NextActionOn > today),
            NextActionFilter.None => deals.Where(deal => deal.NextActionOn == null),
            _ => deals,
        };
        if (AmountFrom is { } from) deals = deals.Where(deal => deal.Amount >= from);
        if (AmountTo is { } to) deals = deals.Where(deal => deal.Amount <= to);
        if (Kind is not null || Talk is not null)
            deals = deals.Where(deal => db.Interactions.Any(talk => talk.DealId == deal.Id && (Kind == null || talk.Kind == Kind) && (Talk == null || talk.Status == Talk)));
        if (!string.IsNullOrWhiteSpace(Text)) deals = Saying(db, deals, Text.Trim());
        return Happening is { } happening ? Befallen(db, deals, happening, zone) : deals;
    }

    private static IQueryable<Deal> Saying(AutomationDb db, IQueryable<Deal> deals, string text)
    {
        var escaped = text.ToLowerInvariant().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
        var pattern = $"%{(escaped.Length > MaxText ? escaped[..MaxText].TrimEnd('\\') : escaped)}%";
#pragma warning disable CA1304, CA1311, CA1862 // translated to SQL: the database has one way to write small letters
        return deals.Where(deal =>
            EF.Functions.Like(deal.DealKey.ToLower(), pattern, "\\") || EF.Functions.Like(deal.NextAction!.ToLower(), pattern, "\\")
            || db.Contacts.Any(person => person.Id == deal.ContactId
                && (EF.Functions.Like(person.Name!.ToLower(), pattern, "\\") || EF.Functions.Like(person.Kana!.ToLower(), pattern, "\\")
                    || EF.Functions.Like(person.Company!.ToLower(), pattern, "\\") || EF.Functions.Like(person.Email!.ToLower(), pattern, "\\")))
            || db.Interactions.Any(talk => talk.DealId == deal.Id
                && (EF.Functions.Like(talk.Proposal!.ToLower(), pattern, "\\") || EF.Functions.Like(talk.Aim!.ToLower(), pattern, "\\")
                    || EF.Functions.Like(talk.Reaction!.ToLower(), pattern, "\\") || EF.Functions.Like(talk.NextAction!.ToLower(), pattern, "\\"))));
#pragma warning restore CA1304, CA1311, CA1862
    }

    private IQueryable<Deal> Befallen(AutomationDb db, IQueryable<Deal> deals, PersonHappening happening, TimeZoneInfo zone)
    {
        var (first, last) = (Since ?? new DateOnly(1900, 1, 1), Until ?? new DateOnly(2999, 12, 31));
        var (from, to) = (LocalTime.InstantOf(first, TimeOnly.MinValue, zone), LocalTime.InstantOf(last.AddDays(1), TimeOnly.MinValue, zone));
        return happening switch
        {
            PersonHappening.Complained => deals.Where(deal => db.Complaints.Any(one => one.ContactId == deal.ContactId && one.OpenedAt >= from && one.OpenedAt < to)),
            PersonHappening.Lost => deals.Where(deal => (deal.Status == DealStatus.Lost || deal.LostReason != null) && deal.ClosedAt >= from && deal.ClosedAt < to),
            _ => deals.Where(deal => db.Purchases.Any(bought => bought.ContactId == deal.ContactId && bought.Date >= first && bought.Date <= last && bought.Category != null
                && db.Purchases.Any(before => before.ContactId == bought.ContactId && before.Date < bought.Date)
                && !db.Purchases.Any(before => before.ContactId == bought.ContactId && before.Category == bought.Category && before.Date < bought.Date))),
        };
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Deals;

/// <summary>Where a deal stands: sales works on <c>Open</c> ones only.</summary>
public enum DealStatus { Open, Won, Lost, Recycled }

/// <summary>A piece of business that sales is working on with one person.</summary>
public sealed class Deal
{
    public Guid Id { get; init; }

    /// <summary>The deal's id in the sales system.</summary>
    public required string DealKey { get; init; }

    public Guid ContactId { get; init; }

    /// <summary>The sales system's own word, e.g. <c>見積</c>.</summary>
    public string Stage { get; set; } = "";

    public DealStatus Status { get; private set; }
    public string? Owner { get; set; }
    public decimal? Amount { get; set; }
    public string? NextAction { get; set; }
    public DateOnly? NextActionOn { get; set; }

    /// <summary>The day the customer asked to be contacted again; set by a hand-back.</summary>
    public DateOnly? RevisitOn { get; private set; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Sales gives the deal back to nurturing.</summary>
    /// <exception cref="RuleBrokenException">The deal is not open, or the revisit date has passed.</exception>
    public HandBack HandBackToNurturing(HandBackRequest request, string actor, DateOnly today, DateTimeOffset now)
    {
        if (Status is not DealStatus.Open)
            throw new RuleBrokenException($"Deal '{DealKey}' is {Status}; only an open deal can be handed back.");
        if (request.RevisitOn <= today)
            throw new RuleBrokenException($"The revisit date {request.RevisitOn:yyyy-MM-dd} has already passed.");
        (Status, RevisitOn, UpdatedAt) = (DealStatus.Recycled, request.RevisitOn, now);
        return new HandBack
        {
            Id = Guid.CreateVersion7(now),
            DealId = Id,
            ContactId = ContactId,
            Reason = request.Reason,
            RevisitOn = request.RevisitOn,
            Note = request.Note,
            Actor = actor,
            At = now,
        };
    }

    /// <summary>The hand-back was a slip: the deal is sales' again.</summary>
    /// <exception cref="RuleBrokenException">The deal is not recycled.</exception>
    public void TakeBack(DateTimeOffset now)
    {
        if (Status is not DealStatus.Recycled)
            throw new RuleBrokenException($"Deal '{DealKey}' is {Status}; only a handed-back deal can be taken back.");
        (Status, RevisitOn, UpdatedAt) = (DealStatus.Open, null, now);
    }
}

internal sealed class DealMapping : IEntityTypeConfiguration<Deal>
{
    public void Configure(EntityTypeBuilder<Deal> deal)
    {
        deal.ToTable("deals");
        deal.HasKey(d => d.Id);
        deal.Property(d => d.DealKey).HasMaxLength(100);
        deal.Property(d => d.Status).HasConversion<string>().HasMaxLength(16);
        deal.HasIndex(d => d.DealKey).IsUnique();
        deal.HasIndex(d => d.ContactId);                          // is a person sales-owned
        deal.HasIndex(d => new { d.Status, d.NextActionOn });     // the deals page
        deal.HasIndex(d => new { d.UpdatedAt, d.Id });            // what changed since, for other systems
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts;

/// <summary>One order line.</summary>
public sealed class Purchase
{
    public Guid Id { get; init; }

    /// <summary>Who reported it; together with order and line the identity of the row.</summary>
    public required string Source { get; init; }

    public required string OrderId { get; init; }
    public int Line { get; init; }
    public Guid ContactId { get; init; }

    /// <summary>The shop's local date of the order.</summary>
    public DateOnly Date { get; init; }

    public string? Product { get; init; }
    public string? Category { get; init; }
    public decimal Quantity { get; init; }

    /// <summary>Amount after discounts, in <see cref="Currency"/>; negative for a return.</summary>
    public decimal Net { get; init; }

    /// <summary>What the goods cost the shop; null when unknown.</summary>
    public decimal? Cost { get; init; }

    /// <summary>ISO 4217.</summary>
    public string Currency { get; init; } = "JPY";
}

internal sealed class PurchaseMapping : IEntityTypeConfiguration<Purchase>
{
    public void Configure(EntityTypeBuilder<Purchase> purchase)
    {
        purchase.ToTable("purchases");
        purchase.HasKey(p => p.Id);
        purchase.Property(p => p.Source).HasMaxLength(100);
        purchase.Property(p => p.OrderId).HasMaxLength(100);
        purchase.Property(p => p.Currency).HasMaxLength(3);
        purchase.HasIndex(p => new { p.Source, p.OrderId, p.Line }).IsUnique();   // a second import changes nothing
        purchase.HasIndex(p => new { p.ContactId, p.Date });                      // a person's purchases; "bought between"
        purchase.HasIndex(p => new { p.Date, p.ContactId });                      // audiences by date
    }
}

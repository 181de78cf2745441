using Automation.Marketing.Contacts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail.Suppression;

/// <summary>Why an address is never mailed, strongest first.</summary>
public enum SuppressionReason { Complaint, HardBounce, Legal, Manual, ProviderDropped }

/// <summary>An address that nothing is sent to.</summary>
public sealed class SuppressedAddress
{
    /// <summary><see cref="EmailAddress.Key"/>.</summary>
    public required string AddressKey { get; init; }

    public SuppressionReason Reason { get; init; }
    public required string Source { get; init; }
    public string? Detail { get; init; }
    public DateTimeOffset At { get; init; }
}

internal sealed class SuppressedAddressMapping : IEntityTypeConfiguration<SuppressedAddress>
{
    public void Configure(EntityTypeBuilder<SuppressedAddress> suppressed)
    {
        suppressed.ToTable("suppressed_addresses");
        suppressed.HasKey(s => new { s.AddressKey, s.Reason });
        suppressed.Property(s => s.AddressKey).HasMaxLength(EmailAddress.MaxLength);
        suppressed.Property(s => s.Reason).HasConversion<string>().HasMaxLength(24);
    }
}

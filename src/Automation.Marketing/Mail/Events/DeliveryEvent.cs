using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail.Events;

/// <summary>Something the provider reported, believed once. Either key known means: seen before.</summary>
public sealed class DeliveryEvent
{
    public const int MaxKey = 128;
    public const int MaxKind = 32;

    /// <summary>Longer words of the outside world are cut.</summary>
    public const int MaxText = 2000;

    public Guid Id { get; init; }

    /// <summary>The provider's key, where it sent one.</summary>
    public string? EventKey { get; init; }

    /// <summary>Hash of what the event says (contract §3).</summary>
    public required string NaturalKey { get; init; }

    public Guid? MessageId { get; init; }
    public Guid? ContactId { get; init; }
    public required string Kind { get; init; }
    public DateTimeOffset At { get; init; }
    public string? Url { get; init; }

    /// <summary>Made by a scanner or a mail program, not by the person: drives nothing.</summary>
    public bool Machine { get; init; }

    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The element as it came.</summary>
    public required string Raw { get; init; }
}

internal sealed class DeliveryEventMapping : IEntityTypeConfiguration<DeliveryEvent>
{
    public void Configure(EntityTypeBuilder<DeliveryEvent> reported)
    {
        reported.ToTable("delivery_events");
        reported.HasKey(e => e.Id);
        reported.Property(e => e.EventKey).HasMaxLength(DeliveryEvent.MaxKey);
        reported.Property(e => e.NaturalKey).HasMaxLength(64);
        reported.Property(e => e.Kind).HasMaxLength(DeliveryEvent.MaxKind);
        reported.HasIndex(e => e.EventKey).IsUnique();
        reported.HasIndex(e => e.NaturalKey).IsUnique();
        reported.HasIndex(e => e.MessageId);                      // one message's events
        reported.HasIndex(e => new { e.ContactId, e.At });        // a person's timeline
    }
}

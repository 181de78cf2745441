using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts;

/// <summary>Something a person did, as a source reported it. Known by (source, id): a replay is the same event.</summary>
public sealed class LeadEvent
{
    public const int MaxName = 100;

    public Guid Id { get; init; }
    public required string Source { get; init; }

    /// <summary>The source's own id of the event.</summary>
    public required string SourceId { get; init; }

    public required string Type { get; init; }
    public Guid ContactId { get; init; }
    public DateTimeOffset OccurredAt { get; init; }
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>A JSON object.</summary>
    public string Data { get; init; } = "{}";
}

internal sealed class LeadEventMapping : IEntityTypeConfiguration<LeadEvent>
{
    public void Configure(EntityTypeBuilder<LeadEvent> lead)
    {
        lead.ToTable("lead_events");
        lead.HasKey(e => e.Id);
        lead.Property(e => e.Source).HasMaxLength(LeadEvent.MaxName);
        lead.Property(e => e.SourceId).HasMaxLength(LeadEvent.MaxName);
        lead.Property(e => e.Type).HasMaxLength(LeadEvent.MaxName);
        lead.HasIndex(e => new { e.Source, e.SourceId }).IsUnique();   // idempotency key
        lead.HasIndex(e => new { e.ContactId, e.OccurredAt });         // a person's timeline
    }
}

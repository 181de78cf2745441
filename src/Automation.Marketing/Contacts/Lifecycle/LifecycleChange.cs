using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts.Lifecycle;

/// <summary>One step of a person's life cycle: who, when, why. Only added to.</summary>
public sealed class LifecycleChange
{
    public const int MaxReason = 200;
    public const int MaxActor = 100;

    public Guid Id { get; init; }
    public Guid ContactId { get; init; }
    public LifecycleStage FromStage { get; init; }
    public LifecycleStage ToStage { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>A user's name, an API key's, or <c>automation</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>A word of ours with its details behind a colon, e.g. <c>handed-back: budget</c>.</summary>
    public required string Reason { get; init; }
}

internal sealed class LifecycleChangeMapping : IEntityTypeConfiguration<LifecycleChange>
{
    public void Configure(EntityTypeBuilder<LifecycleChange> change)
    {
        change.ToTable("lifecycle_changes");
        change.HasKey(c => c.Id);
        change.Property(c => c.FromStage).HasConversion<string>().HasMaxLength(16);
        change.Property(c => c.ToStage).HasConversion<string>().HasMaxLength(16);
        change.Property(c => c.Actor).HasMaxLength(LifecycleChange.MaxActor);
        change.Property(c => c.Reason).HasMaxLength(LifecycleChange.MaxReason);
        change.HasIndex(c => new { c.ContactId, c.At });         // a person's timeline
        change.HasIndex(c => new { c.ToStage, c.At });           // the funnel: who reached a stage in a period
        change.HasIndex(c => new { c.At, c.Id });                // what happened since, for other systems
    }
}

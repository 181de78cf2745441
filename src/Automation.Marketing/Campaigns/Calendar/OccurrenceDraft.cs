using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>A mailing that was taken over to a year for which its anchor has no date yet: it becomes an occurrence as soon as there is one.</summary>
public sealed class OccurrenceDraft
{
    /// <summary>The calendar's key of the rule.</summary>
    public required string Key { get; init; }

    public int Year { get; init; }

    /// <summary>The anchor whose date is awaited.</summary>
    public required string AnchorKey { get; init; }

    /// <summary>See <see cref="OccurrenceChanges"/>: JSON.</summary>
    public required string Changes { get; init; }

    public required string MadeBy { get; init; }
    public DateTimeOffset MadeAt { get; init; }
}

internal sealed class OccurrenceDraftMapping : IEntityTypeConfiguration<OccurrenceDraft>
{
    public void Configure(EntityTypeBuilder<OccurrenceDraft> draft)
    {
        draft.ToTable("occurrence_drafts");
        draft.HasKey(d => new { d.Key, d.Year });
        draft.Property(d => d.Key).HasMaxLength(100);
        draft.Property(d => d.AnchorKey).HasMaxLength(64);
        draft.Property(d => d.MadeBy).HasMaxLength(100);
    }
}

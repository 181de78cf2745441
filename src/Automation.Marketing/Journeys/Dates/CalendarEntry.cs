using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys.Dates;

/// <summary><code>Planned ─► Entering ─► Done, or Planned ─► Missed</code></summary>
public enum CalendarEntryState { Planned, Entering, Done, Missed }

/// <summary>An audience's entry into a flow by a day of the season calendar, in one year.</summary>
public sealed class CalendarEntry
{
    public required string DefinitionId { get; init; }
    public required string ActivityId { get; init; }
    public int Year { get; init; }
    public required string Anchor { get; set; }

    /// <summary>Who enters, as in calendar files.</summary>
    public string Audience { get; set; } = "{}";

    public DateTimeOffset OpensAt { get; set; }

    /// <summary>Late until then it happens once; after it, never.</summary>
    public DateTimeOffset ClosesAt { get; set; }

    public CalendarEntryState State { get; set; }

    /// <summary>The last person who was let in.</summary>
    public Guid? EnteredTo { get; set; }

    public int Entered { get; set; }
}

internal sealed class CalendarEntryMapping : IEntityTypeConfiguration<CalendarEntry>
{
    public void Configure(EntityTypeBuilder<CalendarEntry> entry)
    {
        entry.ToTable("calendar_entries");
        entry.HasKey(e => new { e.DefinitionId, e.ActivityId, e.Year });
        entry.Property(e => e.DefinitionId).HasMaxLength(100);
        entry.Property(e => e.ActivityId).HasMaxLength(100);
        entry.Property(e => e.Anchor).HasMaxLength(64);
        entry.Property(e => e.State).HasConversion<string>().HasMaxLength(16);
        entry.HasIndex(e => new { e.State, e.OpensAt });          // what is due
    }
}

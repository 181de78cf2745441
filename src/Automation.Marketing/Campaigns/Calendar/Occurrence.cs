using Automation.Marketing.Mail;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary><code>Planned ─► Launched | Missed | Cancelled</code></summary>
public enum OccurrenceState { Planned, Launched, Missed, Cancelled }

/// <summary>One mailing of the season calendar, e.g. the announcement two weeks before the opening of 2026.</summary>
public sealed class Occurrence
{
    public Guid Id { get; init; }

    /// <summary>The calendar's key of the rule, e.g. <c>crab-opening</c>.</summary>
    public required string Key { get; init; }

    public int Year { get; init; }
    public required string Title { get; set; }
    public string? TitleEn { get; set; }

    /// <summary>The rule, e.g. <c>解禁日 -14d</c>.</summary>
    public required string When { get; set; }

    /// <summary>When it goes out.</summary>
    public DateTimeOffset OpensAt { get; set; }

    /// <summary>Late inside the window runs once; after it, never.</summary>
    public DateTimeOffset ClosesAt { get; set; }

    public required string Audience { get; set; }
    public required string Template { get; set; }
    public Approach Approach { get; set; }
    public int Priority { get; set; }
    public string? CollapseKey { get; set; }

    /// <summary>What templates see as <c>season</c>: a JSON object.</summary>
    public string Season { get; set; } = "{}";

    public OccurrenceState State { get; set; }
    public Guid? BroadcastId { get; set; }
    public DateTimeOffset? SettledAt { get; set; }
}

internal sealed class OccurrenceMapping : IEntityTypeConfiguration<Occurrence>
{
    public void Configure(EntityTypeBuilder<Occurrence> occurrence)
    {
        occurrence.ToTable("occurrences");
        occurrence.HasKey(o => o.Id);
        occurrence.Property(o => o.Key).HasMaxLength(100);
        occurrence.Property(o => o.Approach).HasConversion<string>().HasMaxLength(8);
        occurrence.Property(o => o.State).HasConversion<string>().HasMaxLength(16);
        occurrence.HasIndex(o => new { o.Key, o.Year }).IsUnique();       // one per season
        occurrence.HasIndex(o => new { o.State, o.OpensAt });             // what is due; the calendar list
    }
}

using Automation.Marketing.Mail;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>
/// <code>Planned ─► Launched | Missed | Cancelled        Cancelled ─► Planned</code>
/// One that needs approval, or whose goods are out of stock, waits in Planned as long as its window lasts.
/// </summary>
public enum OccurrenceState { Planned, Launched, Missed, Cancelled }

/// <summary>Why an occurrence was missed: nobody was there to launch it, nobody approved it, or its goods were out of stock.</summary>
public enum MissedBecause { Late, NotApproved, OutOfStock }

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

    /// <summary>At most so many people, those who bought last first; null: everyone.</summary>
    public int? Capacity { get; set; }

    /// <summary>The product or category that must not be out of stock when it goes out.</summary>
    public string? Guards { get; set; }

    /// <summary>Who looks after it.</summary>
    public string? Owner { get; set; }

    /// <summary>Whether it goes out only after somebody has approved it.</summary>
    public bool NeedsApproval { get; set; }

    public DateTimeOffset? ApprovedAt { get; set; }
    public string? ApprovedBy { get; set; }

    /// <summary>What somebody changed by hand, as JSON; see <see cref="OccurrenceChanges"/>.</summary>
    public string Changes { get; set; } = "{}";

    public OccurrenceState State { get; set; }

    /// <summary>Of a missed one: why nothing went out.</summary>
    public MissedBecause? MissedBecause { get; set; }

    public Guid? BroadcastId { get; set; }
    public DateTimeOffset? SettledAt { get; set; }

    public bool IsApproved => !NeedsApproval || ApprovedAt is not null;
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
        occurrence.Property(o => o.MissedBecause).HasConversion<string>().HasMaxLength(16);
        occurrence.Property(o => o.Changes).HasDefaultValue("{}");
        occurrence.Property(o => o.Guards).HasMaxLength(100);
        occurrence.Property(o => o.Owner).HasMaxLength(100);
        occurrence.Property(o => o.ApprovedBy).HasMaxLength(100);
        occurrence.HasIndex(o => new { o.Key, o.Year }).IsUnique();       // one per season
        occurrence.HasIndex(o => new { o.State, o.OpensAt });             // what is due; the calendar list
    }
}

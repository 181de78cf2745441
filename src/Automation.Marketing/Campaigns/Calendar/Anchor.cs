using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>A day of the year that mail hangs on, e.g. 解禁日, with a date for each year.</summary>
public sealed class Anchor
{
    public required string Key { get; init; }

    /// <summary><c>explicit</c>: a date per year; <c>fixed</c>: the same month and day each year.</summary>
    public string Kind { get; set; } = "explicit";

    public string? NameEn { get; set; }
}

/// <summary>The anchor's day in one season, e.g. the opening of 2026.</summary>
public sealed class AnchorDate
{
    public required string AnchorKey { get; init; }
    public int Year { get; init; }
    public DateOnly Date { get; set; }
}

internal sealed class AnchorMapping : IEntityTypeConfiguration<Anchor>, IEntityTypeConfiguration<AnchorDate>
{
    public void Configure(EntityTypeBuilder<Anchor> anchor)
    {
        anchor.ToTable("anchors");
        anchor.HasKey(a => a.Key);
        anchor.Property(a => a.Key).HasMaxLength(64);
        anchor.Property(a => a.Kind).HasMaxLength(16);
    }

    public void Configure(EntityTypeBuilder<AnchorDate> date)
    {
        date.ToTable("anchor_dates");
        date.HasKey(d => new { d.AnchorKey, d.Year });
        date.Property(d => d.AnchorKey).HasMaxLength(64);
    }
}

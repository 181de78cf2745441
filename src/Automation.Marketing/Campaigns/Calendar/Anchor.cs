using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>A day of the year that mail hangs on, e.g. 解禁日, with a date for each year.</summary>
public sealed class Anchor
{
    public required string Key { get; init; }

    /// <summary>One of <see cref="AnchorRule.Kinds"/>.</summary>
    public string Kind { get; set; } = AnchorRule.Explicit;

    /// <summary>How its day is found in years that nobody has entered; see <see cref="AnchorRule"/>.</summary>
    public string? Rule { get; set; }

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
        anchor.Property(a => a.Rule).HasMaxLength(100);
    }

    public void Configure(EntityTypeBuilder<AnchorDate> date)
    {
        date.ToTable("anchor_dates");
        date.HasKey(d => new { d.AnchorKey, d.Year });
        date.Property(d => d.AnchorKey).HasMaxLength(64);
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts;

/// <summary>What holds for everyone of one company, by its name as people carry it.</summary>
public sealed class CompanyMark
{
    public required string Company { get; init; }

    /// <summary>Nobody there gets marketing mail.</summary>
    public bool Suppressed { get; set; }

    /// <summary>Buys from a fixed partner only (特定先のみ取引き): left out of mailings.</summary>
    public bool FixedPartner { get; set; }

    public required string Reason { get; set; }
    public required string Actor { get; set; }
    public DateTimeOffset At { get; set; }
}

internal sealed class CompanyMarkMapping : IEntityTypeConfiguration<CompanyMark>
{
    public void Configure(EntityTypeBuilder<CompanyMark> mark)
    {
        mark.ToTable("company_marks");
        mark.HasKey(m => m.Company);
        mark.Property(m => m.Company).HasMaxLength(Contact.MaxText);
        mark.Property(m => m.Reason).HasMaxLength(500);
        mark.Property(m => m.Actor).HasMaxLength(100);
    }
}

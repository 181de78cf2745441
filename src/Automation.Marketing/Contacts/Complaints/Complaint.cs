using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts.Complaints;

/// <summary>Something a person was not content with, and how it was dealt with. While one is open nobody sells to them.</summary>
public sealed class Complaint
{
    public const int MaxText = 2000;
    public const int MaxActor = 100;

    public Guid Id { get; init; }
    public Guid ContactId { get; init; }

    /// <summary>What went wrong.</summary>
    public required string Text { get; init; }

    /// <summary>Selling rests for everyone of this company; null: for the person only.</summary>
    public string? Company { get; init; }

    public required string OpenedBy { get; init; }
    public DateTimeOffset OpenedAt { get; init; }

    /// <summary>What was done about it and what to mind from now on: shown wherever the person is handed over.</summary>
    public string? Handling { get; private set; }

    public string? ClosedBy { get; private set; }
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <exception cref="RuleBrokenException">It is closed already, or nothing says how it was dealt with.</exception>
    public void Close(string handling, string actor, DateTimeOffset now)
    {
        if (ClosedAt is not null) throw new RuleBrokenException("This complaint is closed already.");
        if (string.IsNullOrWhiteSpace(handling)) throw new RuleBrokenException("Write how the complaint was dealt with.");
        if (handling.Length > MaxText) throw new RuleBrokenException($"At most {MaxText} characters.");
        (Handling, ClosedBy, ClosedAt) = (handling.Trim(), actor, now);
    }
}

internal sealed class ComplaintMapping : IEntityTypeConfiguration<Complaint>
{
    public void Configure(EntityTypeBuilder<Complaint> complaint)
    {
        complaint.ToTable("complaints");
        complaint.HasKey(c => c.Id);
        complaint.Property(c => c.Text).HasMaxLength(Complaint.MaxText);
        complaint.Property(c => c.Handling).HasMaxLength(Complaint.MaxText);
        complaint.Property(c => c.Company).HasMaxLength(Contact.MaxText);
        complaint.Property(c => c.OpenedBy).HasMaxLength(Complaint.MaxActor);
        complaint.Property(c => c.ClosedBy).HasMaxLength(Complaint.MaxActor);
        complaint.HasIndex(c => new { c.ContactId, c.OpenedAt }); // a person's page
        complaint.HasIndex(c => new { c.Company, c.ClosedAt });   // may a colleague be sold to
        complaint.HasIndex(c => c.OpenedAt);                      // who complained in a period
    }
}

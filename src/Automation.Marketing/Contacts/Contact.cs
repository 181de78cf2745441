using Automation.Marketing.Contacts.Lifecycle;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts;

/// <summary>One person, fed by every source.</summary>
public sealed class Contact
{
    public const int MaxText = 200;

    public Guid Id { get; private set; }

    /// <summary>The person's number in the shop's own system.</summary>
    public string? ExternalId { get; set; }

    public string? Email { get; private set; }

    /// <summary><see cref="EmailAddress.Key"/>; one person per key.</summary>
    public string? EmailKey { get; private set; }

    public string? Name { get; set; }
    public string? Kana { get; set; }
    public string? Company { get; set; }
    public string? PostalCode { get; set; }
    public string? Prefecture { get; set; }
    public string? Address { get; set; }
    public string? Phone { get; set; }
    public DateOnly? BirthDate { get; set; }

    /// <summary><c>ja</c>, <c>en</c>, or null for the shop's own.</summary>
    public string? Language { get; set; }

    /// <summary>IANA zone, or null for the shop's own.</summary>
    public string? TimeZone { get; set; }

    /// <summary>ISO 3166 code, or null for the shop's own: whose law of mail holds.</summary>
    public string? Country { get; set; }

    /// <summary>Declared custom fields as a JSON object.</summary>
    public string Custom { get; set; } = "{}";

    /// <summary>How far the person has come; moved by <see cref="Stages"/> only.</summary>
    public LifecycleStage Stage { get; private set; }

    /// <summary>Since when; null: from the beginning.</summary>
    public DateTimeOffset? StageAt { get; private set; }

    /// <summary>True while a salesperson works on an open deal: selling mail stops.</summary>
    public bool SalesOwned { get; set; }

    /// <summary>When the salesperson allowed seasonal mail to go on meanwhile; null: they have not.</summary>
    public DateTimeOffset? SeasonalAllowedAt { get; private set; }

    /// <summary>Who allowed it.</summary>
    public string? SeasonalAllowedBy { get; private set; }

    /// <summary>Since when a complaint has been open; null: none is. Selling mail stops.</summary>
    public DateTimeOffset? ComplaintOpenedAt { get; set; }

    /// <summary>When the last complaint was closed; selling stays off a while longer.</summary>
    public DateTimeOffset? ComplaintClosedAt { get; set; }

    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset UpdatedAt { get; set; }

    public static Contact Create(Guid id, DateTimeOffset now) => new() { Id = id, CreatedAt = now, UpdatedAt = now };

    /// <summary>Seasonal mail goes on while sales owns the person.</summary>
    /// <exception cref="RuleBrokenException">Sales does not own the person.</exception>
    public void AllowSeasonal(string who, DateTimeOffset now)
    {
        if (!SalesOwned) throw new RuleBrokenException("Sales does not own this person: seasonal mail is decided by the rules alone.");
        (SeasonalAllowedAt, SeasonalAllowedBy) = (now, who);
    }

    public void ForbidSeasonal() => (SeasonalAllowedAt, SeasonalAllowedBy) = (null, null);

    public void SetEmail(EmailAddress? address) => (Email, EmailKey) = (address?.Value, address?.Key);
}

internal sealed class ContactMapping : IEntityTypeConfiguration<Contact>
{
    public void Configure(EntityTypeBuilder<Contact> contact)
    {
        contact.ToTable("contacts");
        contact.HasKey(c => c.Id);
        contact.Property(c => c.Email).HasMaxLength(EmailAddress.MaxLength);
        contact.Property(c => c.EmailKey).HasMaxLength(EmailAddress.MaxLength);
        contact.Property(c => c.Language).HasMaxLength(8);
        contact.Property(c => c.TimeZone).HasMaxLength(64);
        contact.Property(c => c.Country).HasMaxLength(2);
        contact.Property(c => c.SeasonalAllowedBy).HasMaxLength(100);
        contact.Property(c => c.Stage).HasConversion<string>().HasMaxLength(16).HasDefaultValue(LifecycleStage.Subscriber);
        contact.HasIndex(c => c.EmailKey).IsUnique();           // one profile per address
        contact.HasIndex(c => c.ExternalId).IsUnique();         // one profile per customer number
        contact.HasIndex(c => c.Prefecture);                    // audiences by prefecture
        contact.HasIndex(c => c.Stage);                         // the funnel as it stands
        contact.HasIndex(c => c.Company);                       // everyone of a company
        contact.HasIndex(c => new { c.UpdatedAt, c.Id });       // who changed since, for other systems
    }
}

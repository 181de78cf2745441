using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts;

/// <summary>A word that the shop files a person under.</summary>
public sealed class ContactTag
{
    public const int MaxLength = 64;

    public Guid ContactId { get; init; }
    public required string Tag { get; init; }
}

internal sealed class ContactTagMapping : IEntityTypeConfiguration<ContactTag>
{
    public void Configure(EntityTypeBuilder<ContactTag> tag)
    {
        tag.ToTable("contact_tags");
        tag.HasKey(t => new { t.ContactId, t.Tag });
        tag.Property(t => t.Tag).HasMaxLength(ContactTag.MaxLength);
        tag.HasIndex(t => new { t.Tag, t.ContactId });          // audiences by tag
    }
}

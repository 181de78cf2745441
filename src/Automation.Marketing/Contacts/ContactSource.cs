using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts;

/// <summary>Provenance: which sources have told us about a person.</summary>
public sealed class ContactSource
{
    public Guid ContactId { get; init; }

    /// <summary>E.g. <c>api:web-shop</c>, <c>import:customers.csv</c>.</summary>
    public required string Source { get; init; }

    public DateTimeOffset FirstSeenAt { get; init; }
    public DateTimeOffset LastSeenAt { get; set; }
}

internal sealed class ContactSourceMapping : IEntityTypeConfiguration<ContactSource>
{
    public void Configure(EntityTypeBuilder<ContactSource> source)
    {
        source.ToTable("contact_sources");
        source.HasKey(s => new { s.ContactId, s.Source });
        source.Property(s => s.Source).HasMaxLength(120);
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts;

/// <summary>How often a person wants marketing mail. It can only tighten what the policy allows.</summary>
public enum MailFrequency { AsDesired, Weekly, Monthly, SeasonalOnly }

/// <summary>What a person asked of us on the preference page, beside consent.</summary>
public sealed class MailPreference
{
    public Guid ContactId { get; init; }
    public MailFrequency Frequency { get; set; }

    /// <summary>The first day on which the person wants mail again; null: no pause.</summary>
    public DateOnly? PausedUntil { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class MailPreferenceMapping : IEntityTypeConfiguration<MailPreference>
{
    public void Configure(EntityTypeBuilder<MailPreference> preference)
    {
        preference.ToTable("mail_preferences");
        preference.HasKey(p => p.ContactId);
        preference.Property(p => p.Frequency).HasConversion<string>().HasMaxLength(16);
    }
}

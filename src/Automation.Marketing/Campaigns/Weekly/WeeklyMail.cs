using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Campaigns.Weekly;

/// <summary>The mail of one Monday to one member of the team. The row is written before the mail leaves: nobody gets it twice.</summary>
public sealed class WeeklyMail
{
    /// <summary>The Monday, in the shop's zone.</summary>
    public DateOnly Week { get; init; }

    public Guid UserId { get; init; }
    public DateTimeOffset BegunAt { get; init; }

    /// <summary>Null: it is not known whether it left.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Why it did not leave, in the provider's words; null: it did, or nobody knows.</summary>
    public string? Problem { get; init; }
}

internal sealed class WeeklyMailMapping : IEntityTypeConfiguration<WeeklyMail>
{
    public void Configure(EntityTypeBuilder<WeeklyMail> mail)
    {
        mail.ToTable("weekly_mails");
        mail.HasKey(m => new { m.Week, m.UserId });       // once a week
        mail.Property(m => m.Problem).HasMaxLength(500);
    }
}

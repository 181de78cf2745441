using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Deals;

/// <summary>A word from a flow to the salesperson who owns the person's deal.</summary>
public sealed class Notice
{
    public Guid Id { get; init; }

    /// <summary>Null: the person's deals have no owner; everyone in sales sees it.</summary>
    public string? Owner { get; init; }

    public Guid ContactId { get; init; }
    public required string Message { get; init; }
    public DateTimeOffset At { get; init; }
    public DateTimeOffset? SeenAt { get; set; }
}

internal sealed class NoticeMapping : IEntityTypeConfiguration<Notice>
{
    public void Configure(EntityTypeBuilder<Notice> notice)
    {
        notice.ToTable("notices");
        notice.HasKey(n => n.Id);
        notice.Property(n => n.Owner).HasMaxLength(100);
        notice.HasIndex(n => new { n.SeenAt, n.At });             // what sales has not seen yet
        notice.HasIndex(n => n.ContactId);                        // a person's page
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail;

/// <summary>One line of a message's history: append-only.</summary>
public sealed class MessageChange
{
    public long Id { get; init; }
    public Guid MessageId { get; init; }
    public DateTimeOffset At { get; init; }
    public MessageState State { get; init; }

    /// <summary>The rule or reason; empty when the state says it all.</summary>
    public string Detail { get; init; } = "";
}

internal sealed class MessageChangeMapping : IEntityTypeConfiguration<MessageChange>
{
    public void Configure(EntityTypeBuilder<MessageChange> change)
    {
        change.ToTable("message_changes");
        change.HasKey(c => c.Id);
        change.Property(c => c.State).HasConversion<string>().HasMaxLength(16);
        change.HasIndex(c => c.MessageId);                        // one message's history
    }
}

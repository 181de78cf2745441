using Automation.Marketing.Storage;
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

/// <summary>Writes lines of messages' histories, in the transaction of what they tell.</summary>
internal static class MessageHistory
{
    private static readonly string[] Columns = ["message_id", "at", "state", "detail"];

    public static Task<int> WriteAsync(
        AutomationDb db, IEnumerable<(Guid MessageId, MessageState State, string Detail)> changes, DateTimeOffset now, CancellationToken cancellation) =>
        db.InsertManyAsync("message_changes", Columns, [.. changes.Select(one => new object?[] { one.MessageId, now, one.State, one.Detail })], "", cancellation);

    /// <summary>The same change of many, or of one.</summary>
    public static Task<int> WriteAsync(
        AutomationDb db, IEnumerable<Guid> messageIds, MessageState state, string detail, DateTimeOffset now, CancellationToken cancellation) =>
        WriteAsync(db, messageIds.Select(id => (id, state, detail)), now, cancellation);
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

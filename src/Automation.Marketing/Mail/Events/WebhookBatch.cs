using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail.Events;

/// <summary>A verified webhook body, stored before it is answered and worked through afterwards.</summary>
public sealed class WebhookBatch
{
    public long Id { get; init; }
    public DateTimeOffset ReceivedAt { get; init; }
    public required byte[] Body { get; init; }

    /// <summary>Times that working through it has failed: it must not hold up those that came after it.</summary>
    public int Failures { get; init; }
}

internal sealed class WebhookBatchMapping : IEntityTypeConfiguration<WebhookBatch>
{
    public void Configure(EntityTypeBuilder<WebhookBatch> batch)
    {
        batch.ToTable("webhook_batches");
        batch.HasKey(b => b.Id);                                  // worked through in order and deleted
        batch.Property(b => b.Failures).HasDefaultValue(0);
    }
}

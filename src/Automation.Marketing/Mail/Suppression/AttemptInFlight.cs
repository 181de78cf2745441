using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail.Suppression;

/// <summary>A mail whose attempt had begun before the person's refusal was committed: it could not be called back any more.</summary>
public sealed class AttemptInFlight
{
    public Guid MessageId { get; init; }
    public Guid ContactId { get; init; }

    /// <summary>When the refusal was written.</summary>
    public DateTimeOffset At { get; init; }
}

internal sealed class AttemptInFlightMapping : IEntityTypeConfiguration<AttemptInFlight>
{
    public void Configure(EntityTypeBuilder<AttemptInFlight> attempt)
    {
        attempt.ToTable("attempts_in_flight");
        attempt.HasKey(a => new { a.ContactId, a.MessageId, a.At });
        attempt.HasIndex(a => a.At);                              // the newest, over all people
    }
}

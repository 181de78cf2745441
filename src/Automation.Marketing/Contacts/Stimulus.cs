using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts;

/// <summary>
/// Something about a person that starts or wakes flows, written in the transaction of what caused it and worked
/// through in order: a lead event, a mail's outcome, a hand-back.
/// </summary>
public sealed class Stimulus
{
    public long Id { get; init; }

    /// <summary>The activity type it speaks to, e.g. <c>Automation.EventReceived</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What triggers and bookmarks are matched by, e.g. the event type.</summary>
    public required string Key { get; init; }

    public Guid ContactId { get; init; }

    /// <summary>What the flow is given, as JSON.</summary>
    public string Payload { get; init; } = "{}";

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Times it could not be worked off; set apart after a few.</summary>
    public int Failures { get; init; }
}

internal sealed class StimulusMapping : IEntityTypeConfiguration<Stimulus>
{
    public void Configure(EntityTypeBuilder<Stimulus> stimulus)
    {
        stimulus.ToTable("stimuli");
        stimulus.HasKey(s => s.Id);                               // worked through in order and deleted
        stimulus.Property(s => s.Name).HasMaxLength(100);
        stimulus.Property(s => s.Key).HasMaxLength(300);
        stimulus.HasIndex(s => new { s.Failures, s.Id });         // the next ones
        stimulus.HasIndex(s => s.ContactId);                      // is anything of a person still to be worked off
    }
}

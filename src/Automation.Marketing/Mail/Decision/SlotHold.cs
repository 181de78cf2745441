using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail.Decision;

/// <summary>
/// A slot that a confirmed mailing of the next days holds for one person (brief §4.1.12). Written by whoever plans mailings,
/// gone when the mailing is decided; mail of lower priority that would take the slot goes behind it.
/// </summary>
public sealed class SlotHold
{
    public Guid ContactId { get; init; }

    /// <summary>The mailing, e.g. an occurrence's id.</summary>
    public Guid SourceId { get; init; }

    public DateTimeOffset At { get; init; }
    public Approach Approach { get; init; }
    public string Topics { get; init; } = "";
    public int Priority { get; init; }
}

internal sealed class SlotHoldMapping : IEntityTypeConfiguration<SlotHold>
{
    public void Configure(EntityTypeBuilder<SlotHold> hold)
    {
        hold.ToTable("slot_holds");
        hold.HasKey(h => new { h.ContactId, h.SourceId });        // a person's held slots
        hold.Property(h => h.Approach).HasConversion<string>().HasMaxLength(8);
        hold.Property(h => h.Topics).HasMaxLength(500);
        hold.HasIndex(h => h.SourceId);                           // a mailing's, to give them up
    }
}

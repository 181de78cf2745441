using Automation.Marketing.Mail;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Campaigns.Paper;

/// <summary>How a person without a mail address is reached: by postcard where there is an address of paper, else by telephone.</summary>
public enum PaperWay { Post, Phone }

/// <summary>
/// <code>Listed ◄─► Done        LeftOut: a rule kept the person off the list; final</code>
/// </summary>
public enum PaperState { Listed, Done, LeftOut }

/// <summary>One postcard or call of a broadcast. On the list it holds a slot, done it has spent it: limits count it like a mail.</summary>
public sealed class PaperSend
{
    public Guid Id { get; init; }
    public Guid BroadcastId { get; init; }
    public Guid ContactId { get; init; }
    public PaperWay Way { get; init; }
    public PaperState State { get; private set; }

    /// <summary>Of one left out: the rule, by the names that decisions about mail carry.</summary>
    public string Rule { get; init; } = "";

    public Approach Approach { get; init; }

    /// <summary>Comma-separated, as they were.</summary>
    public string Topics { get; init; } = "";

    public DateTimeOffset ListedAt { get; init; }

    /// <summary>The instant at which it counts; null: it does not.</summary>
    public DateTimeOffset? SlotAt { get; private set; }

    public DateTimeOffset? DoneAt { get; private set; }
    public string? DoneBy { get; private set; }
}

internal sealed class PaperSendMapping : IEntityTypeConfiguration<PaperSend>
{
    public void Configure(EntityTypeBuilder<PaperSend> send)
    {
        send.ToTable("paper_sends");
        send.HasKey(s => s.Id);
        send.Property(s => s.Way).HasConversion<string>().HasMaxLength(8);
        send.Property(s => s.State).HasConversion<string>().HasMaxLength(8);
        send.Property(s => s.Approach).HasConversion<string>().HasMaxLength(8);
        send.Property(s => s.Rule).HasMaxLength(64);
        send.Property(s => s.Topics).HasMaxLength(500);
        send.Property(s => s.DoneBy).HasMaxLength(100);
        send.HasIndex(s => new { s.BroadcastId, s.ContactId }).IsUnique();       // once per person; the list
        send.HasIndex(s => new { s.ContactId, s.SlotAt });                       // caps and timeline
    }
}

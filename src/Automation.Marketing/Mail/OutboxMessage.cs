using Automation.Marketing.Contacts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail;

/// <summary>
/// Where one message to one person stands. Every transition there is: <see cref="MessageTransitions"/>, drawn in <c>message-states.md</c>.
/// <code>
/// request ─► Suppressed | Skipped | Expired                     decided against; final
///        └─► Deferred ◄─┐ due again: decided anew
///               ▼       │ quiet hours began meanwhile
///             Queued ───┘
///               ▼ attempt begins, durably, before any byte leaves
///             Sending ─► Sent                                   accepted; final
///               │ ├────► Queued     refused for now: certainly not acted on
///               │ ├────► Failed     refused; final
///               │ └────► Uncertain  reply lost or process died: never sent again blindly
///               ▼                     └─► Sent (an event proves it) | Failed (24 h without one)
/// Deferred, Queued ─► Cancelled | Suppressed | Expired          before the attempt only
/// </code>
/// </summary>
public enum MessageState { Deferred, Queued, Sending, Sent, Uncertain, Failed, Expired, Skipped, Suppressed, Cancelled }

/// <summary>What a message's place under the caps is (brief §4.1.6).</summary>
public enum SlotState { None, Reserved, Spent, Released }

/// <summary>Who asked for a message.</summary>
public enum MessageOrigin { Flow, Broadcast }

/// <summary>What happens when a cap or quiet hour says no.</summary>
public enum OverCap { Defer, Skip, Exit }

/// <summary>Transactional mail is exempt from caps, quiet hours and marketing consent.</summary>
public enum MessageClass { Marketing, Transactional }

/// <summary>A1 everyone evenly, A2 selected need, A3 non-selling care (brief §3). None: transactional.</summary>
public enum Approach { None, A1, A2, A3 }

/// <summary>One message to one person: request, decision, outbox row and result in one.</summary>
public sealed class OutboxMessage
{
    public Guid Id { get; init; }

    /// <summary>See <see cref="MessageIdentity"/>. One mail per identity, for ever.</summary>
    public required string Identity { get; init; }

    public Guid ContactId { get; init; }
    public MessageOrigin Origin { get; init; }

    /// <summary>The flow's definition id, or the broadcast's id.</summary>
    public required string OriginId { get; init; }

    /// <summary>The step's node id; empty for a broadcast.</summary>
    public string NodeId { get; init; } = "";

    /// <summary>The run that waits for the outcome.</summary>
    public Guid? InstanceId { get; init; }

    /// <summary>The address at the time of the decision.</summary>
    public string? Recipient { get; private set; }

    public required string Template { get; init; }
    public MessageClass Class { get; init; }
    public Approach Approach { get; init; }

    /// <summary>Comma-separated; fixed at request.</summary>
    public string Topics { get; init; } = "";

    public OverCap OverCap { get; init; }

    /// <summary>0–100; higher goes first.</summary>
    public int Priority { get; init; }

    public string? CollapseKey { get; init; }

    /// <summary>The triggering event and the season, as the template sees them: a JSON object.</summary>
    public string Context { get; init; } = "{}";

    public MessageState State { get; private set; }
    public DateTimeOffset RequestedAt { get; init; }

    /// <summary>When the row next needs work: decide (Deferred), send (Queued), settle (Sending, Uncertain).</summary>
    public DateTimeOffset DueAt { get; private set; }

    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>The rule that decided last, e.g. <c>selling-30d</c>, <c>quiet-hours</c>; empty when nothing objected.</summary>
    public string Rule { get; private set; } = "";

    /// <summary>The numbers behind <see cref="Rule"/>: a JSON object with counts, limit and next eligible instant.</summary>
    public string Decision { get; private set; } = "{}";

    public SlotState Slot { get; private set; }

    /// <summary>The instant at which the slot counts: the decision's, then the acceptance's.</summary>
    public DateTimeOffset? SlotAt { get; private set; }

    /// <summary>The day on which the warm-up plan lets it go; null: none asked.</summary>
    public DateOnly? BookedOn { get; private set; }

    /// <summary>The instant at which the speed limits let it go; null: none asked.</summary>
    public DateTimeOffset? PacedFor { get; private set; }

    /// <summary>Attempts begun.</summary>
    public int Attempt { get; private set; }

    public string? LeaseOwner { get; private set; }
    public DateTimeOffset? LeaseUntil { get; private set; }

    /// <summary>The provider's id of the request that carried the message.</summary>
    public string? ProviderMessageId { get; private set; }

    /// <summary>As of the latest attempt; null before the first.</summary>
    public string? Subject { get; private set; }
    public DateTimeOffset? SentAt { get; private set; }
    public int DeliveredCount { get; private set; }
    public int BouncedCount { get; private set; }
    public int OpensTotal { get; private set; }
    public int OpensUnique { get; private set; }
    public int ClicksTotal { get; private set; }
    public int ClicksUnique { get; private set; }
}

internal sealed class OutboxMessageMapping : IEntityTypeConfiguration<OutboxMessage>
{
    /// <summary>Holds a slot. Queries say it in these words, so that SQLite finds the index.</summary>
    public const string Counted = "slot IN ('Reserved', 'Spent')";

    /// <summary>Not come to an end. Queries say it in these words, so that SQLite finds the index.</summary>
    public const string Unsettled = "state IN ('Deferred', 'Queued', 'Sending')";

    public void Configure(EntityTypeBuilder<OutboxMessage> message)
    {
        message.ToTable("outbox_messages");
        message.HasKey(m => m.Id);
        message.Property(m => m.Identity).HasMaxLength(300);
        message.Property(m => m.Origin).HasConversion<string>().HasMaxLength(16);
        message.Property(m => m.OriginId).HasMaxLength(100);
        message.Property(m => m.NodeId).HasMaxLength(200);
        message.Property(m => m.Recipient).HasMaxLength(EmailAddress.MaxLength);
        message.Property(m => m.Template).HasMaxLength(200);
        message.Property(m => m.Class).HasConversion<string>().HasMaxLength(16);
        message.Property(m => m.Approach).HasConversion<string>().HasMaxLength(8);
        message.Property(m => m.OverCap).HasConversion<string>().HasMaxLength(8);
        message.Property(m => m.State).HasConversion<string>().HasMaxLength(16);     // readable in the database
        message.Property(m => m.Slot).HasConversion<string>().HasMaxLength(16);
        message.Property(m => m.Rule).HasMaxLength(64);
        message.HasIndex(m => m.Identity).IsUnique();                                // one mail per identity, for ever
        message.HasIndex(m => new { m.State, m.DueAt });                             // claims and sweeps
        message.HasIndex(m => new { m.ContactId, m.Approach, m.SlotAt, m.Topics })
            .HasFilter(Counted);                                                     // caps: a person's counted sends, without touching the rows
        message.HasIndex(m => m.ContactId).HasFilter(Unsettled);                     // what waits or is under way for a person
        message.HasIndex(m => new { m.ContactId, m.RequestedAt });                   // a person's mails, newest first
        message.HasIndex(m => new { m.OriginId, m.State });                          // a broadcast's or flow's account
        message.HasIndex(m => m.RequestedAt);                                        // the mails page, newest first
    }
}

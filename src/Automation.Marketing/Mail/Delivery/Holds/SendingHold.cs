using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail.Delivery.Holds;

/// <summary>Which mails a hold keeps back. A flow is paused as a whole, with its waits: <c>FlowControlling</c>.</summary>
public enum HoldScope
{
    /// <summary>Every mail: the provider is paused.</summary>
    All,

    /// <summary>All but transactional mail.</summary>
    Marketing,

    /// <summary>Selling mail: A1 and A2.</summary>
    Selling,

    /// <summary>One broadcast's.</summary>
    Broadcast,
}

/// <summary>Who or what keeps mails back.</summary>
public enum HoldReason
{
    /// <summary>Somebody paused.</summary>
    Person,

    /// <summary>The provider refuses our key or sender (401, 403).</summary>
    Provider,

    /// <summary>The provider takes no more for now (429).</summary>
    RateLimit,

    /// <summary>Too many complaints.</summary>
    Complaints,

    /// <summary>Too many hard bounces.</summary>
    Bounces,
}

/// <summary>
/// Keeps mails back until it ends by itself or a person releases it. Rows, so that every process keeps to them and a
/// restart forgets none; released ones stay as the record of what happened.
/// </summary>
public sealed class SendingHold
{
    public const int MaxDetail = 500;

    public Guid Id { get; init; }
    public HoldScope Scope { get; init; }

    /// <summary>The broadcast's id (<c>N</c>); empty for the other scopes.</summary>
    public string Key { get; init; } = "";

    public HoldReason Reason { get; init; }

    /// <summary>What the provider said, or the counts behind it.</summary>
    public string Detail { get; init; } = "";

    public DateTimeOffset Since { get; init; }

    /// <summary>When it ends by itself; null: a person releases it.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who paused; empty when nobody did.</summary>
    public string HeldBy { get; init; } = "";

    public DateTimeOffset? ReleasedAt { get; init; }
    public string? ReleasedBy { get; init; }
}

internal sealed class SendingHoldMapping : IEntityTypeConfiguration<SendingHold>
{
    public void Configure(EntityTypeBuilder<SendingHold> hold)
    {
        hold.ToTable("sending_holds");
        hold.HasKey(h => h.Id);
        hold.Property(h => h.Scope).HasConversion<string>().HasMaxLength(16);
        hold.Property(h => h.Key).HasMaxLength(100);
        hold.Property(h => h.Reason).HasConversion<string>().HasMaxLength(16);
        hold.Property(h => h.Detail).HasMaxLength(SendingHold.MaxDetail);
        hold.HasIndex(h => h.ReleasedAt);                         // those in force: asked for with every claim
    }
}

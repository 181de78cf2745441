using Automation.Marketing.Mail;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Campaigns;

/// <summary>
/// <code>Scheduled ─► Selecting ─► Sending ─► Done        Scheduled, Selecting, Sending ─► Stopped</code>
/// Selecting freezes the audience as rows; Sending decides them in key order; Done accounts for every one.
/// </summary>
public enum BroadcastState { Scheduled, Selecting, Sending, Done, Stopped }

/// <summary>One mailing to an audience that is frozen, person by person, before the first send.</summary>
public sealed class Broadcast
{
    public Guid Id { get; init; }
    public required string Name { get; init; }
    public required string Template { get; init; }

    /// <summary>The audience rule as JSON; see <see cref="Audience"/>.</summary>
    public required string Audience { get; init; }

    public Approach Approach { get; init; }
    public int Priority { get; init; }
    public OverCap OverCap { get; init; }
    public string? CollapseKey { get; init; }

    /// <summary>What templates see as <c>season</c>: a JSON object.</summary>
    public string Season { get; init; } = "{}";

    /// <summary>At most so many people, those who bought last first; null: all.</summary>
    public int? Capacity { get; init; }

    public BroadcastState State { get; private set; }
    public DateTimeOffset SendAt { get; init; }
    public DateTimeOffset? ValidUntil { get; init; }
    public Guid? OccurrenceId { get; init; }
    public required string CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; private set; }
    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>Everyone up to this contact id, in the order of ids, has been decided; null: nobody yet.</summary>
    public Guid? DecidedUpTo { get; private set; }

    public void BeginSelecting(DateTimeOffset now)
    {
        Require(BroadcastState.Scheduled);
        (State, StartedAt) = (BroadcastState.Selecting, now);
    }

    public void BeginSending()
    {
        Require(BroadcastState.Selecting);
        State = BroadcastState.Sending;
    }

    /// <param name="last">The last of those decided now.</param>
    public void Decide(Guid last)
    {
        Require(BroadcastState.Sending);
        DecidedUpTo = last;
    }

    public void Finish(DateTimeOffset now)
    {
        Require(BroadcastState.Sending);
        (State, FinishedAt) = (BroadcastState.Done, now);
    }

    /// <summary>Nobody who has not been decided yet is mailed.</summary>
    /// <exception cref="RuleBrokenException">The broadcast has ended.</exception>
    public void Stop(DateTimeOffset now)
    {
        if (State is BroadcastState.Done or BroadcastState.Stopped)
            throw new RuleBrokenException($"'{Name}' has ended already.");
        (State, FinishedAt) = (BroadcastState.Stopped, now);
    }

    private void Require(BroadcastState state)
    {
        if (State != state) throw new RuleBrokenException($"'{Name}' is {State}, not {state}.");
    }
}

/// <summary>One person of a frozen audience.</summary>
public sealed class BroadcastRecipient
{
    public Guid BroadcastId { get; init; }
    public Guid ContactId { get; init; }
}

internal sealed class BroadcastMapping : IEntityTypeConfiguration<Broadcast>, IEntityTypeConfiguration<BroadcastRecipient>
{
    public void Configure(EntityTypeBuilder<Broadcast> broadcast)
    {
        broadcast.ToTable("broadcasts");
        broadcast.HasKey(b => b.Id);
        broadcast.Property(b => b.Approach).HasConversion<string>().HasMaxLength(8);
        broadcast.Property(b => b.OverCap).HasConversion<string>().HasMaxLength(8);
        broadcast.Property(b => b.State).HasConversion<string>().HasMaxLength(16);
        broadcast.HasIndex(b => new { b.State, b.SendAt });       // what is due
        broadcast.HasIndex(b => b.OccurrenceId).IsUnique();       // an occurrence mails once
    }

    public void Configure(EntityTypeBuilder<BroadcastRecipient> recipient)
    {
        recipient.ToTable("broadcast_recipients");
        recipient.HasKey(r => new { r.BroadcastId, r.ContactId });                // also finds the next ones to decide
    }
}

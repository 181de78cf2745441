using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Mail;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Campaigns;

/// <summary>
/// <code>Scheduled ─► Selecting ─► Sending ─► Done        Scheduled, Selecting, Sending ─► Stopped</code>
/// Selecting freezes the audience as rows; Sending decides them in key order, or each when their turn has come; Done accounts for every one.
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

    /// <summary>See <see cref="BroadcastOptions"/>: JSON.</summary>
    public string Options { get; init; } = "{}";

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

    /// <summary>Everyone has a turn of their own, in the rows; otherwise they are decided in the order of ids.</summary>
    public bool HasTurns { get; private set; }

    /// <summary>While turns are given: everyone up to this contact id has theirs.</summary>
    public Guid? PlannedUpTo { get; private set; }

    /// <summary>Of all customers, so many of a hundred got nothing that year, as it was when this broadcast began.</summary>
    public int HeldOutOfAll { get; private set; }

    /// <summary>When there is something to do again; null: at <see cref="SendAt"/>, and then at once.</summary>
    public DateTimeOffset? NextAt { get; private set; }

    /// <summary>Of a test: when the better version is chosen; null: its last mail has not been decided yet.</summary>
    public DateTimeOffset? TestEndsAt { get; private set; }

    /// <summary>The version that the rest get; null: not chosen yet.</summary>
    public string? Winner { get; private set; }

    public WinnerBecause? WinnerBecause { get; private set; }
    public DateTimeOffset? WinnerAt { get; private set; }

    public void BeginSelecting(DateTimeOffset now)
    {
        Require(BroadcastState.Scheduled);
        (State, StartedAt) = (BroadcastState.Selecting, now);
    }

    /// <summary>The people are frozen; each gets a turn before the first is decided.</summary>
    /// <param name="heldOutOfAll">So many of a hundred customers get nothing this year.</param>
    public void BeginPlanning(int heldOutOfAll)
    {
        Require(BroadcastState.Selecting);
        (HasTurns, PlannedUpTo, HeldOutOfAll) = (true, Guid.Empty, heldOutOfAll);
    }

    /// <param name="last">The last of those who have their turn now.</param>
    public void Planned(Guid last)
    {
        Require(BroadcastState.Selecting);
        PlannedUpTo = last;
    }

    /// <summary>Nothing is to be done before then.</summary>
    public void WaitUntil(DateTimeOffset? next) => NextAt = next;

    /// <summary>The last mail of the test has been decided.</summary>
    public void EndTestAt(DateTimeOffset at)
    {
        Require(BroadcastState.Sending);
        TestEndsAt = at;
    }

    /// <exception cref="RuleBrokenException">It has been chosen already: the rest get one version, once.</exception>
    public void Choose(string winner, WinnerBecause because, DateTimeOffset now)
    {
        Require(BroadcastState.Sending);
        if (Winner is not null) throw new RuleBrokenException($"'{Name}' has its better version already.");
        (Winner, WinnerBecause, WinnerAt) = (winner, because, now);
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

    /// <summary>When it is the person's turn; null: it was, or the broadcast gives none.</summary>
    public DateTimeOffset? TurnAt { get; init; }

    /// <summary>Of a test: <c>A</c> or <c>B</c>; null: no part in one.</summary>
    public string? Version { get; init; }

    /// <summary>Why the person gets no mail; null: nothing of the broadcast's own making.</summary>
    public SetApart? Apart { get; init; }

    /// <summary>IANA id by which the person's turn was found.</summary>
    public string? Zone { get; init; }
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
        broadcast.Property(b => b.Options).HasDefaultValue("{}");
        broadcast.Property(b => b.HasTurns).HasDefaultValue(false);
        broadcast.Property(b => b.HeldOutOfAll).HasDefaultValue(0);
        broadcast.Property(b => b.Winner).HasMaxLength(1);
        broadcast.Property(b => b.WinnerBecause).HasConversion<string>().HasMaxLength(16);
        broadcast.HasIndex(b => new { b.State, b.SendAt });       // what is due
        broadcast.HasIndex(b => b.OccurrenceId).IsUnique();       // an occurrence mails once
    }

    public void Configure(EntityTypeBuilder<BroadcastRecipient> recipient)
    {
        recipient.ToTable("broadcast_recipients");
        recipient.HasKey(r => new { r.BroadcastId, r.ContactId });                // also finds the next ones to decide
        recipient.Property(r => r.Version).HasMaxLength(1);
        recipient.Property(r => r.Apart).HasConversion<string>().HasMaxLength(16);
        recipient.Property(r => r.Zone).HasMaxLength(64);
        recipient.HasIndex(r => new { r.BroadcastId, r.TurnAt })
            .HasFilter("turn_at IS NOT NULL");                                    // whose turn it is; empty for broadcasts without turns
    }
}

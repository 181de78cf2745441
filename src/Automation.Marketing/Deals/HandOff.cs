using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Deals;

/// <summary>Where a hand-off stands: only a <c>Waiting</c> one can be answered.</summary>
public enum HandOffState { Waiting, Accepted, Rejected, Closed }

/// <summary>Marketing handed a person to sales, who accept or return them within a working day.</summary>
public sealed class HandOff
{
    public Guid Id { get; init; }
    public Guid ContactId { get; init; }
    public Guid DealId { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>Whose it is to answer; null: whoever in sales comes first.</summary>
    public string? Owner { get; init; }

    /// <summary>Whom the rule chose at first.</summary>
    public string? AssignedTo { get; init; }

    /// <summary>The <see cref="HandOffDetails"/> as JSON.</summary>
    public string Details { get; init; } = "{}";

    public HandOffState State { get; init; }

    /// <summary>When it is told on to the next one; null: to nobody any more.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>1: the manager was told; 2: it fell to everyone in sales.</summary>
    public int Escalations { get; init; }

    public DateTimeOffset? AnsweredAt { get; init; }
    public string? AnsweredBy { get; init; }
    public HandBackReason? Rejection { get; init; }
}

/// <summary>What the salesperson begins the talk with.</summary>
/// <param name="Score">Behaviour at that moment.</param>
/// <param name="Parts">What it was made of, the weightiest first.</param>
/// <param name="Touches">What the person did last, the newest first.</param>
/// <param name="Flows">Flows that the person was inside.</param>
/// <param name="Complaints">Open ones and those of late; null: of a time when they were not written down.</param>
public sealed record HandOffDetails(
    string Note, double Score, int Fit, IReadOnlyList<HandOffPart> Parts, IReadOnlyList<HandOffTouch> Touches, string Consent, IReadOnlyList<string> Flows,
    IReadOnlyList<HandOffComplaint>? Complaints = null)
{
    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public static HandOffDetails FromJson(string json) => JsonSerializer.Deserialize<HandOffDetails>(json, JsonSerializerOptions.Web)!;
}

/// <param name="Rule">The scoring rule's name.</param>
/// <param name="Worth">Points at that moment.</param>
public sealed record HandOffPart(string Rule, int Times, double Worth);

public sealed record HandOffTouch(string Type, DateTimeOffset At);

/// <param name="Handling">What was done about it and what to mind; null: it is open.</param>
public sealed record HandOffComplaint(string Text, string? Handling, DateTimeOffset OpenedAt, DateTimeOffset? ClosedAt);

internal sealed class HandOffMapping : IEntityTypeConfiguration<HandOff>
{
    public void Configure(EntityTypeBuilder<HandOff> handOff)
    {
        handOff.ToTable("hand_offs");
        handOff.HasKey(h => h.Id);
        handOff.Property(h => h.Owner).HasMaxLength(100);
        handOff.Property(h => h.AssignedTo).HasMaxLength(100);
        handOff.Property(h => h.AnsweredBy).HasMaxLength(100);
        handOff.Property(h => h.State).HasConversion<string>().HasMaxLength(16);
        handOff.Property(h => h.Rejection).HasConversion<string>().HasMaxLength(16);
        handOff.HasIndex(h => h.DueAt);                           // whose time is up
        handOff.HasIndex(h => new { h.ContactId, h.State });      // is one waiting for an answer
        handOff.HasIndex(h => new { h.State, h.At });             // all that wait
        handOff.HasIndex(h => new { h.AssignedTo, h.At });        // whose turn is next
    }
}

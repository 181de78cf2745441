using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Deals;

/// <summary>Why sales returns a deal. On the wire: <c>too-early, budget, competitor, no-contact, no-fit, duplicate</c>.</summary>
public enum HandBackReason { TooEarly, Budget, Competitor, NoContact, NoFit, Duplicate }

/// <summary>The words of <see cref="HandBackReason"/> that other programs use.</summary>
public static class HandBackReasons
{
    private static readonly Dictionary<string, HandBackReason> ByWord = new(StringComparer.Ordinal)
    {
        ["too-early"] = HandBackReason.TooEarly,
        ["budget"] = HandBackReason.Budget,
        ["competitor"] = HandBackReason.Competitor,
        ["no-contact"] = HandBackReason.NoContact,
        ["no-fit"] = HandBackReason.NoFit,
        ["duplicate"] = HandBackReason.Duplicate,
    };

    /// <summary>All words, in the order shown to sales.</summary>
    public static IReadOnlyCollection<string> Words => ByWord.Keys;

    public static bool TryParse(string? word, out HandBackReason reason) => ByWord.TryGetValue(word ?? "", out reason);

    /// <summary>There is something to come back to: such a person is nurtured.</summary>
    public static bool IsNurtured(this HandBackReason reason) => reason is not (HandBackReason.NoFit or HandBackReason.Duplicate);

    public static string Word(this HandBackReason reason) => ByWord.First(pair => pair.Value == reason).Key;
}

/// <summary>What sales enters in the one action.</summary>
public sealed record HandBackRequest(HandBackReason Reason, DateOnly? RevisitOn, string? Note);

/// <summary>One return of a deal to nurturing.</summary>
public sealed class HandBack
{
    public Guid Id { get; init; }
    public Guid DealId { get; init; }
    public Guid ContactId { get; init; }
    public HandBackReason Reason { get; init; }
    public DateOnly? RevisitOn { get; init; }
    public string? Note { get; init; }
    public required string Actor { get; init; }
    public DateTimeOffset At { get; init; }
    public DateTimeOffset? UndoneAt { get; set; }
}

internal sealed class HandBackMapping : IEntityTypeConfiguration<HandBack>
{
    public void Configure(EntityTypeBuilder<HandBack> handBack)
    {
        handBack.ToTable("hand_backs");
        handBack.HasKey(h => h.Id);
        handBack.Property(h => h.Reason).HasConversion<string>().HasMaxLength(16);
        handBack.HasIndex(h => h.DealId);
        handBack.HasIndex(h => new { h.ContactId, h.At });        // a person's timeline
    }
}

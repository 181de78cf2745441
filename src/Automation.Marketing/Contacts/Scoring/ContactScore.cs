using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts.Scoring;

/// <summary>A person's score as it was when they were last looked at. What it is worth later follows from it.</summary>
public sealed class ContactScore
{
    public Guid ContactId { get; init; }
    public DateTimeOffset AsOf { get; init; }

    /// <summary>Behaviour as of then by half-life in days: a JSON object of numbers.</summary>
    public string Sums { get; init; } = "{}";

    /// <summary>0 to 100.</summary>
    public int Fit { get; init; }

    /// <summary>Null: not hot.</summary>
    public DateTimeOffset? HotSince { get; init; }

    /// <summary>When behaviour falls below the level of cooling if nothing more happens; null: not hot.</summary>
    public DateTimeOffset? CoolsAt { get; init; }

    /// <summary>When sales was told last.</summary>
    public DateTimeOffset? AlertedAt { get; init; }

    /// <summary>The touch that counted most when the person became hot.</summary>
    public string Why { get; init; } = "";

    /// <summary>When the owner was told of each signal last: a JSON object of instants.</summary>
    public string Signals { get; init; } = "{}";

    /// <summary>Behaviour at an instant not before <see cref="AsOf"/>.</summary>
    public double ScoreAt(DateTimeOffset instant) => Behaviour.Faded(SumsOf(Sums), instant - AsOf);

    public bool IsHotAt(DateTimeOffset instant) => HotSince is not null && CoolsAt > instant;

    internal static Dictionary<double, double> SumsOf(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, double>>(json)!.ToDictionary(pair => double.Parse(pair.Key, CultureInfo.InvariantCulture), pair => pair.Value);

    internal static string TextOf(IReadOnlyDictionary<double, double> sums) =>
        JsonSerializer.Serialize(sums.ToDictionary(pair => pair.Key.ToString("R", CultureInfo.InvariantCulture), pair => pair.Value));
}

internal sealed class ContactScoreMapping : IEntityTypeConfiguration<ContactScore>
{
    public void Configure(EntityTypeBuilder<ContactScore> score)
    {
        score.ToTable("contact_scores");
        score.HasKey(s => s.ContactId);
        score.Property(s => s.Why).HasMaxLength(40);
        score.HasIndex(s => s.CoolsAt);                           // who is hot
    }
}

/// <summary>A hand-back took a share off all that the person had done before.</summary>
public sealed class ScoreReset
{
    public Guid Id { get; init; }
    public Guid ContactId { get; init; }

    /// <summary>The instant of the hand-back.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>0 to 1.</summary>
    public double Factor { get; init; }

    /// <summary>Since when the person had been hot, for the undo.</summary>
    public DateTimeOffset? HotSince { get; init; }

    public DateTimeOffset? UndoneAt { get; init; }
}

internal sealed class ScoreResetMapping : IEntityTypeConfiguration<ScoreReset>
{
    public void Configure(EntityTypeBuilder<ScoreReset> reset)
    {
        reset.ToTable("score_resets");
        reset.HasKey(r => r.Id);
        reset.HasIndex(r => new { r.ContactId, r.At });           // a person's
    }
}

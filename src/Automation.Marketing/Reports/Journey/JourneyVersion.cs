using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Reports.Journey;

/// <summary>One published set of the map's rules; the newest is in force. Never changed once written.</summary>
public sealed class JourneyVersion
{
    public int Version { get; init; }

    /// <summary>The <see cref="JourneyRules"/> as JSON.</summary>
    public required string Document { get; init; }

    public required string Actor { get; init; }
    public required string Comment { get; init; }
    public DateTimeOffset At { get; init; }
}

/// <summary>The map's rules in force, and how the next ones come into force.</summary>
public static class JourneyVersions
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { Converters = { new JsonStringEnumConverter() } };

    /// <returns>The newest rules; the shipped ones, of version 0, before any is published.</returns>
    public static async Task<JourneyRules> JourneyRulesAsync(this AutomationDb db, CancellationToken cancellation)
    {
        var newest = await db.QueryAsync("SELECT document FROM journey_versions ORDER BY version DESC LIMIT 1", row => row.Text(0), cancellation);
        return newest.Count == 0 ? JourneyRules.Default : Read(newest[0]);
    }

    /// <summary>Puts rules into force as the next version. Reports count by them from then on, what has happened before included.</summary>
    /// <exception cref="RuleBrokenException">Somebody else published a version meanwhile, or the rules make no sense.</exception>
    public static async Task<JourneyRules> PublishAsync(
        AutomationDb db, JourneyRules rules, int basedOn, string actor, string comment, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var (_, _, problem) in rules.Problems()) throw problem;
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldWordsAsync(["journey-rules"], cancellation);
        var before = (await db.QueryAsync("SELECT version, document FROM journey_versions ORDER BY version DESC LIMIT 1", row => (Version: row.Int(0), Document: row.Text(1)), cancellation))
            .FirstOrDefault();
        if (before.Version != basedOn)
            throw new RuleBrokenException($"Version {before.Version} was published in the meantime; look at it first and make your change again.");
        var next = rules with { Version = basedOn + 1 };
        await db.InsertManyAsync("journey_versions", ["version", "document", "actor", "comment", "at"], [[next.Version, Write(next), actor, comment, now]], "", cancellation);
        await Audit.WriteAsync(db, actor, "journey.published", $"{next.Version}", comment, before.Document, Write(next), now, cancellation);
        await transaction.CommitAsync(cancellation);
        return next;
    }

    public static JourneyRules Read(string document) => JsonSerializer.Deserialize<JourneyRules>(document, Json)!;

    private static string Write(JourneyRules rules) => JsonSerializer.Serialize(rules, Json);
}

/// <summary>Where the events of late lie by some rules.</summary>
/// <param name="Times">How often it happened; null: the product's own, not counted.</param>
/// <param name="Now">By the rules in force; null: not on the map.</param>
/// <param name="Then">By the rules that are tried.</param>
public sealed record JourneyTrialLine(string Type, long? Times, JourneyRule? Now, JourneyRule? Then)
{
    public bool Moves => (Now?.Stage, Now?.Channel) != (Then?.Stage, Then?.Channel);

    /// <summary>How far back events are looked at.</summary>
    public static readonly TimeSpan LooksBack = TimeSpan.FromDays(180);

    private const int Most = 100;

    /// <summary>What moves first, then what happened most.</summary>
    public static async Task<IReadOnlyList<JourneyTrialLine>> TryAsync(AutomationDb db, JourneyRules rules, DateTimeOffset now, CancellationToken cancellation)
    {
        var inForce = await db.JourneyRulesAsync(cancellation);
        var happened = await db.QueryAsync(
            $"SELECT type, COUNT(*) AS times FROM lead_events WHERE occurred_at >= @p0 GROUP BY type ORDER BY 2 DESC, 1 LIMIT {Most}", row => (Type: row.Text(0), Times: (long?)row.Long(1)), cancellation,
            now - LooksBack);
        return [.. happened.Concat(JourneyRules.OwnTypes.Select(type => (Type: type, Times: (long?)null)))
            .Select(one => new JourneyTrialLine(one.Type, one.Times, inForce.Of(one.Type), rules.Of(one.Type))).OrderByDescending(line => line.Moves).ThenByDescending(line => line.Times)];
    }
}

internal sealed class JourneyVersionMapping : IEntityTypeConfiguration<JourneyVersion>
{
    public void Configure(EntityTypeBuilder<JourneyVersion> version)
    {
        version.ToTable("journey_versions");
        version.HasKey(v => v.Version);
        version.Property(v => v.Version).ValueGeneratedNever();
        version.Property(v => v.Actor).HasMaxLength(100);
        version.Property(v => v.Comment).HasMaxLength(AuditEntry.MaxReason);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Contacts.Scoring;

/// <summary>One published set of scoring rules; the newest is in force. Never changed once written.</summary>
public sealed class ScoringVersion
{
    public int Version { get; init; }

    /// <summary>The <see cref="ScoringRules"/> as JSON.</summary>
    public required string Document { get; init; }

    public required string Actor { get; init; }
    public required string Comment { get; init; }
    public DateTimeOffset At { get; init; }
}

/// <summary>The scoring rules in force, and how the next ones come into force.</summary>
public static class ScoringVersions
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { Converters = { new JsonStringEnumConverter() } };

    // Read with each batch of events; the text rarely changes.
    private static volatile Parsed last = new("", ScoringRules.Default);

    /// <returns>The newest rules; the shipped ones, of version 0, before any is published.</returns>
    public static async Task<ScoringRules> ScoringRulesAsync(this AutomationDb db, CancellationToken cancellation)
    {
        var newest = await db.QueryAsync("SELECT document FROM scoring_versions ORDER BY version DESC LIMIT 1", row => row.Text(0), cancellation);
        return newest.Count == 0 ? ScoringRules.Default : Read(newest[0]);
    }

    /// <summary>Puts rules into force as the next version and has everyone looked at anew who is known to score.</summary>
    /// <exception cref="RuleBrokenException">Somebody else published a version meanwhile, or the rules make no sense.</exception>
    public static async Task<ScoringRules> PublishAsync(
        AutomationDb db, ScoringRules rules, int basedOn, string actor, string comment, DateTimeOffset now, CancellationToken cancellation)
    {
        if (ScoringCheck.Problems(rules) is [var problem, ..]) throw problem.Problem;
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldWordsAsync(["scoring-rules"], cancellation);
        var before = (await db.QueryAsync("SELECT version, document FROM scoring_versions ORDER BY version DESC LIMIT 1", row => (Version: row.Int(0), Document: row.Text(1)), cancellation))
            .FirstOrDefault();
        if (before.Version != basedOn)
            throw new RuleBrokenException($"Version {before.Version} was published in the meantime; look at it first and make your change again.");
        var next = rules with { Version = basedOn + 1 };
        await db.InsertManyAsync("scoring_versions", ["version", "document", "actor", "comment", "at"], [[next.Version, Write(next), actor, comment, now]], "", cancellation);
        await Audit.WriteAsync(db, actor, "scoring.published", $"{next.Version}", comment, before.Document, Write(next), now, cancellation);
        await ScoreChecks.EverybodyAsync(db, next, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return next;
    }

    /// <summary>Puts rules into force without a word, for set-up.</summary>
    public static async Task SaveScoringRulesAsync(this AutomationDb db, ScoringRules rules, DateTimeOffset now, CancellationToken cancellation)
    {
        var newest = (await db.QueryAsync("SELECT COALESCE(MAX(version), 0) FROM scoring_versions", row => row.Int(0), cancellation))[0];
        var next = rules with { Version = newest + 1 };
        await db.InsertManyAsync("scoring_versions", ["version", "document", "actor", "comment", "at"], [[next.Version, Write(next), "setup", "", now]], "", cancellation);
    }

    public static ScoringRules Read(string document)
    {
        var known = last;
        if (known.Document == document) return known.Rules;
        var rules = JsonSerializer.Deserialize<ScoringRules>(document, Json)!;
        last = new Parsed(document, rules);
        return rules;
    }

    public static string Write(ScoringRules rules) => JsonSerializer.Serialize(rules, Json);

    private sealed record Parsed(string Document, ScoringRules Rules);
}

internal sealed class ScoringVersionMapping : IEntityTypeConfiguration<ScoringVersion>
{
    public void Configure(EntityTypeBuilder<ScoringVersion> version)
    {
        version.ToTable("scoring_versions");
        version.HasKey(v => v.Version);
        version.Property(v => v.Version).ValueGeneratedNever();
        version.Property(v => v.Actor).HasMaxLength(100);
        version.Property(v => v.Comment).HasMaxLength(AuditEntry.MaxReason);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Mail.Decision;

/// <summary>One published sending policy; the newest is in force. Never changed once written.</summary>
public sealed class PolicyVersion
{
    public int Version { get; init; }

    /// <summary>The <see cref="SendingPolicy"/> as JSON.</summary>
    public required string Document { get; init; }

    public required string Actor { get; init; }
    public required string Comment { get; init; }
    public DateTimeOffset At { get; init; }
}

/// <summary>The policy in force, and how the next one comes into force.</summary>
public static class PolicyVersions
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    // Read in every transaction that decides; the text rarely changes.
    private static volatile Parsed last = new("", SendingPolicy.Shop);

    public static async Task<SendingPolicy> SendingPolicyAsync(this AutomationDb db, CancellationToken cancellation)
    {
        var newest = await db.QueryAsync("SELECT document FROM policy_versions ORDER BY version DESC LIMIT 1", row => row.Text(0), cancellation);
        return newest.Count == 0 ? SendingPolicy.Shop : Read(newest[0]);
    }

    /// <returns>0: none has been published, the one for shops holds.</returns>
    public static async Task<int> InForceAsync(AutomationDb db, CancellationToken cancellation) =>
        await db.PolicyVersions.Select(version => (int?)version.Version).MaxAsync(cancellation) ?? 0;

    /// <summary>Puts a policy into force as the next version and has everyone who waits decided anew.</summary>
    /// <returns>The policy with its version.</returns>
    /// <exception cref="RuleBrokenException">Somebody else published a version meanwhile.</exception>
    public static async Task<SendingPolicy> PublishAsync(
        AutomationDb db, SendingPolicy policy, int basedOn, string actor, string comment, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var before = (await db.QueryAsync(
            $"SELECT version, document FROM policy_versions ORDER BY version DESC LIMIT 1{db.Dialect.ForUpdate}", row => (Version: row.Int(0), Document: row.Text(1)), cancellation)).FirstOrDefault();
        if (before.Version != basedOn)
            throw new RuleBrokenException($"Version {before.Version} was published in the meantime; look at it first and make your change again.");
        var next = policy with { Version = before.Version + 1 };
        await InsertAsync(db, next, actor, comment, now, cancellation);
        await Audit.WriteAsync(db, actor, "policy.published", $"{next.Version}", comment, before.Document, Write(next), now, cancellation);
        await db.ExecuteAsync($"UPDATE outbox_messages SET due_at = @p0 WHERE state = 'Deferred' AND due_at > @p0 AND rule <> '{Rules.FlowPaused}'", cancellation, now);
        await transaction.CommitAsync(cancellation);
        return next;
    }

    /// <summary>Puts a policy into force without a word, for set-up.</summary>
    public static async Task SaveSendingPolicyAsync(this AutomationDb db, SendingPolicy policy, DateTimeOffset now, CancellationToken cancellation)
    {
        var newest = (await db.QueryAsync("SELECT COALESCE(MAX(version), 0) FROM policy_versions", row => row.Int(0), cancellation))[0];
        await InsertAsync(db, policy with { Version = newest + 1 }, "setup", "", now, cancellation);
    }

    public static SendingPolicy Read(string document)
    {
        var known = last;
        if (known.Document == document) return known.Policy;
        var policy = JsonSerializer.Deserialize<SendingPolicy>(document, Json)!;
        last = new Parsed(document, policy);
        return policy;
    }

    public static string Write(SendingPolicy policy) => JsonSerializer.Serialize(policy, Json);

    private static Task<int> InsertAsync(AutomationDb db, SendingPolicy policy, string actor, string comment, DateTimeOffset now, CancellationToken cancellation) =>
        db.InsertManyAsync(
            "policy_versions", ["version", "document", "actor", "comment", "at"], [[policy.Version, Write(policy), actor, comment, now]], "", cancellation);

    private sealed record Parsed(string Document, SendingPolicy Policy);
}

internal sealed class PolicyVersionMapping : IEntityTypeConfiguration<PolicyVersion>
{
    public void Configure(EntityTypeBuilder<PolicyVersion> version)
    {
        version.ToTable("policy_versions");
        version.HasKey(v => v.Version);
        version.Property(v => v.Version).ValueGeneratedNever();
        version.Property(v => v.Actor).HasMaxLength(100);
        version.Property(v => v.Comment).HasMaxLength(AuditEntry.MaxReason);
    }
}

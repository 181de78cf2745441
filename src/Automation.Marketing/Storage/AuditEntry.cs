using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Storage;

/// <summary>Who changed what that matters to others, and why: append-only.</summary>
public sealed class AuditEntry
{
    public const int MaxReason = 500;

    public Guid Id { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>The user's name.</summary>
    public required string Actor { get; init; }

    /// <summary>What was done, e.g. <c>policy.published</c>.</summary>
    public required string Action { get; init; }

    /// <summary>To what: a version, an address, a broadcast's id.</summary>
    public required string Subject { get; init; }

    public string? Reason { get; init; }

    /// <summary>As it was, as JSON; null: there was nothing.</summary>
    public string? Before { get; init; }

    /// <summary>As it is now, as JSON; null: there is nothing.</summary>
    public string? After { get; init; }
}

public static class Audit
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one line in the caller's transaction.</summary>
    public static Task<int> WriteAsync(
        AutomationDb db, string actor, string action, string subject, string? reason, object? before, object? after, DateTimeOffset now, CancellationToken cancellation) =>
        db.InsertManyAsync(
            "audit_entries", ["id", "at", "actor", "action", "subject", "reason", "before", "after"],
            [[Guid.CreateVersion7(now), now, actor, action, subject, reason, Text(before), Text(after)]], "", cancellation);

    private static string? Text(object? value) => value is null ? null : JsonSerializer.Serialize(value, Json);
}

internal sealed class AuditEntryMapping : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entry)
    {
        entry.ToTable("audit_entries");
        entry.HasKey(e => e.Id);
        entry.Property(e => e.Actor).HasMaxLength(100);
        entry.Property(e => e.Action).HasMaxLength(64);
        entry.Property(e => e.Subject).HasMaxLength(300);
        entry.Property(e => e.Reason).HasMaxLength(AuditEntry.MaxReason);
        entry.HasIndex(e => new { e.Action, e.Id });              // one kind's list, newest first
    }
}

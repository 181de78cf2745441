using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Storage;

/// <summary>Who changed what that matters to others, and why. Only ever added: triggers in both databases refuse everything else.</summary>
public sealed class AuditEntry
{
    public const int MaxReason = 500;

    public Guid Id { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>The user's name.</summary>
    public required string Actor { get; init; }

    /// <summary>Network address; null when it was not asked for over the network.</summary>
    public string? Address { get; init; }

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
    private static readonly AsyncLocal<string?> Origin = new();
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Where the request under way comes from; set once for each.</summary>
    public static string? Address
    {
        get => Origin.Value;
        set => Origin.Value = value;
    }

    /// <summary>Writes one line, for which nobody gives a reason, in the caller's transaction.</summary>
    /// <param name="before">Without passwords, keys and codes.</param>
    public static Task<int> WriteAsync(
        AutomationDb db, string actor, string action, string subject, object? before, object? after, DateTimeOffset now, CancellationToken cancellation) =>
        WriteAsync(db, actor, action, subject, reason: null, before, after, now, cancellation);

    /// <summary>Writes one line in the caller's transaction.</summary>
    public static Task<int> WriteAsync(
        AutomationDb db, string actor, string action, string subject, string? reason, object? before, object? after, DateTimeOffset now, CancellationToken cancellation) =>
        db.InsertManyAsync(
            "audit_entries", ["id", "at", "actor", "address", "action", "subject", "reason", "before", "after"],
            [[RowId.New(now), now, Cut(actor, 100), Address is { } address ? Cut(address, 64) : null, action, Cut(subject, 300), reason, Text(before), Text(after)]], "", cancellation);

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private static string? Text(object? value) => value is null ? null : JsonSerializer.Serialize(value, Json);
}

internal sealed class AuditEntryMapping : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entry)
    {
        entry.ToTable("audit_entries", table => table.HasTrigger("audit_entries_stay"));
        entry.HasKey(e => e.Id);
        entry.Property(e => e.Actor).HasMaxLength(100);
        entry.Property(e => e.Address).HasMaxLength(64);
        entry.Property(e => e.Action).HasMaxLength(64);
        entry.Property(e => e.Subject).HasMaxLength(300);
        entry.Property(e => e.Reason).HasMaxLength(AuditEntry.MaxReason);
        entry.HasIndex(e => new { e.At, e.Id });                  // the trail, newest first
        entry.HasIndex(e => new { e.Action, e.Id });              // one kind's list, newest first
    }
}

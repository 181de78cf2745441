using System.Text.Json;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys.Control;

/// <summary>Something that somebody, or the guard, did to a flow or to one run of it. Only ever added.</summary>
public sealed class FlowAction
{
    public const string Published = "published";
    public const string Retracted = "retracted";
    public const string Reverted = "reverted";
    public const string Deleted = "deleted";
    public const string Paused = "paused";
    public const string Resumed = "resumed";
    public const string Stopped = "stopped";
    public const string Migrated = "migrated";
    public const string EntryHeld = "entry-held";
    public const string EntryReleased = "entry-released";
    public const string Missed = "missed";

    /// <summary>Who acts when nobody does.</summary>
    public const string ByItself = "automation";

    public long Id { get; init; }
    public required string DefinitionId { get; init; }

    /// <summary>Null: the whole flow.</summary>
    public Guid? InstanceId { get; init; }

    public required string What { get; init; }
    public required string Who { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>Figures and names, as JSON.</summary>
    public string Detail { get; init; } = "{}";
}

internal sealed class FlowActionMapping : IEntityTypeConfiguration<FlowAction>
{
    public void Configure(EntityTypeBuilder<FlowAction> action)
    {
        action.ToTable("flow_actions");
        action.HasKey(a => a.Id);
        action.Property(a => a.DefinitionId).HasMaxLength(100);
        action.Property(a => a.What).HasMaxLength(32);
        action.Property(a => a.Who).HasMaxLength(100);
        action.HasIndex(a => new { a.DefinitionId, a.Id });       // a flow's history, newest first
    }
}

internal static class FlowActions
{
    /// <summary>Writes it down in the caller's transaction.</summary>
    public static async Task NoteAsync(
        this AutomationDb db, string definitionId, Guid? instanceId, string what, string who, DateTimeOffset now, object? detail, CancellationToken cancellation)
    {
        await db.InsertManyAsync(
            "flow_actions", ["definition_id", "instance_id", "what", "who", "at", "detail"],
            [[definitionId, instanceId, what, who, now, detail is null ? "{}" : JsonSerializer.Serialize(detail, JsonSerializerOptions.Web)]], "", cancellation);
        // That somebody was missed changes nothing; whatever else is noted is somebody's doing, or the guard's.
        if (what is FlowAction.Missed) return;
        await Audit.WriteAsync(db, who, "flow." + what, definitionId, before: null, instanceId is null ? detail : new { Run = instanceId, Detail = detail }, now, cancellation);
    }
}

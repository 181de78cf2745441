using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys;

/// <summary>Where one person's run through a flow stands.</summary>
public enum FlowInstanceStatus { Running, Finished, Faulted, Cancelled }

/// <summary>One person's run through one version of a flow.</summary>
public sealed class FlowInstance
{
    public Guid Id { get; init; }
    public required string DefinitionId { get; init; }
    public required string DefinitionVersionId { get; init; }

    /// <summary>Elsa's correlation id.</summary>
    public Guid ContactId { get; init; }

    /// <summary>Which entry of this person into this flow it is, from 1.</summary>
    public int Entry { get; init; }

    /// <summary>What a <c>per-key</c> run is known by; empty otherwise.</summary>
    public string EntryKey { get; init; } = "";

    public FlowInstanceStatus Status { get; set; }

    /// <summary>Why it ended: goal, exit rule, unsubscribed, …; empty while it runs or when it simply finished.</summary>
    public string EndReason { get; set; } = "";

    /// <summary>The runtime's state as JSON.</summary>
    public string State { get; set; } = "";

    /// <summary>The event that started the run, as JSON.</summary>
    public string Event { get; init; } = "{}";

    /// <summary>Since when this run by itself is held; null: it goes on as its flow does.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Grows with each burst: two workers never save the same one.</summary>
    public int Revision { get; set; }

    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
}

/// <summary>Something a run waits for: an instant, an event, a mail's outcome.</summary>
public sealed class FlowBookmark
{
    /// <summary>The runtime's id of the bookmark.</summary>
    public required string Id { get; init; }

    public Guid InstanceId { get; init; }
    public Guid ContactId { get; init; }

    /// <summary>The waiting activity's type, e.g. <c>Automation.WaitForEvent</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What a stimulus is matched by, e.g. the event type or a message identity.</summary>
    public required string Key { get; init; }

    public string NodeId { get; init; } = "";

    /// <summary>When the wait ends by itself.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When it ended by itself while its flow or run was paused; it comes due again when that goes on.</summary>
    public DateTimeOffset? HeldDueAt { get; init; }
}

/// <summary>One line of a run's journal that a person cares about.</summary>
public sealed class FlowStep
{
    public long Id { get; init; }
    public Guid InstanceId { get; init; }
    public Guid ContactId { get; init; }
    public required string ActivityType { get; init; }
    public required string ActivityId { get; init; }

    /// <summary>Elsa's event name: Started, Completed, Suspended, Resumed, Faulted, Canceled.</summary>
    public required string Happened { get; init; }

    public string Detail { get; init; } = "";
    public DateTimeOffset At { get; init; }
}

internal sealed class FlowInstanceMapping
    : IEntityTypeConfiguration<FlowInstance>, IEntityTypeConfiguration<FlowBookmark>, IEntityTypeConfiguration<FlowStep>
{
    public void Configure(EntityTypeBuilder<FlowInstance> instance)
    {
        instance.ToTable("flow_instances");
        instance.HasKey(i => i.Id);
        instance.Property(i => i.DefinitionId).HasMaxLength(100);
        instance.Property(i => i.DefinitionVersionId).HasMaxLength(100);
        instance.Property(i => i.EntryKey).HasMaxLength(100);
        instance.Property(i => i.Status).HasConversion<string>().HasMaxLength(16);
        instance.Property(i => i.EndReason).HasMaxLength(32);
        instance.Property(i => i.Revision).IsConcurrencyToken();
        // A person's entries into a flow: re-entry rules, and no number given twice.
        instance.HasIndex(i => new { i.ContactId, i.DefinitionId, i.EntryKey, i.Entry }).IsUnique();
        instance.HasIndex(i => new { i.DefinitionId, i.Status });             // the flows page
    }

    public void Configure(EntityTypeBuilder<FlowBookmark> bookmark)
    {
        bookmark.ToTable("flow_bookmarks");
        bookmark.HasKey(b => new { b.InstanceId, b.Id });
        bookmark.Property(b => b.Id).HasMaxLength(64);
        bookmark.Property(b => b.Name).HasMaxLength(100);
        bookmark.Property(b => b.Key).HasMaxLength(300);
        bookmark.HasIndex(b => b.DueAt);                                      // whose wait is over
        bookmark.HasIndex(b => new { b.Name, b.Key });                        // everybody who waits for this
    }

    public void Configure(EntityTypeBuilder<FlowStep> step)
    {
        step.ToTable("flow_steps");
        step.HasKey(s => s.Id);
        step.Property(s => s.ActivityType).HasMaxLength(100);
        step.Property(s => s.ActivityId).HasMaxLength(100);
        step.Property(s => s.Happened).HasMaxLength(24);
        step.HasIndex(s => new { s.ContactId, s.At });                        // a person's timeline
    }
}

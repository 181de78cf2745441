using System.Globalization;
using Automation.Workflows.Definitions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys;

/// <summary>
/// One version of a flow. A version that has been published once never changes again; live runs finish on theirs.
/// <code>
/// draft ─► published ─► superseded | retracted
///   └──────────────────► deleted ◄────┘ while nobody is inside
/// </code>
/// </summary>
public sealed class FlowDefinition
{
    public const int MaxName = 200;
    public const int MaxDescription = 2000;
    public const int MaxDefinitionId = 80;

    /// <summary>Elsa's id of the version; never given twice.</summary>
    public required string Id { get; init; }

    /// <summary>Elsa's id over all versions.</summary>
    public required string DefinitionId { get; init; }

    public required string Name { get; set; }
    public string Description { get; set; } = "";

    /// <summary>From 1; grows over deleted versions too.</summary>
    public int Version { get; init; }

    /// <summary>The newest version, draft or not; one per flow.</summary>
    public bool IsLatest { get; set; }

    /// <summary>The version that new runs begin on; at most one per flow.</summary>
    public bool IsPublished { get; set; }

    /// <summary>The Elsa 3 definition as saved. Its flags may be those of an earlier moment: <see cref="Definition"/> puts them right.</summary>
    public required string Json { get; set; }

    /// <summary>Hash of the shipped file the version came from; null for one made in the product.</summary>
    public string? FileHash { get; init; }

    /// <summary>Grows with each save of the draft.</summary>
    public int Revision { get; set; }

    public DateTimeOffset CreatedAt { get; init; }
    public string CreatedBy { get; init; } = "";
    public DateTimeOffset ChangedAt { get; set; }
    public string ChangedBy { get; set; } = "";

    /// <summary>When it was published first; from then on it is immutable.</summary>
    public DateTimeOffset? PublishedAt { get; set; }

    public string? PublishedBy { get; set; }

    public bool IsDraft => PublishedAt is null;

    /// <summary>The definition with the ids, names and flags of this row.</summary>
    public WorkflowDefinition Definition()
    {
        var definition = WorkflowJson.Read(Json, Id);
        (definition.Id, definition.DefinitionId, definition.Name, definition.Version) = (Id, DefinitionId, Name, Version);
        (definition.IsLatest, definition.IsPublished) = (IsLatest, IsPublished);
        if (Description.Length > 0) definition.Description = Description;
        return definition;
    }

    internal static string IdOf(string definitionId, int version) => string.Create(CultureInfo.InvariantCulture, $"{definitionId}:{version}");
}

/// <summary>What starts a published flow: the index over its trigger activities.</summary>
public sealed class FlowTrigger
{
    public Guid Id { get; init; }
    public required string DefinitionVersionId { get; init; }
    public required string DefinitionId { get; init; }
    public required string ActivityId { get; init; }

    /// <summary>The trigger's activity type, e.g. <c>Automation.EventReceived</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What a stimulus is matched by, e.g. the event type.</summary>
    public required string Key { get; init; }

    /// <summary>The trigger's payload as JSON.</summary>
    public required string Payload { get; init; }
}

internal sealed class FlowDefinitionMapping : IEntityTypeConfiguration<FlowDefinition>, IEntityTypeConfiguration<FlowTrigger>
{
    public void Configure(EntityTypeBuilder<FlowDefinition> definition)
    {
        definition.ToTable("flow_definitions");
        definition.HasKey(d => d.Id);
        definition.Property(d => d.Id).HasMaxLength(100);
        definition.Property(d => d.DefinitionId).HasMaxLength(100);
        definition.Property(d => d.Name).HasMaxLength(FlowDefinition.MaxName);
        definition.Property(d => d.Description).HasMaxLength(FlowDefinition.MaxDescription);
        definition.Property(d => d.Revision).IsConcurrencyToken();
        definition.Property(d => d.CreatedBy).HasMaxLength(100);
        definition.Property(d => d.ChangedBy).HasMaxLength(100);
        definition.Property(d => d.PublishedBy).HasMaxLength(100);
        definition.HasIndex(d => new { d.DefinitionId, d.Version }).IsUnique();
    }

    public void Configure(EntityTypeBuilder<FlowTrigger> trigger)
    {
        trigger.ToTable("flow_triggers");
        trigger.HasKey(t => t.Id);
        trigger.Property(t => t.Name).HasMaxLength(100);
        trigger.Property(t => t.Key).HasMaxLength(200);
        trigger.HasIndex(t => new { t.Name, t.Key });             // which flows does this start
        trigger.HasIndex(t => t.DefinitionId);                    // re-indexed on publish
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys;

/// <summary>One version of a flow. A published version is immutable; live runs finish on theirs.</summary>
public sealed class FlowDefinition
{
    /// <summary>Elsa's id of the version.</summary>
    public required string Id { get; init; }

    /// <summary>Elsa's id over all versions.</summary>
    public required string DefinitionId { get; init; }

    public required string Name { get; init; }
    public int Version { get; init; }
    public bool IsLatest { get; set; }
    public bool IsPublished { get; set; }

    /// <summary>The Elsa 3 definition as given.</summary>
    public required string Json { get; init; }

    /// <summary>Hash of the shipped file the version came from; null for one made in the product.</summary>
    public string? FileHash { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
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

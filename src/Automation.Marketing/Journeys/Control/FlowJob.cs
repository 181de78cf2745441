using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys.Control;

/// <summary>Work on all runs of a flow, done in batches, each of which commits with how far it came.</summary>
public enum FlowJobKind
{
    /// <summary>Mail of a paused flow is held back.</summary>
    HoldMail,

    /// <summary>Waits, mail and what was kept of a flow that was held go on.</summary>
    Release,

    /// <summary>Runs end.</summary>
    Stop,

    /// <summary>Runs move to another version.</summary>
    Migrate,
}

/// <summary>One such work.</summary>
public sealed class FlowJob
{
    public Guid Id { get; init; }
    public required string DefinitionId { get; init; }
    public FlowJobKind Kind { get; init; }

    /// <summary>What exactly, as JSON.</summary>
    public string Payload { get; init; } = "{}";

    public required string Who { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>How far it came; what it means is the kind's own.</summary>
    public string Progress { get; set; } = "";

    /// <summary>Runs or rows worked on.</summary>
    public int Done { get; set; }

    /// <summary>Runs that stay as they are.</summary>
    public int Stayed { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }
}

internal sealed class FlowJobMapping : IEntityTypeConfiguration<FlowJob>
{
    public void Configure(EntityTypeBuilder<FlowJob> job)
    {
        job.ToTable("flow_jobs");
        job.HasKey(j => j.Id);
        job.Property(j => j.DefinitionId).HasMaxLength(100);
        job.Property(j => j.Kind).HasConversion<string>().HasMaxLength(16);
        job.Property(j => j.Who).HasMaxLength(100);
        job.Property(j => j.Progress).HasMaxLength(100);
        job.HasIndex(j => new { j.FinishedAt, j.CreatedAt });     // the next one to work on
        job.HasIndex(j => j.DefinitionId);                        // a flow's page
    }
}

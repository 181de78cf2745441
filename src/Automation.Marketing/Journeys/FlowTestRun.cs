using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys;

/// <summary>
/// One try of a flow with one person, waits skipped. It is kept apart from the runs: it counts nowhere, nothing was sent, and nothing was
/// stored with the person.
/// </summary>
public sealed class FlowTestRun
{
    public Guid Id { get; init; }
    public required string DefinitionId { get; init; }
    public required string DefinitionVersionId { get; init; }
    public Guid ContactId { get; init; }
    public required string StartedBy { get; init; }
    public FlowInstanceStatus Status { get; set; }

    /// <summary>The runtime's state at the end, as JSON.</summary>
    public string State { get; set; } = "";

    /// <summary>What each step did: <see cref="FlowTestLine"/>s as JSON.</summary>
    public string Lines { get; set; } = "[]";

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The moment the skipped waits led to.</summary>
    public DateTimeOffset EndedAt { get; set; }
}

/// <summary>One line of a test run's journal.</summary>
/// <param name="Execution">The one execution of the activity.</param>
/// <param name="Mail">The mail that the step would have asked for; null on other lines.</param>
public sealed record FlowTestLine(
    long Sequence, string Happened, string ActivityId, string NodeId, string ActivityType, string? ActivityName, string Execution, DateTimeOffset At,
    string? Outcomes, string? Problem, FlowTestMail? Mail);

/// <summary>A mail as the person would have got it.</summary>
/// <param name="Subject">Begins with <c>[TEST]</c>.</param>
/// <param name="Problem">Why it could not be made; null when it could.</param>
public sealed record FlowTestMail(string Template, string Subject, string Text, string Html, string? Problem);

/// <summary>A run that somebody took off the designer's lists. The run itself stays: it is a part of its person's history.</summary>
public sealed class HiddenRun
{
    public Guid InstanceId { get; init; }
    public required string By { get; init; }
    public DateTimeOffset At { get; init; }
}

internal sealed class FlowTestRunMapping : IEntityTypeConfiguration<FlowTestRun>, IEntityTypeConfiguration<HiddenRun>
{
    public void Configure(EntityTypeBuilder<FlowTestRun> run)
    {
        run.ToTable("flow_test_runs");
        run.HasKey(r => r.Id);
        run.Property(r => r.DefinitionId).HasMaxLength(100);
        run.Property(r => r.DefinitionVersionId).HasMaxLength(100);
        run.Property(r => r.StartedBy).HasMaxLength(100);
        run.Property(r => r.Status).HasConversion<string>().HasMaxLength(16);
    }

    public void Configure(EntityTypeBuilder<HiddenRun> hidden)
    {
        hidden.ToTable("hidden_runs");
        hidden.HasKey(h => h.InstanceId);
        hidden.Property(h => h.By).HasMaxLength(100);
    }
}

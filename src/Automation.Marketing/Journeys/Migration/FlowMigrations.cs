using System.Text.Json;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Journeys.Migration;

/// <summary>A wish to move live runs from one version of a flow to another.</summary>
/// <param name="From">Version number.</param>
/// <param name="To">Version number; published at some time.</param>
/// <param name="Steps">New step ids by old ones: each step in which runs wait that shall move.</param>
public sealed record FlowMigration(int From, int To, IReadOnlyDictionary<string, string> Steps);

/// <summary>What a migration would do with the runs that wait in one step.</summary>
/// <param name="Step">Id of the step in the old version.</param>
/// <param name="Waiting">How many wait there.</param>
/// <param name="Target">Where they go; null: they stay.</param>
/// <param name="Stay">Why they stay.</param>
public sealed record MigrationLine(string Step, string? Name, int Waiting, string? Target, WorkflowStay? Stay);

/// <param name="Moving">Runs whose every wait is mapped.</param>
/// <param name="Staying">Runs that finish on their version.</param>
public sealed record MigrationPreview(IReadOnlyList<MigrationLine> Lines, int Moving, int Staying);

/// <summary>Moves live runs between versions, by a map of steps that somebody has seen the figures of (brief §4.5).</summary>
public sealed class FlowMigrations(FlowCatalogue flows)
{
    /// <exception cref="RuleBrokenException">A version does not exist, or cannot be run.</exception>
    public async Task<MigrationPreview> PreviewAsync(AutomationDb db, string definitionId, FlowMigration wanted, CancellationToken cancellation)
    {
        var (from, to) = await VersionsAsync(db, definitionId, wanted, cancellation);
        var migration = new WorkflowMigration(from.Graph, to.Graph, wanted.Steps);
        var waits = await db.QueryAsync(
            """
            SELECT b.instance_id, b.node_id FROM flow_bookmarks b JOIN flow_instances i ON i.id = b.instance_id
            WHERE i.definition_id = @p0 AND i.status = 'Running' AND i.definition_version_id = @p1
            """,
            row => (Run: row.Guid(0), Node: row.Text(1)), cancellation, definitionId, from.Graph.Definition.Id);
        var staying = waits.GroupBy(wait => wait.Node).ToDictionary(group => group.Key, group => migration.WhyStay(group.Key), StringComparer.Ordinal);
        var lines = waits.GroupBy(wait => wait.Node).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => Line(from, group.Key, group.Count(), staying[group.Key], wanted));
        var runs = waits.GroupBy(wait => wait.Run).ToList();
        var moving = runs.Count(run => run.All(wait => staying[wait.Node] is null));
        return new MigrationPreview([.. lines], moving, runs.Count - moving);
    }

    /// <summary>Asks for the migration; it is done in batches. What it does was shown before: a map without effect is refused.</summary>
    /// <exception cref="RuleBrokenException">A version does not exist or was never published, or no run would move.</exception>
    public async Task<FlowJob> StartAsync(AutomationDb db, string definitionId, FlowMigration wanted, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        if (wanted.From == wanted.To) throw new RuleBrokenException("A migration goes from one version to another.");
        var preview = await PreviewAsync(db, definitionId, wanted, cancellation);
        if (preview.Moving == 0) throw new RuleBrokenException("No run would move: map the steps in which people wait.");
        var (_, to) = await VersionsAsync(db, definitionId, wanted, cancellation);
        if (await db.FlowDefinitions.AnyAsync(one => one.Id == to.Graph.Definition.Id && one.PublishedAt == null, cancellation))
            throw new RuleBrokenException($"Version {wanted.To} was never published; publish it first.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldFlowAsync(definitionId, cancellation);
        var job = await FlowControlling.AddJobAsync(db, definitionId, FlowJobKind.Migrate, wanted, who, now, cancellation);
        await db.NoteAsync(
            definitionId, null, FlowAction.Migrated, who, now, new { from = wanted.From, to = wanted.To, steps = wanted.Steps, moving = preview.Moving, staying = preview.Staying }, cancellation);
        await transaction.CommitAsync(cancellation);
        return job;
    }

    /// <summary>Moves the next runs, in the caller's transaction. A run moved before is on its new version and not met again.</summary>
    internal async Task BatchAsync(AutomationDb db, FlowJob job, int atATime, DateTimeOffset now, CancellationToken cancellation)
    {
        var wanted = JsonSerializer.Deserialize<FlowMigration>(job.Payload, JsonSerializerOptions.Web)!;
        var (from, to) = await VersionsAsync(db, job.DefinitionId, wanted, cancellation);
        var migration = new WorkflowMigration(from.Graph, to.Graph, wanted.Steps);
        var live = await FlowJobs.LiveAsync(db, job, job.Progress, from.Graph.Definition.Id, cancellation);
        var ids = live.Select(run => run.Instance).ToHashSet();
        var runs = await FlowRows.LiveOfAsync(db, [.. live.Select(run => run.Contact).Distinct()], cancellation);
        foreach (var run in runs.Where(run => ids.Contains(run.Instance.Id) && run.Instance.DefinitionVersionId == from.Graph.Definition.Id))
        {
            if (Moved(migration, run) is { } state)
            {
                await MoveAsync(db, run.Instance, state, now, cancellation);
                job.Done++;
            }
            else job.Stayed++;
        }
        if (live.Count < atATime) job.FinishedAt = now;
        else job.Progress = live[^1].Instance.ToString();
    }

    // A run whose state cannot be read is somebody else's trouble.
    private static WorkflowState? Moved(WorkflowMigration migration, FlowRun run)
    {
        try
        {
            return migration.Move(run.State);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static async Task MoveAsync(AutomationDb db, FlowInstance instance, WorkflowState state, DateTimeOffset now, CancellationToken cancellation)
    {
        var moved = await db.ExecuteAsync(
            "UPDATE flow_instances SET definition_version_id = @p2, state = @p3, revision = revision + 1, updated_at = @p4 WHERE id = @p0 AND revision = @p1", cancellation,
            instance.Id, instance.Revision, state.DefinitionVersionId, state.ToJson(), now);
        if (moved == 0) throw new InvalidOperationException("A run was changed by another worker meanwhile.");
        await db.ExecuteManyAsync(
            "UPDATE flow_bookmarks SET node_id = @p2 WHERE instance_id = @p0 AND id = @p1",
            [.. state.Bookmarks.Select(mark => new object?[] { instance.Id, mark.Id, mark.ActivityNodeId })], cancellation);
    }

    private static MigrationLine Line(LoadedFlow from, string nodeId, int waiting, WorkflowStay? stay, FlowMigration wanted)
    {
        var step = from.Graph.Find(nodeId);
        var id = step?.Id ?? nodeId;
        return new MigrationLine(id, step?.Name, waiting, stay is null ? wanted.Steps[id] : null, stay);
    }

    private async Task<(LoadedFlow From, LoadedFlow To)> VersionsAsync(AutomationDb db, string definitionId, FlowMigration wanted, CancellationToken cancellation) =>
        (await VersionAsync(db, definitionId, wanted.From, cancellation), await VersionAsync(db, definitionId, wanted.To, cancellation));

    private async Task<LoadedFlow> VersionAsync(AutomationDb db, string definitionId, int version, CancellationToken cancellation)
    {
        var id = await db.FlowDefinitions.Where(one => one.DefinitionId == definitionId && one.Version == version).Select(one => one.Id).SingleOrDefaultAsync(cancellation)
            ?? throw new RuleBrokenException($"'{definitionId}' has no version {version}.");
        return await flows.LoadAsync(db, id, cancellation);
    }
}

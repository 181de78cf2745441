using System.Text.Json;
using Automation.Marketing.Journeys.Migration;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Journeys.Control;

/// <summary>
/// Works on flow jobs, one batch a transaction. A process that dies in the middle leaves whole batches behind; whoever comes
/// next goes on from there.
/// </summary>
public sealed class FlowJobs(IDbContextFactory<AutomationDb> dbs, FlowEngine engine, FlowMigrations migrations, TimeProvider clock, ILogger<FlowJobs> logger)
{
    private const int AtATime = 200;

    private const string WaitsDone = "waits";
    private const string MailDone = "mail";

    /// <returns>Batches done; 0 when there is nothing to do.</returns>
    public async Task<int> WorkAsync(CancellationToken stopping)
    {
        await using var db = await dbs.CreateDbContextAsync(stopping);
        await using var transaction = await db.BeginWriteAsync(stopping);
        var next = await db.QueryAsync(
            $"SELECT id FROM flow_jobs WHERE finished_at IS NULL ORDER BY created_at, id LIMIT 1{db.Dialect.SkipLocked}", row => row.Guid(0), stopping);
        if (next.Count == 0) return 0;
        var job = await db.FlowJobs.SingleAsync(one => one.Id == next[0], stopping);
        await (job.Kind switch
        {
            FlowJobKind.HoldMail => HoldMailAsync(db, job, stopping),
            FlowJobKind.Release => ReleaseAsync(db, job, stopping),
            FlowJobKind.Stop => StopAsync(db, job, stopping),
            FlowJobKind.Migrate => migrations.BatchAsync(db, job, AtATime, clock.GetUtcNow(), stopping),
            _ => throw new InvalidOperationException($"No flow job is of the kind {job.Kind}."),
        });
        await db.SaveChangesAsync(stopping);
        await transaction.CommitAsync(stopping);
        if (job.FinishedAt is not null) logger.JobFinished(job.Kind, job.DefinitionId, job.Done);
        return 1;
    }

    private async Task HoldMailAsync(AutomationDb db, FlowJob job, CancellationToken cancellation)
    {
        // Resumed meanwhile: nothing is to be held any more.
        var paused = await db.FlowControls.AnyAsync(control => control.DefinitionId == job.DefinitionId && control.PausedAt != null, cancellation);
        var held = paused ? await Outbox.HoldOfFlowAsync(db, job.DefinitionId, AtATime, clock.GetUtcNow(), cancellation) : 0;
        job.Done += held;
        if (held == 0) job.FinishedAt = clock.GetUtcNow();
    }

    private async Task ReleaseAsync(AutomationDb db, FlowJob job, CancellationToken cancellation)
    {
        var release = JsonSerializer.Deserialize<FlowRelease>(job.Payload, JsonSerializerOptions.Web)!;
        var now = clock.GetUtcNow();
        if (job.Progress is not (WaitsDone or MailDone))
        {
            var runs = await LiveAsync(db, job, job.Progress, version: null, cancellation);
            await FlowRelease.WaitsAsync(db, [.. runs.Select(run => run.Instance)], cancellation);
            job.Progress = runs.Count < AtATime ? WaitsDone : runs[^1].Instance.ToString();
        }
        else if (job.Progress == WaitsDone)
        {
            if (await Outbox.ReleaseOfFlowAsync(db, job.DefinitionId, AtATime, now, cancellation) < AtATime) job.Progress = MailDone;
        }
        else
        {
            var held = await release.HeldAsync(db, job.DefinitionId, AtATime, now, cancellation);
            job.Done += held;
            if (held < AtATime) job.FinishedAt = now;
        }
    }

    private async Task StopAsync(AutomationDb db, FlowJob job, CancellationToken cancellation)
    {
        var runs = await LiveAsync(db, job, job.Progress, version: null, cancellation);
        await engine.EndAsync(db, [.. runs.Select(run => new Occasion.MustEnd(run.Instance, run.Contact, ExitReasons.Stopped))], cancellation);
        job.Done += runs.Count;
        if (runs.Count < AtATime) job.FinishedAt = clock.GetUtcNow();
        else job.Progress = runs[^1].Instance.ToString();
    }

    /// <summary>The next live runs in the order of their ids, with their people held. Those who entered after the job was asked for are not concerned.</summary>
    internal static async Task<List<(Guid Instance, Guid Contact)>> LiveAsync(
        AutomationDb db, FlowJob job, string after, string? version, CancellationToken cancellation)
    {
        var runs = await db.QueryAsync(
            $"""
            SELECT id, contact_id FROM flow_instances
            WHERE definition_id = @p0 AND status = 'Running' AND id > @p1 AND started_at <= @p2 {(version is null ? "" : "AND definition_version_id = @p3")}
            ORDER BY id LIMIT {AtATime}
            """,
            row => (Instance: row.Guid(0), Contact: row.Guid(1)), cancellation,
            [job.DefinitionId, Guid.TryParse(after, out var id) ? id : Guid.Empty, job.CreatedAt, .. version is null ? Array.Empty<object?>() : [version]]);
        await db.HoldAsync("contacts", runs.Select(run => run.Contact).Distinct(), cancellation);
        return runs;
    }
}

internal static partial class FlowJobsLog
{
    [LoggerMessage(3011, LogLevel.Information, "{Kind} of flow {Flow} is done: {Count}")]
    public static partial void JobFinished(this ILogger logger, FlowJobKind kind, string flow, int count);
}

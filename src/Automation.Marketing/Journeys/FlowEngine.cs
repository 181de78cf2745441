using System.Data.Common;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Journeys;

/// <summary>
/// Runs flows on what happens. What is due for many people is worked off in one transaction, in which the runs' new
/// states, their waits, their journal and all that their steps ask for commit together.
/// </summary>
/// <remarks>
/// No two workers run one instance at once: a worker holds the person's row for as long as its transaction lives. That is
/// the lease; it ends with the worker, at once, and what a worker without it would still write cannot commit. The run's
/// revision fences it off a second time.
/// </remarks>
public sealed class FlowEngine(
    IDbContextFactory<AutomationDb> dbs, FlowCatalogue flows, WorkflowRunner runner, TemplateCatalogue templates, ITemplateRenderer renderer,
    TimeProvider clock, ILogger<FlowEngine> logger)
{
    /// <summary>Occasions a transaction: enough to share what a commit costs, few enough that other writers hardly wait.</summary>
    public const int AtATime = 100;

    private const int MostAttempts = 3;

    private readonly FlowTools tools = new(flows, runner, templates, renderer, logger);

    private delegate Task<IReadOnlyList<Occasion>> Claim(AutomationDb db, DateTimeOffset now, int atMost, CancellationToken cancellation);

    /// <summary>Works off some of what has happened, then some of the waits that are over: neither keeps the other waiting.</summary>
    /// <returns>How much was done; 0 when nothing is due.</returns>
    public async Task<int> WorkAsync(CancellationToken stopping) =>
        await SomeAsync(Occasion.ClaimHappenedAsync, stopping) + await SomeAsync(Occasion.ClaimWaitsAsync, stopping);

    /// <summary>Ends one person's run where it stands, because somebody said so.</summary>
    /// <returns>False when there is no such run, or it has ended already.</returns>
    public async Task<bool> StopAsync(Guid instanceId, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var person = await db.FlowInstances.AsNoTracking().Where(instance => instance.Id == instanceId).Select(instance => instance.ContactId).SingleOrDefaultAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldAsync("contacts", [person], cancellation);
        if (!await new FlowRound(tools, db, [new Occasion.WaitIsOver(instanceId, "", person)], clock.GetUtcNow()).StopAsync(instanceId, cancellation)) return false;
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private async Task<int> SomeAsync(Claim claim, CancellationToken stopping)
    {
        try
        {
            return await TogetherAsync(claim, stopping);
        }
        catch (Exception problem) when (MayLieInARun(problem))
        {
            logger.RoundFailed(problem);
        }
        // One of them takes the others' transaction down with it: each by itself, it is found and set apart.
        var done = 0;
        while (done < AtATime && await OneAsync(claim, stopping)) done++;
        return done;
    }

    private async Task<int> TogetherAsync(Claim claim, CancellationToken stopping)
    {
        await using var db = await dbs.CreateDbContextAsync(stopping);
        await using var transaction = await db.BeginWriteAsync(stopping);
        var now = clock.GetUtcNow();
        var occasions = await claim(db, now, AtATime, stopping);
        if (occasions.Count == 0) return 0;
        await new FlowRound(tools, db, occasions, now).WorkAsync(stopping);
        await transaction.CommitAsync(stopping);
        return occasions.Count;
    }

    private async Task<bool> OneAsync(Claim claim, CancellationToken stopping)
    {
        var notStarted = new HashSet<string>(StringComparer.Ordinal);
        Occasion? occasion = null;
        for (var attempt = 1; ; attempt++)
        {
            FlowRound? round = null;
            try
            {
                await using var db = await dbs.CreateDbContextAsync(stopping);
                await using var transaction = await db.BeginWriteAsync(stopping);
                var now = clock.GetUtcNow();
                var occasions = await claim(db, now, 1, stopping);
                if (occasions.Count == 0) return false;
                if (occasion != occasions[0]) notStarted.Clear();
                occasion = occasions[0];
                round = new FlowRound(tools, db, occasions, now) { OneByOne = true, NotStarted = notStarted };
                await round.WorkAsync(stopping);
                await transaction.CommitAsync(stopping);
                return true;
            }
            catch (Exception problem) when (MayLieInARun(problem) && (round?.Current is not null || occasion is Occasion.Happened))
            {
                // A database may have had a bad moment; anything else fails the same way again.
                if (problem is DbException && attempt < MostAttempts) continue;
                if (round?.Current is not { } run)
                {
                    await SetApartAsync((Occasion.Happened)occasion!, problem);
                    return true;
                }
                // The rest of the occasion is tried again without it.
                await SetApartAsync(run, problem);
                if (run.IsNew) notStarted.Add(run.Instance.DefinitionId);
                attempt = 0;
            }
        }
    }

    // An outage says nothing about a run; the work is tried again when it is over.
    private static bool MayLieInARun(Exception problem) => problem is not (OperationCanceledException or DbException { IsTransient: true });

    private async Task SetApartAsync(FlowRun run, Exception problem)
    {
        logger.RunPoisoned(problem, run.Instance.Id, run.Instance.DefinitionVersionId);
        await using var db = await dbs.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.BeginWriteAsync(CancellationToken.None);
        await db.HoldAsync("contacts", [run.Instance.ContactId], CancellationToken.None);
        var now = clock.GetUtcNow();
        await FlowRows.SetApartAsync(db, run, run.SetApart(problem, now), now, CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
    }

    private async Task SetApartAsync(Occasion.Happened happened, Exception problem)
    {
        logger.StimulusFailed(problem, happened.Id);
        await using var db = await dbs.CreateDbContextAsync(CancellationToken.None);
        await db.ExecuteAsync("UPDATE stimuli SET failures = failures + 1 WHERE id = @p0", CancellationToken.None, happened.Id);
    }
}

internal static partial class FlowLog
{
    [LoggerMessage(3001, LogLevel.Error, "Stimulus {Id} could not be worked off")]
    public static partial void StimulusFailed(this ILogger logger, Exception problem, long id);

    [LoggerMessage(3002, LogLevel.Warning, "Run {Instance} of {Flow} faulted at {Activity}")]
    public static partial void RunFaulted(this ILogger logger, Guid instance, string flow, string activity);

    [LoggerMessage(3003, LogLevel.Error, "Run {Instance} of {Flow} cannot go on and is set apart")]
    public static partial void RunPoisoned(this ILogger logger, Exception problem, Guid instance, string flow);

    [LoggerMessage(3004, LogLevel.Warning, "A round of flows failed; its occasions are worked off one by one")]
    public static partial void RoundFailed(this ILogger logger, Exception problem);
}

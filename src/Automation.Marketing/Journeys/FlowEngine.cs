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

    /// <summary>Works off some of what has happened and some of the waits that are over: neither keeps the other waiting.</summary>
    /// <returns>How much was done; 0 when nothing is due.</returns>
    public async Task<int> WorkAsync(CancellationToken stopping)
    {
        try
        {
            return await TogetherAsync(stopping);
        }
        catch (Exception problem) when (MayLieInARun(problem))
        {
            logger.RoundFailed(problem);
        }
        // One of them takes the others' transaction down with it: each by itself, it is found and set apart.
        var done = 0;
        while (done < AtATime && await OneAsync(stopping)) done++;
        return done;
    }

    /// <summary>Ends these runs and withdraws their waiting mail, in the caller's transaction, which holds their people.</summary>
    internal async Task EndAsync(AutomationDb db, IReadOnlyList<Occasion.MustEnd> runs, CancellationToken cancellation)
    {
        if (runs.Count > 0) await new FlowRound(tools, db, runs, clock.GetUtcNow()).WorkAsync(cancellation);
    }

    private async Task<int> TogetherAsync(CancellationToken stopping)
    {
        await using var db = await dbs.CreateDbContextAsync(stopping);
        var now = clock.GetUtcNow();
        if (!await Occasion.AnyAsync(db, now, stopping)) return 0;
        await using var transaction = await db.BeginWriteAsync(stopping);
        var happened = await Occasion.ClaimHappenedAsync(db, AtATime, stopping);
        var round = new FlowRound(tools, db, [.. happened, .. await Occasion.ClaimWaitsAsync(db, now, AtATime, stopping)], now);
        await round.WorkAsync(stopping);
        await transaction.CommitAsync(stopping);
        return round.Occasions.Count;
    }

    private async Task<bool> OneAsync(CancellationToken stopping)
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
                var occasions = await Occasion.ClaimHappenedAsync(db, 1, stopping);
                if (occasions.Count == 0) occasions = await Occasion.ClaimWaitsAsync(db, now, 1, stopping);
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

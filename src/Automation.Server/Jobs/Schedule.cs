using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Quartz;

namespace Automation.Server.Jobs;

/// <summary>
/// The one list of what runs when. Quartz owns when jobs run; rows own what is due, so that a job that runs twice or late
/// does its work once. Triggers are made from rows and only when they are missing: re-writing a stored trigger at start
/// can fire a slot twice.
/// </summary>
internal sealed class Schedule(IDbContextFactory<AutomationDb> dbs, ISchedulerFactory schedulers) : IHostedService
{
    private static readonly JobKey Launch = new("launch-occurrences");
    private static readonly JobKey RollOver = new("roll-calendar-over");
    private static readonly JobKey Weekly = new("send-weekly-mail");
    private static readonly JobKey Abandoned = new("find-abandoned-mail");
    private static readonly JobKey Tidy = new("tidy-outgoing");
    private static readonly JobKey Quiet = new("hand-back-quiet-deals");
    private static readonly JobKey Cycles = new("find-purchase-cycles");

    public static void AddJobs(IQuartzBuilder quartz)
    {
        quartz.AddJob<LaunchOccurrences>(job => job.WithIdentity(Launch).StoreDurably());
        quartz.AddJob<RollCalendarOver>(job => job.WithIdentity(RollOver).StoreDurably());
        quartz.AddJob<SendWeeklyMail>(job => job.WithIdentity(Weekly).StoreDurably());
        quartz.AddJob<FindAbandonedMail>(job => job.WithIdentity(Abandoned).StoreDurably());
        quartz.AddJob<TidyOutgoing>(job => job.WithIdentity(Tidy).StoreDurably());
        quartz.AddJob<HandBackQuietDeals>(job => job.WithIdentity(Quiet).StoreDurably());
        quartz.AddJob<FindPurchaseCycles>(job => job.WithIdentity(Cycles).StoreDurably());
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        await EveryAsync(scheduler, RollOver, TimeSpan.FromHours(6), cancellationToken);
        // Which Monday and which hour, the rows and the shop's zone say.
        await EveryAsync(scheduler, Weekly, TimeSpan.FromMinutes(1), cancellationToken);
        await EveryAsync(scheduler, Abandoned, TimeSpan.FromSeconds(20), cancellationToken);
        await EveryAsync(scheduler, Tidy, TimeSpan.FromHours(6), cancellationToken);
        await EveryAsync(scheduler, Quiet, TimeSpan.FromHours(1), cancellationToken);
        // Days decide who is due; some times a day, so that every zone's day has begun once.
        await EveryAsync(scheduler, Cycles, TimeSpan.FromHours(6), cancellationToken);
        // Whatever became due while the process was down, or whose trigger was lost, is found here.
        await EveryAsync(scheduler, Launch, TimeSpan.FromMinutes(5), cancellationToken);
        await PlanOccurrencesAsync(scheduler, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Gives each planned occurrence a trigger at its instant.</summary>
    public async Task PlanOccurrencesAsync(IScheduler scheduler, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var planned = await db.Occurrences.AsNoTracking().Where(one => one.State == OccurrenceState.Planned)
            .Select(one => new { one.Key, one.Year, one.OpensAt }).ToListAsync(cancellation);
        foreach (var one in planned)
        {
            // The instant is part of the name: an occurrence that moved gets a trigger at its new one.
            var key = new TriggerKey($"{one.Key}-{one.Year}-{one.OpensAt.ToUnixTimeSeconds()}", "occurrences");
            if (await scheduler.Exists(key, cancellation)) continue;
            await scheduler.ScheduleJob(
                TriggerBuilder.Create().WithIdentity(key).ForJob(Launch).StartAt(one.OpensAt)
                    .WithSimpleSchedule(simple => simple.WithMisfireInstruction(SimpleTriggerMisfireInstruction.FireNow)).Build(),
                cancellationToken: cancellation);
        }
    }

    private static async Task EveryAsync(IScheduler scheduler, JobKey job, TimeSpan interval, CancellationToken cancellation)
    {
        var key = new TriggerKey(job.Name, "sweeps");
        if (await scheduler.Exists(key, cancellation)) return;
        await scheduler.ScheduleJob(
            TriggerBuilder.Create().WithIdentity(key).ForJob(job).StartNow()
                .WithSimpleSchedule(simple => simple.WithInterval(interval).RepeatForever()).Build(),
            cancellationToken: cancellation);
    }
}

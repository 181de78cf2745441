using Automation.Marketing;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Campaigns.Weekly;
using Automation.Marketing.Contacts.Repurchase;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Work;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Clock;

/// <summary>
/// Moves a moved clock on from one due instant to the next, working off what is due at each, so that a month passes in
/// seconds and yet everything happens at its own time and in its own order. What jobs look for by the clock alone is visited,
/// too: the Monday mail at its hour, the calendar's next months, quiet deals and who is due to buy again at each day's beginning
/// in the shop's zone.
/// </summary>
internal sealed class TimeTravel(
    MovableClock clock, WorkLoops work, SeasonCalendar calendar, WeeklyMails weekly, PurchaseCycleRound cycles, IDbContextFactory<AutomationDb> dbs, ILogger<TimeTravel> logger) : IDemoClock, IDisposable
{
    private readonly SemaphoreSlim oneAtATime = new(1);

    public bool CanMove => true;
    public DateTimeOffset Now => clock.GetUtcNow();
    public MoveProgress? Moving { get; private set; }

    public async Task StartMoveAsync(ClockStep step)
    {
        var to = await TargetAsync(step);
        if (!await oneAtATime.WaitAsync(TimeSpan.Zero)) throw new RuleBrokenException("The clock is moving already.");
        Moving = new MoveProgress(Now, to, Now, 0);
        _ = MoveInBackgroundAsync(to);
    }

    /// <summary>Moves to an instant and returns when all that was due on the way is done.</summary>
    public async Task MoveToAsync(DateTimeOffset target, CancellationToken cancellation)
    {
        await oneAtATime.WaitAsync(cancellation);
        try
        {
            await StepThroughAsync(target, cancellation);
        }
        finally
        {
            Moving = null;
            oneAtATime.Release();
        }
    }

    public void Dispose() => oneAtATime.Dispose();

    private async Task MoveInBackgroundAsync(DateTimeOffset target)
    {
        try
        {
            await StepThroughAsync(target, CancellationToken.None);
        }
        catch (Exception problem)
        {
            logger.MoveFailed(problem);
        }
        finally
        {
            Moving = null;
            oneAtATime.Release();
        }
    }

    private async Task StepThroughAsync(DateTimeOffset target, CancellationToken cancellation)
    {
        var from = Now;
        var sentBefore = await SentAsync(cancellation);
        await DrainAsync(cancellation);
        while (true)
        {
            var midnight = await MidnightAsync(cancellation);
            var next = new[] { await NextDueAsync(cancellation), await weekly.NextAsync(cancellation), midnight }.Min()!.Value;
            if (next > target) break;
            clock.MoveTo(next);
            if (next == midnight) await BeginDayAsync(cancellation);
            await DrainAsync(cancellation);
            Moving = new MoveProgress(from, target, Now, await SentAsync(cancellation) - sentBefore);
        }
        clock.MoveTo(target);
        await calendar.RollOverAsync(cancellation);
        await DrainAsync(cancellation);
    }

    private async Task DrainAsync(CancellationToken cancellation)
    {
        do
        {
            await work.DrainAsync(cancellation);
        }
        while (await calendar.LaunchDueAsync(cancellation) + await weekly.SendDueAsync(cancellation) > 0);
    }

    private async Task BeginDayAsync(CancellationToken cancellation)
    {
        await calendar.RollOverAsync(cancellation);
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await HandBackProposals.WorkAsync(db, Now, cancellation);
        await cycles.RunAsync(cancellation);
    }

    private async Task<DateTimeOffset?> MidnightAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        return LocalTime.InstantOf(LocalTime.DayOf(Now, zone).AddDays(1), TimeOnly.MinValue, zone);
    }

    // The next instant at which a row becomes due.
    private async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var next = await db.QueryAsync("""
            SELECT MIN(at) FROM (
                SELECT MIN(due_at) AS at FROM outbox_messages WHERE state = 'Deferred' AND due_at > @p0
                UNION ALL SELECT MIN(due_at) FROM outbox_messages WHERE state = 'Queued' AND due_at > @p0
                UNION ALL SELECT MIN(due_at) FROM outbox_messages WHERE state = 'Uncertain' AND due_at > @p0
                UNION ALL SELECT MIN(due_at) FROM flow_bookmarks WHERE due_at > @p0
                UNION ALL SELECT MIN(due_at) FROM date_plans WHERE due_at > @p0
                UNION ALL SELECT MIN(opens_at) FROM calendar_entries WHERE state = 'Planned' AND opens_at > @p0
                UNION ALL SELECT MIN(send_at) FROM broadcasts WHERE state = 'Scheduled' AND send_at > @p0
                UNION ALL SELECT MIN(next_at) FROM broadcasts WHERE state IN ('Selecting', 'Sending') AND next_at > @p0
                UNION ALL SELECT MIN(opens_at) FROM occurrences WHERE state = 'Planned' AND opens_at > @p0
                UNION ALL SELECT MIN(due_at) FROM score_checks WHERE due_at > @p0
                UNION ALL SELECT MIN(due_at) FROM hand_offs WHERE due_at > @p0
                UNION ALL SELECT MIN(mail_due_at) FROM notices WHERE mail_due_at > @p0) AS due
            """, row => row.InstantOrNull(0), cancellation, Now);
        return next[0];
    }

    private async Task<int> SentAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        return (await db.QueryAsync("SELECT COUNT(*) FROM outbox_messages WHERE state = 'Sent'", row => row.Int(0), cancellation))[0];
    }

    private async Task<DateTimeOffset> TargetAsync(ClockStep step)
    {
        var now = Now;
        if (step is ClockStep.Day) return now.AddDays(1);
        if (step is ClockStep.Month) return now.AddMonths(1);
        await using var db = await dbs.CreateDbContextAsync();
        var next = await db.Occurrences.AsNoTracking().Where(one => one.State == OccurrenceState.Planned && one.OpensAt > now)
            .OrderBy(one => one.OpensAt).Select(one => (DateTimeOffset?)one.OpensAt).FirstOrDefaultAsync();
        return next?.AddHours(1) ?? throw new RuleBrokenException("No season day is planned.");
    }
}

internal static partial class TimeTravelLog
{
    [LoggerMessage(4101, LogLevel.Error, "Moving the clock failed")]
    public static partial void MoveFailed(this ILogger logger, Exception problem);
}

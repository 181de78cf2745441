using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Campaigns.Weekly;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Contacts.Repurchase;
using Automation.Marketing.Deals;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.Server.Work;
using Microsoft.EntityFrameworkCore;
using Quartz;

namespace Automation.Server.Jobs;

/// <summary>Launches the occurrences whose time has come.</summary>
[DisallowConcurrentExecution]
internal sealed class LaunchOccurrences(SeasonCalendar calendar, WorkLoops work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        if (await calendar.LaunchDueAsync(cancellationToken) > 0) work.Wake();
    }
}

/// <summary>Plans the calendar's next months and sees that each planned occurrence has its trigger.</summary>
[DisallowConcurrentExecution]
internal sealed class RollCalendarOver(SeasonCalendar calendar, Schedule schedule) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        await calendar.RollOverAsync(cancellationToken);
        await schedule.PlanOccurrencesAsync(context.Scheduler, cancellationToken);
    }
}

/// <summary>Sends the Monday mail to whoever has not had it.</summary>
[DisallowConcurrentExecution]
internal sealed class SendWeeklyMail(WeeklyMails mails) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await mails.SendDueAsync(cancellationToken);
}

/// <summary>Finds mails whose worker died in the middle of an attempt.</summary>
[DisallowConcurrentExecution]
internal sealed class FindAbandonedMail(UnknownOutcomes unknown) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await unknown.FindAbandonedAsync(atStart: false, cancellationToken);
}

/// <summary>Forgets events for other programs that are long done with.</summary>
[DisallowConcurrentExecution]
internal sealed class TidyOutgoing(OutgoingDeliveries outgoing) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await outgoing.TidyAsync(cancellationToken);
}

/// <summary>Hands back deals on which nothing happens, where that is switched on.</summary>
[DisallowConcurrentExecution]
internal sealed class HandBackQuietDeals(IDbContextFactory<AutomationDb> dbs, TimeProvider clock, WorkLoops work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellationToken);
        if (await HandBackProposals.WorkAsync(db, clock.GetUtcNow(), cancellationToken) > 0) work.Wake();
    }
}

/// <summary>Works out who is expected to buy again, and tells flows.</summary>
[DisallowConcurrentExecution]
internal sealed class FindPurchaseCycles(PurchaseCycleRound round, WorkLoops work) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        if (await round.RunAsync(cancellationToken) > 0) work.Wake();
    }
}

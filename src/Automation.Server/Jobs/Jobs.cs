using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Campaigns.Weekly;
using Automation.Marketing.Mail.Delivery;
using Automation.Server.Work;
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

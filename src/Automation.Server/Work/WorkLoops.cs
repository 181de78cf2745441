using Automation.Marketing.Campaigns;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Calls;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Journeys.Dates;
using Automation.Marketing.Leads;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Events;

namespace Automation.Server.Work;

/// <summary>One kind of work on rows that are due.</summary>
/// <param name="RunAsync">Does one round and says how much it did; 0 when nothing is due.</param>
internal sealed record Work(string Name, Func<CancellationToken, Task<int>> RunAsync);

/// <summary>
/// Works on what is due, each kind in a loop of its own: rounds without a pause while there is work, then a look every
/// second or as soon as somebody says that there is some. Due times are rows; nothing is lost when the process ends.
/// </summary>
public sealed class WorkLoops : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterProblem = TimeSpan.FromSeconds(5);

    private readonly (Work Work, SemaphoreSlim OneAtATime)[] kinds;
    private readonly UnknownOutcomes unknown;
    private readonly Broadcasts broadcasts;
    private readonly TimeProvider clock;
    private readonly ILogger<WorkLoops> logger;
    private TaskCompletionSource wake = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WorkLoops(
        ReportedEvents reported, FlowEngine flows, FlowJobs flowJobs, FlowDates flowDates, FlowCalls flowCalls, OutgoingDeliveries outgoing, Broadcasts broadcasts, DueDecisions decisions, MailSender sender,
        UnknownOutcomes unknown, TemplateDesk templates, LeadRound leads, Promises promises, NoticeMail notices, TimeProvider clock, ILogger<WorkLoops> logger)
    {
        (this.unknown, this.broadcasts, this.clock, this.logger) = (unknown, broadcasts, clock, logger);
        kinds =
        [
            .. new Work[]
            {
                new("published templates", templates.TakeInAsync),
                new("reported events", reported.WorkAsync),
                new("flows", flows.WorkAsync),
                new("flow jobs", flowJobs.WorkAsync),
                new("dates of flows", flowDates.WorkAsync),
                new("calls of flows", flowCalls.WorkAsync),
                new("outgoing events", outgoing.WorkAsync),
                // Behind the flows: who is handed over by one need not be told of once more.
                new("leads", leads.WorkAsync),
                new("promises", promises.WorkAsync),
                new("mail to colleagues", notices.WorkAsync),
                new("broadcasts", broadcasts.WorkAsync),
                new("deferred mail", decisions.WorkAsync),
                // Two batches under way: one is composed and recorded while the other is on the wire.
                new("sending", sender.SendDueAsync),
                new("sending beside it", sender.SendDueAsync),
                new("unknown outcomes", unknown.SettleDueAsync),
            }.Select(work => (work, new SemaphoreSlim(1))),
        ];
    }

    /// <summary>There is something to do: look now.</summary>
    public void Wake() => Interlocked.Exchange(ref wake, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Works until nothing is due any more; rounds under way elsewhere are waited for.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        int done;
        do
        {
            done = 0;
            foreach (var (work, oneAtATime) in kinds) done += await RoundAsync(work, oneAtATime, cancellation);
        }
        while (done > 0);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await broadcasts.BeginAsync(stoppingToken);
        await unknown.FindAbandonedAsync(atStart: true, stoppingToken);
        await Task.WhenAll(kinds.Select(kind => LoopAsync(kind.Work, kind.OneAtATime, stoppingToken)));
    }

    private async Task LoopAsync(Work work, SemaphoreSlim oneAtATime, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var woken = wake.Task;
            try
            {
                if (await RoundAsync(work, oneAtATime, stopping) > 0) Wake();
                else await Task.WhenAny(woken, Task.Delay(LookEvery, clock, stopping));
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                // An outage of the database or the provider: the loop must outlive it.
                logger.WorkFailed(problem, work.Name);
                await Task.Delay(PauseAfterProblem, clock, stopping).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    private static async Task<int> RoundAsync(Work work, SemaphoreSlim oneAtATime, CancellationToken cancellation)
    {
        await oneAtATime.WaitAsync(cancellation);
        try
        {
            return await work.RunAsync(cancellation);
        }
        finally
        {
            oneAtATime.Release();
        }
    }
}

internal static partial class WorkLog
{
    [LoggerMessage(4001, LogLevel.Error, "Work on {Work} failed and is tried again")]
    public static partial void WorkFailed(this ILogger logger, Exception problem, string work);
}

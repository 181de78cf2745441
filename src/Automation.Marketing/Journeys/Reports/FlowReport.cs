using Automation.Marketing.Mail;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Journeys.Reports;

/// <summary>What became of the people who entered a flow, in all and step by step; mails that were not sent are accounted for with the rule.</summary>
public sealed record FlowReport(RunFigures Runs, IReadOnlyDictionary<string, StepFigures> Steps)
{
    /// <param name="since">Of those who entered from then on; who waits now is told whenever they entered.</param>
    public static async Task<FlowReport> OfAsync(AutomationDb db, string definitionId, DateTimeOffset since, CancellationToken cancellation)
    {
        var steps = new Dictionary<string, StepFigures>(StringComparer.Ordinal);
        await ReadWaysAsync(db, definitionId, since, steps, cancellation);
        await ReadWaitsAsync(db, definitionId, steps, cancellation);
        await ReadMailsAsync(db, definitionId, since, steps, cancellation);
        return new FlowReport(await RunsAsync(db, definitionId, since, cancellation), steps);
    }

    /// <summary>How many people wait in each step now, by its id.</summary>
    public static async Task<IReadOnlyDictionary<string, int>> WaitingAsync(AutomationDb db, string definitionId, CancellationToken cancellation)
    {
        var steps = new Dictionary<string, StepFigures>(StringComparer.Ordinal);
        await ReadWaitsAsync(db, definitionId, steps, cancellation);
        return steps.ToDictionary(step => step.Key, step => step.Value.Waiting, StringComparer.Ordinal);
    }

    private static async Task<RunFigures> RunsAsync(AutomationDb db, string definitionId, DateTimeOffset since, CancellationToken cancellation)
    {
        var runs = await db.QueryAsync(
            "SELECT status, end_reason, COUNT(*) FROM flow_instances WHERE definition_id = @p0 AND started_at >= @p1 GROUP BY status, end_reason",
            row => (Status: row.Enum<FlowInstanceStatus>(0), Reason: row.Text(1), People: row.Int(2)), cancellation, definitionId, since);
        int Of(FlowInstanceStatus status) => runs.Where(run => run.Status == status).Sum(run => run.People);
        return new RunFigures(
            runs.Sum(run => run.People), Of(FlowInstanceStatus.Running), Of(FlowInstanceStatus.Finished), Of(FlowInstanceStatus.Faulted),
            runs.Where(run => run.Reason == ExitReasons.Goal).Sum(run => run.People),
            [.. runs.Where(run => run.Status is FlowInstanceStatus.Cancelled && run.Reason != ExitReasons.Goal).GroupBy(run => run.Reason)
                .Select(group => (group.Key, group.Sum(run => run.People))).OrderByDescending(line => line.Item2).ThenBy(line => line.Key, StringComparer.Ordinal)]);
    }

    // By the person's index: what happened in a run happened to its person.
    private static async Task ReadWaysAsync(
        AutomationDb db, string definitionId, DateTimeOffset since, Dictionary<string, StepFigures> steps, CancellationToken cancellation)
    {
        var ways = await db.QueryAsync(
            """
            SELECT s.activity_id, s.happened, CASE WHEN s.happened = 'Completed' THEN s.detail ELSE '' END, COUNT(*)
            FROM flow_instances i JOIN flow_steps s ON s.contact_id = i.contact_id AND s.instance_id = i.id
            WHERE i.definition_id = @p0 AND i.started_at >= @p1 AND s.happened IN ('Completed', 'Faulted') GROUP BY 1, 2, 3
            """,
            row => (Step: row.Text(0), Happened: row.Text(1), Way: row.Text(2), Times: row.Int(3)), cancellation, definitionId, since);
        foreach (var (step, happened, way, times) in ways)
        {
            if (happened == "Faulted") In(steps, step).Faulted += times;
            else In(steps, step).Ways[way] = times;
        }
    }

    private static async Task ReadWaitsAsync(AutomationDb db, string definitionId, Dictionary<string, StepFigures> steps, CancellationToken cancellation)
    {
        var waits = await db.QueryAsync(
            """
            SELECT b.node_id, COUNT(DISTINCT b.instance_id), MIN(b.due_at)
            FROM flow_instances i JOIN flow_bookmarks b ON b.instance_id = i.id WHERE i.definition_id = @p0 AND i.status = 'Running' GROUP BY b.node_id
            """,
            row => (Node: row.Text(0), People: row.Int(1), Due: row.InstantOrNull(2)), cancellation, definitionId);
        foreach (var (node, people, due) in waits)
        {
            var step = In(steps, IdOf(node));
            step.Waiting += people;
            step.NextDue = step.NextDue is { } other && !(due < other) ? other : due;
        }
    }

    private static async Task ReadMailsAsync(
        AutomationDb db, string definitionId, DateTimeOffset since, Dictionary<string, StepFigures> steps, CancellationToken cancellation)
    {
        var mails = await db.QueryAsync(
            """
            SELECT m.node_id, m.state, m.rule, COUNT(*), SUM(CASE WHEN m.delivered_count > 0 THEN 1 ELSE 0 END), SUM(CASE WHEN m.opens_unique > 0 THEN 1 ELSE 0 END),
                   SUM(CASE WHEN m.clicks_unique > 0 THEN 1 ELSE 0 END), SUM(CASE WHEN m.bounced_count > 0 THEN 1 ELSE 0 END)
            FROM outbox_messages m JOIN flow_instances i ON i.id = m.instance_id
            WHERE m.origin_id = @p0 AND i.started_at >= @p1 GROUP BY m.node_id, m.state, m.rule
            """,
            row => (Step: IdOf(row.Text(0)), Line: new MailLine(row.Enum<MessageState>(1), row.Text(2), row.Int(3), row.Int(4), row.Int(5), row.Int(6), row.Int(7))),
            cancellation, definitionId, since);
        foreach (var mailed in mails.GroupBy(mail => mail.Step)) In(steps, mailed.Key).Mail = new MailOfStep([.. mailed.Select(mail => mail.Line)]);
    }

    private static StepFigures In(Dictionary<string, StepFigures> steps, string id) => steps.TryGetValue(id, out var step) ? step : steps[id] = new StepFigures();

    /// <summary>The id of the step that a node id ends with.</summary>
    internal static string IdOf(string nodeId) => nodeId[(nodeId.LastIndexOf(':') + 1)..];
}

/// <summary>How the runs of a flow stand.</summary>
/// <param name="Goal">Ended because the goal was reached.</param>
/// <param name="EndedEarly">By the other reasons, the most frequent first.</param>
public sealed record RunFigures(int Entered, int Running, int Finished, int Faulted, int Goal, IReadOnlyList<(string Reason, int People)> EndedEarly);

/// <summary>What happened at one step.</summary>
public sealed class StepFigures
{
    /// <summary>How often it was left by each way out, as the journal writes them.</summary>
    public Dictionary<string, int> Ways { get; } = new(StringComparer.Ordinal);

    public int Passed => Ways.Values.Sum();

    /// <summary>People who wait there now.</summary>
    public int Waiting { get; internal set; }

    /// <summary>When the first of them goes on by itself.</summary>
    public DateTimeOffset? NextDue { get; internal set; }

    public int Faulted { get; internal set; }

    /// <summary>Null: it sends none.</summary>
    public MailOfStep? Mail { get; internal set; }
}

/// <param name="Rule">The rule that decided last; empty when none objected.</param>
public sealed record MailLine(MessageState State, string Rule, int Mails, int Delivered, int Opened, int Clicked, int Bounced);

/// <summary>The account of a step's mails: every one that was asked for is in it once.</summary>
public sealed record MailOfStep(IReadOnlyList<MailLine> Lines)
{
    private static readonly MessageState[] Open = [MessageState.Deferred, MessageState.Queued, MessageState.Sending, MessageState.Uncertain];

    public int Asked => Lines.Sum(line => line.Mails);
    public int Sent => Lines.Where(line => line.State is MessageState.Sent).Sum(line => line.Mails);
    public int Delivered => Lines.Sum(line => line.Delivered);
    public int Opened => Lines.Sum(line => line.Opened);
    public int Clicked => Lines.Sum(line => line.Clicked);
    public int Bounced => Lines.Sum(line => line.Bounced);

    /// <summary>Not decided for good: they wait, are on their way, or nobody knows.</summary>
    public IReadOnlyList<MailLine> Waiting => [.. Lines.Where(line => Open.Contains(line.State)).OrderByDescending(line => line.Mails)];

    public IReadOnlyList<MailLine> NotSent =>
        [.. Lines.Where(line => line.State is not MessageState.Sent && !Open.Contains(line.State)).OrderByDescending(line => line.Mails).ThenBy(line => line.Rule, StringComparer.Ordinal)];
}

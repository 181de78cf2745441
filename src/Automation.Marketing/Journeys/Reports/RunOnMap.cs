using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Journeys.Reports;

/// <summary>One person's way through a flow: what happened at each step, when, and what comes next.</summary>
/// <param name="Version">The version the run is on; null when it was deleted.</param>
/// <param name="Visits">In the order in which they began.</param>
/// <param name="Waits">The next to go on first.</param>
public sealed record RunOnMap(FlowInstance Run, FlowDefinition? Version, FlowMap? Map, IReadOnlyList<RunVisit> Visits, IReadOnlyList<RunWait> Waits)
{
    /// <summary>The last visit of a step, also of one that another step holds.</summary>
    public RunVisit? LastAt(MapStep step) => Visits.LastOrDefault(visit => Map?.Find(visit.StepId) == step);

    public RunWait? WaitAt(MapStep step) => Waits.FirstOrDefault(wait => Map?.Find(wait.StepId) == step);

    /// <summary>Whether the person went this way.</summary>
    public bool Took(MapLine line) => Visits.Any(visit => visit.StepId == line.From && visit.Left is not null && line.Ports.Any(visit.LeftBy));

    /// <returns>Null when there is no such run of this flow.</returns>
    public static async Task<RunOnMap?> FindAsync(AutomationDb db, string definitionId, Guid runId, CancellationToken cancellation)
    {
        var run = await db.FlowInstances.AsNoTracking().SingleOrDefaultAsync(one => one.Id == runId && one.DefinitionId == definitionId, cancellation);
        if (run is null) return null;
        var version = await FlowDefinitions.FindVersionAsync(db, run.DefinitionVersionId, cancellation);
        // By the person's index: there is none on the run.
        var steps = await db.FlowSteps.AsNoTracking().Where(step => step.ContactId == run.ContactId && step.InstanceId == runId).OrderBy(step => step.Id).ToListAsync(cancellation);
        var mails = await db.OutboxMessages.AsNoTracking().Where(mail => mail.OriginId == definitionId && mail.ContactId == run.ContactId && mail.InstanceId == runId)
            .OrderBy(mail => mail.RequestedAt).ThenBy(mail => mail.Id).ToListAsync(cancellation);
        var waits = await db.FlowBookmarks.AsNoTracking().Where(wait => wait.InstanceId == runId).ToListAsync(cancellation);
        return new RunOnMap(
            run, version, version is null ? null : FlowMap.Of(version.Definition()), VisitsOf(steps, mails),
            [.. waits.Select(wait => new RunWait(FlowReport.IdOf(wait.NodeId), wait.Name, wait.Key, wait.DueAt ?? wait.HeldDueAt)).OrderBy(wait => wait.DueAt ?? DateTimeOffset.MaxValue)]);
    }

    // A step that waits is written twice: when it begins to wait, and when it is over.
    private static List<RunVisit> VisitsOf(List<FlowStep> steps, List<OutboxMessage> mails)
    {
        var visits = new List<RunVisit>();
        var open = new Dictionary<string, int>(StringComparer.Ordinal);
        var unseen = mails.GroupBy(mail => FlowReport.IdOf(mail.NodeId)).ToDictionary(group => group.Key, group => new Queue<OutboxMessage>(group), StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (!open.Remove(step.ActivityId, out var at))
            {
                at = visits.Count;
                var mail = unseen.TryGetValue(step.ActivityId, out var asked) && asked.TryDequeue(out var next) ? next : null;
                visits.Add(new RunVisit(step.ActivityId, step.ActivityType, step.At, null, "", null, mail));
            }
            visits[at] = step.Happened switch
            {
                "Completed" => visits[at] with { Left = step.At, Way = step.Detail },
                "Faulted" => visits[at] with { Left = step.At, Problem = step.Detail },
                _ => visits[at],
            };
            if (step.Happened is "Suspended") open[step.ActivityId] = at;
        }
        return visits;
    }
}

/// <param name="Began">When the person came to the step.</param>
/// <param name="Left">When it was over; null: it is not, or the run ended there.</param>
/// <param name="Way">The ways out it was left by, as the journal writes them.</param>
/// <param name="Problem">What went wrong; null when nothing did.</param>
/// <param name="Mail">The mail it asked for.</param>
public sealed record RunVisit(string StepId, string Type, DateTimeOffset Began, DateTimeOffset? Left, string Way, string? Problem, OutboxMessage? Mail)
{
    public bool LeftBy(string port) => Problem is null && (Way.Length == 0 ? port == "Done" : Way.Split(',', StringSplitOptions.TrimEntries).Contains(port, StringComparer.Ordinal));
}

/// <param name="Name">Activity type that waits.</param>
/// <param name="Key">What it waits for, e.g. an event's type.</param>
public sealed record RunWait(string StepId, string Name, string Key, DateTimeOffset? DueAt);

using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys;

/// <summary>One person's run while a round works on it: its row, its state, and what is to be saved of it.</summary>
internal sealed class FlowRun(FlowInstance instance, bool isNew)
{
    private const int MostDetail = 1000;

    private WorkflowState? state;

    public FlowInstance Instance => instance;

    /// <summary>It has no row yet.</summary>
    public bool IsNew { get; private set; } = isNew;

    public bool IsChanged { get; private set; }

    public bool IsLive => instance.Status is FlowInstanceStatus.Running;

    /// <summary>The row's revision as it was read: a row that has another one by now is not written over.</summary>
    public int SavedRevision { get; private set; } = instance.Revision;

    /// <summary>What it waits for.</summary>
    public IReadOnlyList<FlowBookmark> Waits { get; set; } = [];

    /// <summary>What went wrong in the last burst; null when nothing did.</summary>
    public Incident? Incident { get; private set; }

    /// <exception cref="FormatException">The saved state cannot be read.</exception>
    public WorkflowState State => state ??= WorkflowState.FromJson(instance.State);

    /// <summary>Takes over what a burst left behind.</summary>
    /// <returns>The lines of its journal that a person cares about.</returns>
    public IEnumerable<FlowStep> Take(WorkflowResult result, DateTimeOffset now)
    {
        var incidents = result.State.Incidents.Skip(state?.Incidents.Count ?? 0).ToList();
        (state, Incident, IsChanged) = (result.State, incidents.LastOrDefault(), true);
        (instance.Status, instance.UpdatedAt) = (StatusOf(state), now);
        if (instance.Status is FlowInstanceStatus.Faulted) instance.EndReason = "fault";
        if (!IsLive) instance.FinishedAt = now;
        Waits = IsLive ? [.. state.Bookmarks.Select(WaitOf)] : [];
        return [.. result.Journal.Where(IsTold).Select(StepOf), .. incidents.Select(StepOf)];
    }

    /// <summary>The journal's line when the run cannot go on.</summary>
    public FlowStep SetApart(Exception problem, DateTimeOffset now) =>
        // A step that broke the transaction itself said more than what came of it.
        Incident is { } incident ? StepOf(incident) : StepOf("Elsa.Workflow", "", "Faulted", problem.Message, now);

    /// <summary>Its state as it is to be saved.</summary>
    public string NewState() => State.ToJson();

    public void Saved() => (IsNew, IsChanged, SavedRevision) = (false, false, instance.Revision);

    private static FlowInstanceStatus StatusOf(WorkflowState state) => state switch
    {
        { Status: WorkflowStatus.Running, Bookmarks.Count: > 0 } => FlowInstanceStatus.Running,
        { SubStatus: WorkflowSubStatus.Faulted } => FlowInstanceStatus.Faulted,
        { SubStatus: WorkflowSubStatus.Cancelled } => FlowInstanceStatus.Cancelled,
        // Nothing can wake it any more: with an incident that is a fault, not an end.
        _ => state.Incidents.Count > 0 ? FlowInstanceStatus.Faulted : FlowInstanceStatus.Finished,
    };

    private FlowBookmark WaitOf(Bookmark bookmark) => new()
    {
        Id = bookmark.Id,
        InstanceId = instance.Id,
        ContactId = instance.ContactId,
        Name = bookmark.Name,
        Key = BookmarkKeys.Of(bookmark.Name, bookmark.Payload, bookmark.Hash).FirstOrDefault() ?? bookmark.Hash,
        NodeId = bookmark.ActivityNodeId,
        DueAt = bookmark.DueAt,
    };

    private static bool IsTold(JournalEntry entry) =>
        entry.EventName is "Completed" or "Suspended" && entry.ActivityType is not ("Elsa.Workflow" or "Elsa.Flowchart" or "Elsa.Sequence");

    private FlowStep StepOf(JournalEntry entry) => StepOf(entry.ActivityType, entry.ActivityId, entry.EventName, entry.Outcomes ?? "", entry.Timestamp);

    private FlowStep StepOf(Incident incident) => StepOf(incident.ActivityType, incident.ActivityId, "Faulted", incident.Message, incident.Timestamp);

    private FlowStep StepOf(string activityType, string activityId, string happened, string detail, DateTimeOffset at) => new()
    {
        InstanceId = instance.Id,
        ContactId = instance.ContactId,
        ActivityType = activityType,
        ActivityId = activityId,
        Happened = happened,
        Detail = detail.Length > MostDetail ? detail[..MostDetail] : detail,
        At = at,
    };
}

using System.Text.Json.Nodes;
using Automation.Marketing.Journeys;

namespace Automation.Server.Studio;

internal sealed record InstanceListView(IReadOnlyList<InstanceView> Items, long TotalCount);

internal sealed record InstanceView(
    string Id, string DefinitionId, string DefinitionVersionId, int Version, string Status, string SubStatus, string CorrelationId, string Name,
    int IncidentCount, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? FinishedAt, bool IsSystem)
{
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public InstanceStateView? WorkflowState { get; init; }

    public static InstanceView Of(StudioRun run) => new(
        run.Id, run.DefinitionId, run.VersionId, run.Version, StatusOf(run.Status), SubStatusOf(run.Status), run.ContactId.ToString(), run.Name,
        run.Problems.Count(), run.StartedAt, run.UpdatedAt, run.FinishedAt, IsSystem: false);

    public static string StatusOf(FlowInstanceStatus status) => status is FlowInstanceStatus.Running ? "Running" : "Finished";

    public static string SubStatusOf(FlowInstanceStatus status) => status is FlowInstanceStatus.Running ? "Suspended" : status.ToString();
}

internal sealed record InstanceStateView(
    string Id, string DefinitionId, int DefinitionVersion, string CorrelationId, string Status, string SubStatus, IReadOnlyList<BookmarkView> Bookmarks,
    IReadOnlyList<IncidentView> Incidents, IReadOnlyList<JsonObject> CompletionCallbacks, IReadOnlyList<JsonObject> ActivityExecutionContexts,
    JsonObject Input, JsonObject Output, JsonObject Properties, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? FinishedAt);

internal sealed record BookmarkView(string Id, string Name, string Hash, string ActivityId, string ActivityNodeId, string ActivityInstanceId, DateTimeOffset CreatedAt);

internal sealed record IncidentView(string ActivityId, string ActivityNodeId, string ActivityType, string Message, ProblemView Exception, DateTimeOffset Timestamp)
{
    public static IncidentView Of(RunLine line) => new(line.ActivityId, line.NodeId, line.ActivityType, line.Problem ?? "", ProblemView.Of(line)!, line.At);
}

internal sealed record ProblemView(string Type, string Message, string? StackTrace, string? InnerException)
{
    public static ProblemView? Of(RunLine line) => line.Happened == "Faulted" || line.Problem is not null ? new("Error", line.Problem ?? "", null, null) : null;
}

internal sealed record JournalView(IReadOnlyList<JournalLineView> Items, int TotalCount);

internal sealed record JournalLineView(
    string Id, string WorkflowInstanceId, string ActivityInstanceId, string? ParentActivityInstanceId, string ActivityId, string ActivityType, int ActivityTypeVersion,
    string? ActivityName, string NodeId, DateTimeOffset Timestamp, long Sequence, string EventName, string? Message, string? Source, JsonObject ActivityState, JsonObject? Payload)
{
    public static JournalLineView Of(StudioRun run, RunLine line) => new(
        $"{run.Id}-{line.Sequence}", run.Id, line.Execution, ParentActivityInstanceId: null, line.ActivityId, line.ActivityType, line.ActivityVersion, line.ActivityName, line.NodeId,
        line.At, line.Sequence, line.Happened, line.Problem, Source: null, (JsonObject?)line.State?.DeepClone() ?? [], ExecutionView.PayloadOf(line));
}

internal sealed record ExecutionSummaryView(
    string Id, string WorkflowInstanceId, string ActivityId, string ActivityNodeId, string ActivityType, int ActivityTypeVersion, string? ActivityName,
    DateTimeOffset StartedAt, bool HasBookmarks, string Status, int AggregateFaultCount, DateTimeOffset? CompletedAt, JsonObject Metadata)
{
    public static ExecutionSummaryView Of(StudioRun run, RunExecution one) => new(
        one.First.Execution, run.Id, one.First.ActivityId, one.First.NodeId, one.First.ActivityType, one.First.ActivityVersion, one.First.ActivityName,
        one.First.At, one.Waits, one.Status, one.Status == "Faulted" ? 1 : 0, one.IsOver ? one.Last.At : null, []);
}

internal sealed record ExecutionView(
    string Id, string WorkflowInstanceId, string ActivityId, string ActivityNodeId, string ActivityType, int ActivityTypeVersion, string? ActivityName,
    DateTimeOffset StartedAt, bool HasBookmarks, string Status, int AggregateFaultCount, DateTimeOffset? CompletedAt, JsonObject Metadata,
    JsonObject ActivityState, JsonObject Payload, JsonObject Outputs, JsonObject Properties, ProblemView? Exception)
{
    public static ExecutionView Of(StudioRun run, RunExecution one) => new(
        one.First.Execution, run.Id, one.First.ActivityId, one.First.NodeId, one.First.ActivityType, one.First.ActivityVersion, one.First.ActivityName,
        one.First.At, one.Waits, one.Status, one.Status == "Faulted" ? 1 : 0, one.IsOver ? one.Last.At : null, [],
        (JsonObject?)one.State?.DeepClone() ?? [], PayloadOf(one.Last) ?? [], [], [], ProblemView.Of(one.Last));

    public static JsonObject? PayloadOf(RunLine line) => line.Happened != "Completed" ? null
        : new JsonObject { ["outcomes"] = new JsonArray([.. (line.Outcomes ?? "Done").Split(',').Select(outcome => (JsonNode?)outcome)]) };
}

internal sealed record CallStackView(string ActivityExecutionId, IReadOnlyList<ExecutionView> Items, int TotalCount);

internal sealed record ReportView(IReadOnlyList<StatsView> Stats);

/// <summary>The badges on one step of the drawing.</summary>
internal sealed record StatsView(
    string ActivityId, string ActivityNodeId, int StartedCount, int CompletedCount, int UncompletedCount, bool IsBlocked, bool IsFaulted, JsonObject Metadata)
{
    public static StatsView Of(string node, IReadOnlyList<RunExecution> executions) => new(
        node[(node.LastIndexOf(':') + 1)..], node, executions.Count, executions.Count(one => one.Status == "Completed"), executions.Count(one => !one.IsOver),
        executions.Any(one => one.Waits), executions.Any(one => one.Status == "Faulted"), []);
}

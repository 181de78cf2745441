namespace Automation.Workflows.Runtime;

/// <summary>What one burst of work left behind: to be saved together, at the end of the burst.</summary>
/// <param name="Requests">What other parts must do once the burst is saved, in order.</param>
public sealed record WorkflowResult(WorkflowState State, IReadOnlyList<JournalEntry> Journal, IReadOnlyList<WorkflowRequest> Requests);

/// <summary>Something a workflow asks of its host.</summary>
public abstract record WorkflowRequest
{
    private WorkflowRequest() { }   // closed: a host's switch over these is complete

    /// <summary>Start a child in the background.</summary>
    public sealed record Dispatch(ChildWorkflowStart Child) : WorkflowRequest;

    /// <summary>Publish an event: start what it triggers, resume what waits for it.</summary>
    /// <param name="InstanceId">Only this instance, when given.</param>
    public sealed record Publish(string EventName, object? Payload, string? CorrelationId, string? InstanceId) : WorkflowRequest;

    /// <summary>Have somebody do a task and report back by its id.</summary>
    public sealed record RunTask(string TaskId, string TaskName, object? Payload, string InstanceId) : WorkflowRequest;

    /// <summary>Make a web request, and resume the wait of <see cref="Activities.SendHttpRequest"/> with what was answered.</summary>
    /// <param name="CallId">The same however often the burst is done again: what the called can know a repetition by.</param>
    public sealed record Call(string CallId, Activities.HttpCall Request) : WorkflowRequest;
}

/// <summary>Which requests a host can fulfil; one that says nothing takes all. A step that asks for another faults where it stands.</summary>
public interface IWorkflowRequests
{
    bool Takes(WorkflowRequest request);
}

/// <summary>A child to be started.</summary>
public sealed record ChildWorkflowStart(
    string InstanceId, string DefinitionId, string ParentInstanceId, string? CorrelationId, IReadOnlyDictionary<string, object?> Input);

/// <summary>How far a child came.</summary>
public sealed record ChildWorkflowResult(
    string InstanceId, string DefinitionVersionId, string? CorrelationId, WorkflowStatus Status, WorkflowSubStatus SubStatus,
    IReadOnlyDictionary<string, object?> Output);

/// <summary>Runs children within the burst of their parent; the host puts it among the services when it allows that.</summary>
public interface IChildWorkflows
{
    /// <exception cref="InvalidOperationException">There is no such published workflow.</exception>
    ValueTask<ChildWorkflowResult> ExecuteAsync(ChildWorkflowStart child, CancellationToken cancellation);

    /// <summary>Whether a version of that workflow is published, so that a child of it can be started later.</summary>
    bool CanStart(string definitionId) => true;
}

/// <summary>How to start.</summary>
public sealed record WorkflowStart
{
    public required string InstanceId { get; init; }
    public string? CorrelationId { get; init; }
    public string? Name { get; init; }
    public string? ParentInstanceId { get; init; }
    public IReadOnlyDictionary<string, object?>? Input { get; init; }

    /// <summary>The trigger that starts it; null when it is started directly.</summary>
    public string? TriggerActivityId { get; init; }
}

public enum WorkflowStatus { Running, Finished }

public enum WorkflowSubStatus { Pending, Executing, Suspended, Finished, Cancelled, Faulted }

public enum ActivityStatus { Pending, Running, Completed, Canceled, Faulted }

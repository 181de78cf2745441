using System.Text.Json.Nodes;

namespace Automation.Workflows.Runtime;

/// <summary>A place where an instance waits.</summary>
/// <param name="Id">Unique over all instances.</param>
/// <param name="Name">Kind of wait; default the activity's type.</param>
/// <param name="Hash">See <see cref="StimulusHash"/>.</param>
/// <param name="AutoBurn">Whether it is gone after the activity ran once.</param>
/// <param name="AutoComplete">Without a callback the activity is complete when it is resumed.</param>
/// <param name="Callback">Name of the method that runs on resume.</param>
/// <param name="DueAt">When the host resumes it by itself; null when only something from outside does.</param>
public sealed record Bookmark(
    string Id, string Name, string Hash, JsonNode? Payload, string ActivityId, string ActivityNodeId, string ActivityInstanceId,
    DateTimeOffset CreatedAt, bool AutoBurn = true, bool AutoComplete = true, string? Callback = null, DateTimeOffset? DueAt = null)
{
    internal int ContextNumber { get; init; }
    internal int Number { get; init; }
}

/// <summary>How to wait.</summary>
public sealed class CreateBookmarkArgs
{
    public object? Payload { get; init; }

    /// <summary>Default the activity's type.</summary>
    public string? BookmarkName { get; init; }

    /// <summary>A method of the activity's class, static or not: only its name is stored, so a lambda will not do.</summary>
    public Func<ActivityExecutionContext, ValueTask>? Callback { get; init; }
    public bool AutoBurn { get; init; } = true;
    public bool AutoComplete { get; init; } = true;

    /// <summary>Binds the wait to this one execution of the activity.</summary>
    public bool IncludeActivityInstanceId { get; init; }

    /// <summary>When the host resumes it by itself.</summary>
    public DateTimeOffset? DueAt { get; init; }
}

/// <summary>Something that went wrong in an instance.</summary>
public sealed record Incident(
    string ActivityId, string ActivityNodeId, string ActivityInstanceId, string ActivityType, string Message, string? ExceptionType, DateTimeOffset Timestamp);

/// <summary>One line of what an instance did.</summary>
/// <remarks>Holds the execution instead of its names: ten of these are written by the smallest of runs (benchmark <c>workflows</c>, j).</remarks>
public sealed class JournalEntry
{
    private readonly ActivityExecutionContext context;

    internal JournalEntry(long sequence, string eventName, ActivityExecutionContext context, DateTimeOffset timestamp, string? outcomes, JsonNode? data)
    {
        this.context = context;
        (Sequence, EventName, Timestamp, Outcomes, Data) = (sequence, eventName, timestamp, outcomes, data);
    }

    /// <summary>Grows over the whole instance, across resumes.</summary>
    public long Sequence { get; }

    /// <summary><c>Started</c>, <c>Completed</c>, <c>Suspended</c>, <c>Resumed</c>, <c>Faulted</c>, <c>Canceled</c>.</summary>
    public string EventName { get; }

    public DateTimeOffset Timestamp { get; }

    /// <summary>Comma separated; null for the plain <c>Done</c>.</summary>
    public string? Outcomes { get; }

    public JsonNode? Data { get; }
    public string ActivityId => context.Activity.Id;
    public string NodeId => context.NodeId;
    public string ActivityType => context.Activity.Type;
    public int ActivityTypeVersion => context.Activity.Version;
    public string? ActivityName => context.Activity.Name;

    /// <summary>Of the one execution; see <see cref="WorkflowState.ActivityInstanceId"/>.</summary>
    public string ActivityInstanceId => context.Id;
    public string? ParentActivityInstanceId => context.ParentContext?.Id;
}

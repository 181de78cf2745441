namespace Automation.Workflows.Runtime;

/// <summary>Everything an instance needs to go on later. Saved as JSON; see <see cref="ToJson"/>.</summary>
public sealed class WorkflowState
{
    public required string InstanceId { get; init; }
    public required string DefinitionId { get; init; }
    public required string DefinitionVersionId { get; init; }
    public required int Version { get; init; }
    public string? CorrelationId { get; set; }
    public string? ParentInstanceId { get; init; }
    public string? Name { get; set; }
    public WorkflowStatus Status { get; set; }
    public WorkflowSubStatus SubStatus { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }

    public List<Bookmark> Bookmarks { get; init; } = [];
    public List<Incident> Incidents { get; init; } = [];
    public Dictionary<string, object?> Input { get; init; } = [];
    public Dictionary<string, object?> Output { get; init; } = [];

    /// <summary>Free values of the instance.</summary>
    public Dictionary<string, object?> Properties { get; init; } = [];

    /// <summary>The activities that have begun and are not done, outermost first.</summary>
    public IReadOnlyList<ActivityState> Activities { get; init; } = [];

    /// <summary>Outputs of activities by node id, kept only when some expression of the workflow looks back at them.</summary>
    public Dictionary<string, Dictionary<string, object?>> Outputs { get; init; } = [];

    /// <summary>Steps that were still to be run when the instance was saved in the midst of a burst; else empty.</summary>
    public IReadOnlyList<ScheduledActivity> Scheduled { get; init; } = [];

    internal Dictionary<string, object?> BurstInput { get; init; } = [];
    internal Dictionary<string, object?>? InputBefore { get; init; }
    internal bool IsInFirstBurst { get; init; }

    internal object? LastResult { get; set; }
    internal string? TriggerActivityId { get; init; }
    internal long LastSequence { get; set; }
    internal int LastNumber { get; set; }

    /// <summary>Executions per node, by position in the graph.</summary>
    internal IReadOnlyList<int> Visits { get; init; } = [];

    /// <summary>Executions per node by its id, for graphs with workflows inside: their positions are not fixed by this version alone.</summary>
    internal IReadOnlyDictionary<string, int>? VisitsByNode { get; init; }

    /// <summary>Values of variables that live as long as the process; never written out.</summary>
    internal Dictionary<string, object?>? Memory { get; set; }

    /// <summary>Takes over the values that live as long as the process from the state this one was saved from.</summary>
    public void KeepMemoryOf(WorkflowState before) => Memory = before.Memory;

    /// <summary>Values of the workflow's own variables, by name.</summary>
    public IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>();

    public string ToJson() => WorkflowStateJson.Write(this);

    /// <exception cref="FormatException">Not a saved state.</exception>
    public static WorkflowState FromJson(string json) => WorkflowStateJson.Read(json);

    internal static string ActivityInstanceId(string instanceId, int number) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{instanceId}-{number}");

    internal static string BookmarkId(string instanceId, int number) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{instanceId}-b{number}");
}

/// <summary>An activity that has begun and is not done.</summary>
public sealed record ActivityState(int Number, int ParentNumber, string NodeId, ActivityStatus Status, DateTimeOffset StartedAt)
{
    public int FaultCount { get; init; }
    internal string? Callback { get; init; }
    internal object? Tag { get; init; }
    internal Dictionary<string, object?>? Variables { get; init; }
    internal Dictionary<string, object?>? ScopeVariables { get; init; }
    internal Dictionary<string, object?>? Properties { get; init; }
    internal FlowScopeState? Flow { get; init; }
}

/// <summary>A step that is to be run.</summary>
/// <param name="OwnerNumber">Of the execution that scheduled it; 0 for the workflow itself.</param>
public sealed record ScheduledActivity(string NodeId, int OwnerNumber)
{
    internal string? Callback { get; init; }
    internal object? Tag { get; init; }
    internal Dictionary<string, object?>? Variables { get; init; }
    internal int ContextNumber { get; init; }
    internal int BookmarkNumber { get; init; }
}

/// <summary>How often the steps and connections of one flowchart were visited, by position in its file.</summary>
internal sealed record FlowScopeState(int Start, int[] Activities, int[] Connections, bool[] Followed);

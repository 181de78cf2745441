using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;

namespace Automation.Workflows.Runtime;

/// <summary>One instance while it runs: its queue of work, its active activities, its journal.</summary>
public sealed class WorkflowExecutionContext
{
    private readonly Queue<WorkItem> queue = new();
    private List<JournalEntry>? journal;
    private readonly int[] visits;
    private List<WorkflowRequest>? requests;
    private Dictionary<string, Dictionary<string, object?>>? outputs;
    private long sequence;
    private int lastNumber;
    private int stepsLeft;
    private bool resumed;
    private Dictionary<string, object?>? inputBefore;
    private static readonly Dictionary<string, object?> NoInput = [];

    internal WorkflowExecutionContext(WorkflowRunner runner, WorkflowGraph graph, IServiceProvider services, CancellationToken cancellation)
    {
        (Runner, Graph, Services, CancellationToken) = (runner, graph, services, cancellation);
        visits = new int[graph.NodeCount];
        stepsLeft = runner.MaxActivitiesPerBurst;
    }

    public string Id { get; private set; } = "";
    public string? CorrelationId { get; set; }
    public string? Name { get; private set; }
    public string? ParentInstanceId { get; private set; }
    public WorkflowDefinition Definition => Graph.Definition;
    public WorkflowSubStatus SubStatus { get; internal set; } = WorkflowSubStatus.Executing;
    public DateTimeOffset CreatedAt { get; private set; }
    public Dictionary<string, object?> Input { get; private set; } = [];

    /// <summary>Only what was given with this start or resume.</summary>
    public IReadOnlyDictionary<string, object?> BurstInput { get; private set; } = NoInput;
    public Dictionary<string, object?> Output { get; private set; } = [];
    public Dictionary<string, object?> Properties { get; private set; } = [];
    public IReadOnlyList<Bookmark> Bookmarks => BookmarkList;
    public IReadOnlyList<Incident> Incidents => IncidentList;
    public IServiceProvider Services { get; }
    public CancellationToken CancellationToken { get; }

    internal WorkflowRunner Runner { get; }
    public WorkflowGraph Graph { get; }
    internal string? TriggerActivityId { get; private set; }

    /// <summary>The step behind <see cref="TriggerActivityId"/>: inside a workflow used as an activity there may be another of that id.</summary>
    internal Activity? TriggerActivity { get; private set; }
    internal List<Bookmark> BookmarkList { get; private set; } = [];
    internal List<Incident> IncidentList { get; private set; } = [];
    internal List<ActivityExecutionContext> Active { get; } = new(8);
    internal object? LastResult { get; private set; }
    internal Dictionary<string, object?>? Memory { get; set; }

    /// <summary>After <c>Finish</c> nothing is told to anybody any more.</summary>
    internal bool Abandoned { get; private set; }

    /// <summary>When the step ended that is being worked off; null while it has not.</summary>
    internal DateTimeOffset? EndedAt { get; set; }

    internal ActivityExecutionContext? Root { get; private set; }

    public void SetName(string? name) => Name = name;

    public DateTimeOffset Now => Runner.Clock.GetUtcNow();

    /// <summary>How often a node was executed in this instance, the current time included.</summary>
    public int VisitsOf(IActivity activity) => visits[((Activity)activity).NodeIndex];

    internal void Begin(WorkflowStart start)
    {
        (Id, CorrelationId, Name, ParentInstanceId) = (start.InstanceId, start.CorrelationId, start.Name, start.ParentInstanceId);
        (TriggerActivityId, TriggerActivity, CreatedAt) = (start.TriggerActivityId, Graph.TriggerOf(start.TriggerActivityId), Now);
        MergeInput(start.Input);
    }

    internal void MergeInput(IReadOnlyDictionary<string, object?>? input)
    {
        if (input is null) return;
        BurstInput = input;
        foreach (var (name, value) in input)
        {
            if (Input.TryGetValue(name, out var before)) (inputBefore ??= [])[name] = before;
            Input[name] = value;
        }
    }

    internal void Schedule(in WorkItem item)
    {
        if (Abandoned) return;
        if (item.Owner is { } owner && item.Existing is null) owner.QueuedChildren++;
        queue.Enqueue(item);
    }

    internal bool IsQueued(ActivityExecutionContext owner, Activity activity)
    {
        foreach (var item in queue)
            if (item.Owner == owner && item.Activity == activity) return true;
        return false;
    }

    internal bool TryPeek(out WorkItem item) => queue.TryPeek(out item);

    internal void Dequeue()
    {
        var item = queue.Dequeue();
        EndedAt = null;
        if (item.Owner is { } owner && item.Existing is null) owner.QueuedChildren--;
    }

    /// <returns>False when the burst has taken all the steps it may take.</returns>
    internal bool TryCountStep() => stepsLeft-- > 0;

    /// <summary>Counts what an activity does by itself again and again.</summary>
    /// <exception cref="InvalidOperationException">The burst has taken all the steps it may take.</exception>
    internal void CountStep()
    {
        if (!TryCountStep()) throw new InvalidOperationException(Runner.LoopMessage);
    }

    internal int NextNumber() => ++lastNumber;

    internal ActivityExecutionContext Enter(in WorkItem item)
    {
        var context = new ActivityExecutionContext(this, item.Activity, item.Owner, NextNumber(), Now) { Callback = item.Callback, Tag = item.Tag };
        if (item.Variables is { } scope) context.SetScopeVariables(scope);
        Add(context);
        Root ??= context;
        visits[item.Activity.NodeIndex]++;
        return context;
    }

    internal void Add(ActivityExecutionContext context)
    {
        Active.Add(context);
        context.ParentContext?.Children.Add(context);
    }

    internal void Remove(ActivityExecutionContext context)
    {
        // From the end: what began last is usually done first.
        if (Active.LastIndexOf(context) is var at and >= 0) Active.RemoveAt(at);
        context.ParentContext?.Children.Remove(context);
    }

    internal void AddBookmark(Bookmark bookmark) => BookmarkList.Add(bookmark);

    internal void RemoveBookmarksOf(ActivityExecutionContext context)
    {
        for (var i = BookmarkList.Count - 1; i >= 0; i--)
            if (BookmarkList[i].ContextNumber == context.Number) BookmarkList.RemoveAt(i);
    }

    internal bool IsBookmarked(Activity activity)
    {
        foreach (var bookmark in BookmarkList)
            if (bookmark.ActivityNodeId == activity.NodeId) return true;
        return false;
    }

    internal void Log(ActivityExecutionContext context, string eventName, string? outcomes = null, JsonNode? data = null)
    {
        if (!Runner.KeepsJournal) return;
        // An activity is entered and logged in the same breath, and so are the ends of containers that end with their last step: the clock is
        // not asked again.
        (journal ??= new(12)).Add(new JournalEntry(++sequence, eventName, context, eventName == "Started" ? context.StartedAt : EndedAt ?? Now, outcomes, data));
    }

    /// <exception cref="InvalidOperationException">The host cannot do that for its workflows.</exception>
    public void Request(WorkflowRequest request)
    {
        if (Services.GetService(typeof(IWorkflowRequests)) is IWorkflowRequests host && !host.Takes(request))
            throw new InvalidOperationException($"Nothing here can fulfil a request to '{request.GetType().Name}'.");
        (requests ??= []).Add(request);
    }

    internal void RecordOutput(ActivityExecutionContext context, string name, object? value)
    {
        if (name == "Result") LastResult = value;
        if (!Graph.LooksBack) return;
        outputs ??= [];
        if (!outputs.TryGetValue(context.Activity.NodeId, out var values)) outputs[context.Activity.NodeId] = values = [];
        values[name] = value;
    }

    internal object? OutputOf(Activity activity, string name) =>
        outputs is not null && outputs.TryGetValue(activity.NodeId, out var values) ? values.GetValueOrDefault(name) : null;

    /// <summary>Drops all work, waits and callbacks: nothing more happens in this instance.</summary>
    internal void Abandon()
    {
        queue.Clear();
        BookmarkList.Clear();
        Abandoned = true;
        SubStatus = WorkflowSubStatus.Finished;
    }

    internal void DropWork() => queue.Clear();

    internal WorkflowResult Leave(bool finished)
    {
        ForgetBurstInput();
        return new WorkflowResult(StateNow(finished, goesOn: false), journal ?? (IReadOnlyList<JournalEntry>)[], requests ?? (IReadOnlyList<WorkflowRequest>)[]);
    }

    /// <summary>Where the instance stands in the midst of a burst; what it hands over is not handed over again.</summary>
    internal WorkflowResult Pause()
    {
        var result = new WorkflowResult(StateNow(finished: false, goesOn: true), journal ?? (IReadOnlyList<JournalEntry>)[], requests ?? (IReadOnlyList<WorkflowRequest>)[]);
        (journal, requests) = (null, null);
        return result;
    }

    /// <param name="goesOn">Whether this burst goes on: then the state is a copy of what will change.</param>
    private WorkflowState StateNow(bool finished, bool goesOn)
    {
        var now = Now;
        return new WorkflowState
        {
            InstanceId = Id,
            DefinitionId = Definition.DefinitionId,
            DefinitionVersionId = Definition.Id,
            Version = Definition.Version,
            CorrelationId = CorrelationId,
            ParentInstanceId = ParentInstanceId,
            Name = Name,
            TriggerActivityId = TriggerActivityId,
            Status = finished ? WorkflowStatus.Finished : WorkflowStatus.Running,
            SubStatus = SubStatus,
            CreatedAt = CreatedAt,
            UpdatedAt = now,
            FinishedAt = finished ? now : null,
            Bookmarks = goesOn ? [.. BookmarkList] : BookmarkList,
            Incidents = goesOn ? [.. IncidentList] : IncidentList,
            Input = goesOn ? new(Input) : Input,
            Output = goesOn ? new(Output) : Output,
            Properties = goesOn ? new(Properties) : Properties,
            Variables = finished ? rootVariables ?? Root?.NamedVariables() ?? [] : [],
            Activities = finished ? [] : [.. Active.Select(context => context.Leave())],
            Outputs = finished || outputs is null ? [] : goesOn ? outputs.ToDictionary(pair => pair.Key, pair => new Dictionary<string, object?>(pair.Value)) : outputs,
            LastResult = finished || !Graph.LooksBack ? null : LastResult,
            LastSequence = sequence,
            LastNumber = lastNumber,
            Visits = finished || Graph.HasNestedWorkflows ? [] : goesOn ? [.. visits] : visits,
            VisitsByNode = finished || !Graph.HasNestedWorkflows ? null
                : Graph.Nodes.Where(node => visits[node.NodeIndex] > 0).ToDictionary(node => node.NodeId, node => visits[node.NodeIndex]),
            Memory = Memory,
            Scheduled = goesOn ? [.. queue.Select(item => item.Save())] : [],
            BurstInput = goesOn ? new(BurstInput) : [],
            InputBefore = goesOn ? inputBefore : null,
            IsInFirstBurst = goesOn && !resumed,
        };
    }

    // What an event or a report brings belongs to the burst it sets off, unless the workflow declares it as an input: kept, it would make
    // every instance grow and let the next timeout look like the last event.
    private void ForgetBurstInput()
    {
        foreach (var name in BurstInput.Keys)
        {
            if (Definition.Inputs.Any(input => input.Name == name)) continue;
            if (inputBefore is not null && inputBefore.TryGetValue(name, out var before)) Input[name] = before;
            else if (resumed || name.StartsWith("__", StringComparison.Ordinal)) Input.Remove(name);
        }
    }

    private Dictionary<string, object?>? rootVariables;

    /// <summary>The workflow's own variables are still of interest when it is done.</summary>
    internal void KeepRootVariables(ActivityExecutionContext root) => rootVariables = root.NamedVariables();

    internal void Restore(WorkflowState state)
    {
        resumed = true;
        (Id, CorrelationId, Name, ParentInstanceId) = (state.InstanceId, state.CorrelationId, state.Name, state.ParentInstanceId);
        (TriggerActivityId, TriggerActivity, CreatedAt) = (state.TriggerActivityId, Graph.TriggerOf(state.TriggerActivityId), state.CreatedAt);
        (sequence, lastNumber, LastResult) = (state.LastSequence, state.LastNumber, state.LastResult);
        // Copies: the state that was handed in stays what was saved, should this burst be thrown away.
        (BookmarkList, IncidentList) = ([.. state.Bookmarks], [.. state.Incidents]);
        (Input, Output, Properties) = (new(state.Input), new(state.Output), new(state.Properties));
        if (state.Outputs.Count > 0) outputs = state.Outputs.ToDictionary(pair => pair.Key, pair => new Dictionary<string, object?>(pair.Value));
        Memory = state.Memory is null ? null : new(state.Memory);
        RestoreVisits(state);
        var byNumber = new Dictionary<int, ActivityExecutionContext>();
        foreach (var saved in state.Activities)
        {
            if (Graph.Find(saved.NodeId) is not { } activity)
                throw new InvalidOperationException($"Instance {Id} waits in step '{saved.NodeId}', which version {Definition.Version} of '{Definition.Name}' does not have.");
            var parent = saved.ParentNumber == 0 ? null : byNumber.GetValueOrDefault(saved.ParentNumber);
            var context = new ActivityExecutionContext(this, activity, parent, saved.Number, saved.StartedAt);
            context.Restore(saved);
            byNumber[saved.Number] = context;
            Add(context);
            Root ??= context;
        }
        RestoreQueue(state, byNumber);
    }

    private void RestoreQueue(WorkflowState state, Dictionary<int, ActivityExecutionContext> byNumber)
    {
        if (state.Scheduled.Count == 0) return;
        // The burst that was interrupted goes on as what it was: its start or its resume.
        (BurstInput, inputBefore, resumed) = (new Dictionary<string, object?>(state.BurstInput), state.InputBefore, !state.IsInFirstBurst);
        foreach (var saved in state.Scheduled)
        {
            if (Graph.Find(saved.NodeId) is not { } activity)
                throw new InvalidOperationException($"Instance {Id} is to go on with step '{saved.NodeId}', which version {Definition.Version} of '{Definition.Name}' does not have.");
            var owner = byNumber.GetValueOrDefault(saved.OwnerNumber);
            Schedule(new WorkItem(
                activity, owner, saved.Callback is { } name && owner is not null ? CallbackNames.Completion(name, owner.Activity) : null, saved.Tag,
                saved.Variables is null ? null : new(saved.Variables), byNumber.GetValueOrDefault(saved.ContextNumber),
                BookmarkList.Find(mark => mark.Number == saved.BookmarkNumber)));
        }
    }

    private void RestoreVisits(WorkflowState state)
    {
        for (var i = 0; i < state.Visits.Count && i < visits.Length; i++) visits[i] = state.Visits[i];
        if (state.VisitsByNode is not { } named) return;
        foreach (var (nodeId, count) in named)
            if (Graph.Find(nodeId) is { } node) visits[node.NodeIndex] = count;
    }
}

/// <summary>A step that is to be run.</summary>
/// <param name="Existing">Set when an activity that has begun goes on.</param>
internal readonly record struct WorkItem(
    Activity Activity, ActivityExecutionContext? Owner, ActivityCompletionCallback? Callback, object? Tag,
    Dictionary<string, object?>? Variables, ActivityExecutionContext? Existing = null, Bookmark? Bookmark = null)
{
    public ScheduledActivity Save() => new(Activity.NodeId, Owner?.Number ?? 0)
    {
        Callback = Callback is { } method && Owner is { } owner ? CallbackNames.Of(method, owner.Activity) : null,
        Tag = Tag,
        Variables = Variables,
        ContextNumber = Existing?.Number ?? 0,
        BookmarkNumber = Bookmark?.Number ?? 0,
    };
}

/// <summary>Told to the owner when a step it scheduled is done.</summary>
public delegate ValueTask ActivityCompletionCallback(ActivityCompletedContext completed);

/// <param name="TargetContext">The owner.</param>
/// <param name="ChildContext">The step that is done.</param>
public readonly record struct ActivityCompletedContext(
    ActivityExecutionContext TargetContext, ActivityExecutionContext ChildContext, IReadOnlyList<string> Outcomes);

namespace Automation.Workflows.Runtime;

/// <summary>Runs instances, one burst at a time: until nothing is left to do but wait.</summary>
/// <remarks>Holds no instance between bursts: what a burst changed is in its result, and the host saves it whole or not at all.</remarks>
public sealed class WorkflowRunner
{
    private readonly Dictionary<string, IExpressionHandler> handlers = new(StringComparer.OrdinalIgnoreCase);

    public WorkflowRunner(ActivityRegistry registry, IEnumerable<IExpressionHandler> handlers, TimeProvider clock)
    {
        (Registry, Clock) = (registry, clock);
        foreach (var handler in ExpressionHandlers.BuiltIn()) this.handlers[handler.Type] = handler;
        foreach (var handler in handlers) this.handlers[handler.Type] = handler;
    }

    public ActivityRegistry Registry { get; }
    public TimeProvider Clock { get; }

    /// <summary>Steps one burst may take before it is stopped as a loop that never waits. Default 100,000.</summary>
    public int MaxActivitiesPerBurst { get; init; } = 100_000;

    /// <summary>Told what each burst left behind, before the host has saved it; for tools that show a run.</summary>
    public Action<WorkflowResult>? Told { get; init; }

    /// <summary>Where lines are written when the host's services name no writer; null: the console.</summary>
    public TextWriter? Output { get; init; }

    /// <summary>Whether bursts write a journal. Off only to measure what it costs: hosts tell people from it what happened.</summary>
    public bool KeepsJournal { get; init; } = true;

    public async ValueTask<WorkflowResult> StartAsync(WorkflowGraph graph, WorkflowStart start, IServiceProvider services, CancellationToken cancellation)
    {
        var workflow = new WorkflowExecutionContext(this, graph, services, cancellation);
        workflow.Begin(start);
        workflow.Schedule(new WorkItem(graph.Workflow, null, null, null, null));
        return await RunAsync(workflow);
    }

    /// <returns>The state unchanged and an empty journal when the instance is already finished.</returns>
    /// <exception cref="BookmarkNotFoundException">The instance does not wait at that bookmark (any more).</exception>
    public async ValueTask<WorkflowResult> ResumeAsync(
        WorkflowGraph graph, WorkflowState state, string bookmarkId, IReadOnlyDictionary<string, object?>? input, IServiceProvider services, CancellationToken cancellation)
    {
        var bookmark = state.Bookmarks.Find(mark => mark.Id == bookmarkId);
        if (state.Status == WorkflowStatus.Finished) return new WorkflowResult(state, [], []);
        if (bookmark is null) throw new BookmarkNotFoundException(state.InstanceId, bookmarkId);
        var workflow = new WorkflowExecutionContext(this, graph, services, cancellation);
        workflow.Restore(state);
        workflow.MergeInput(input);
        var waiting = workflow.Active.Find(context => context.Number == bookmark.ContextNumber)
            ?? throw new BookmarkNotFoundException(state.InstanceId, bookmarkId);
        workflow.Schedule(new WorkItem(waiting.Activity, waiting.ParentContext, null, null, null, waiting, bookmark));
        return await RunAsync(workflow);
    }

    /// <summary>Goes on with the steps that were queued when an instance was saved in the midst of a burst (<see cref="IWorkflowCommits"/>) and its
    /// process ended. What the last of those bursts was given is given to it again.</summary>
    /// <returns>The state unchanged and an empty journal when nothing was queued.</returns>
    public async ValueTask<WorkflowResult> ContinueAsync(WorkflowGraph graph, WorkflowState state, IServiceProvider services, CancellationToken cancellation)
    {
        if (state.Scheduled.Count == 0 || state.Status == WorkflowStatus.Finished) return new WorkflowResult(state, [], []);
        var workflow = new WorkflowExecutionContext(this, graph, services, cancellation);
        workflow.Restore(state);
        return await RunAsync(workflow);
    }

    /// <summary>Ends an instance where it stands. A finished one stays as it is.</summary>
    public WorkflowResult Cancel(WorkflowGraph graph, WorkflowState state)
    {
        if (state.Status == WorkflowStatus.Finished) return new WorkflowResult(state, [], []);
        var workflow = new WorkflowExecutionContext(this, graph, NoServices.Instance, CancellationToken.None);
        workflow.Restore(state);
        workflow.BookmarkList.Clear();
        workflow.SubStatus = WorkflowSubStatus.Cancelled;
        return Tell(workflow.Leave(finished: true));
    }

    private WorkflowResult Tell(WorkflowResult result)
    {
        Told?.Invoke(result);
        return result;
    }

    internal IExpressionHandler HandlerOf(string type) => handlers.TryGetValue(type, out var handler)
        ? handler : throw new InvalidOperationException($"Expressions of kind '{type}' are not supported.");

    public IReadOnlyDictionary<string, IExpressionHandler> Handlers => handlers;

    private async ValueTask<WorkflowResult> RunAsync(WorkflowExecutionContext workflow)
    {
        var commits = BurstCommits.Of(workflow);
        if (commits is not null) await commits.BeginAsync();
        while (workflow.TryPeek(out var item))
        {
            workflow.CancellationToken.ThrowIfCancellationRequested();
            if (!workflow.TryCountStep())
            {
                Stop(workflow, item);
                break;
            }
            if (commits is not null) await commits.BeforeAsync(item.Activity);
            workflow.Dequeue();
            await InvokeAsync(workflow, item);
            if (commits is not null) await commits.AfterAsync(item.Activity);
        }
        return Tell(workflow.Leave(Settle(workflow)));
    }

    private static async ValueTask InvokeAsync(WorkflowExecutionContext workflow, WorkItem item)
    {
        var context = item.Existing ?? workflow.Enter(item);
        if (context.Status != ActivityStatus.Running) return;
        try
        {
            workflow.Log(context, workflow.IsBookmarked(item.Activity) ? "Resumed" : "Started");
            if (item.Bookmark is { } bookmark) await ResumeAsync(context, bookmark);
            else
            {
                await context.EvaluateInputsAsync();
                await item.Activity.RunAsync(context);
            }
            if (context.Status == ActivityStatus.Running && workflow.IsBookmarked(item.Activity)) workflow.Log(context, "Suspended");
        }
        catch (Exception broken) when (broken is not OperationCanceledException || !workflow.CancellationToken.IsCancellationRequested)
        {
            Fault(workflow, context, broken);
        }
    }

    private static async ValueTask ResumeAsync(ActivityExecutionContext context, Bookmark bookmark)
    {
        if (bookmark.Callback is { } name) await CallbackNames.Resume(name, context.Activity)(context);
        else if (bookmark.AutoComplete) await context.CompleteActivityAsync();
        if (bookmark.AutoBurn) context.WorkflowExecutionContext.BookmarkList.RemoveAll(mark => mark.Id == bookmark.Id);
    }

    private static void Fault(WorkflowExecutionContext workflow, ActivityExecutionContext context, Exception broken)
    {
        context.Fault();
        workflow.IncidentList.Add(IncidentOf(workflow, context, broken.Message, broken.GetType().Name));
        workflow.Log(context, "Faulted", data: System.Text.Json.Nodes.JsonValue.Create(broken.Message));
        // What is queued still runs to the end of the burst, as in Elsa.
        if (!(context.Activity.ContinuesOnFault ?? workflow.Graph.ContinuesOnFault)) workflow.SubStatus = WorkflowSubStatus.Faulted;
    }

    private static Incident IncidentOf(WorkflowExecutionContext workflow, ActivityExecutionContext context, string message, string? exceptionType) =>
        new(context.Activity.Id, context.Activity.NodeId, context.Id, context.Activity.Type, message, exceptionType, workflow.Now);

    private void Stop(WorkflowExecutionContext workflow, WorkItem item)
    {
        workflow.DropWork();
        var context = item.Owner ?? workflow.Root!;
        workflow.IncidentList.Add(new Incident(item.Activity.Id, item.Activity.NodeId, context.Id, item.Activity.Type,
            LoopMessage, null, workflow.Now));
        workflow.SubStatus = WorkflowSubStatus.Faulted;
    }

    internal string LoopMessage => $"More than {MaxActivitiesPerBurst} steps without a wait: the workflow loops.";

    /// <summary>Decides, at the end of a burst, what the instance is now.</summary>
    private static bool Settle(WorkflowExecutionContext workflow)
    {
        if (workflow.SubStatus is WorkflowSubStatus.Finished or WorkflowSubStatus.Faulted) return true;
        DiscardLeftovers(workflow);
        if (workflow.Active.Count == 0) workflow.SubStatus = WorkflowSubStatus.Finished;
        else if (workflow.BookmarkList.Count > 0) workflow.SubStatus = WorkflowSubStatus.Suspended;
        else
        {
            // Nothing will ever wake it: Elsa leaves such an instance suspended for ever.
            if (workflow.IncidentList.Count == 0)
                workflow.IncidentList.Add(IncidentOf(workflow, workflow.Active[^1], "The step ended without completing and waits for nothing.", null));
            workflow.SubStatus = WorkflowSubStatus.Faulted;
        }
        return workflow.SubStatus != WorkflowSubStatus.Suspended;
    }

    // Work that was queued below a container when the container ended still ran; what of it waits now has nobody to report to.
    private static void DiscardLeftovers(WorkflowExecutionContext workflow)
    {
        for (var i = workflow.Active.Count - 1; i >= 0; i--)
            if (i < workflow.Active.Count && workflow.Active[i].ParentContext is { Status: ActivityStatus.Completed or ActivityStatus.Canceled })
                workflow.Active[i].Discard();
    }
}

/// <summary>An instance was asked to go on where it does not wait.</summary>
public sealed class BookmarkNotFoundException(string instanceId, string bookmarkId)
    : InvalidOperationException($"Instance {instanceId} does not wait at bookmark {bookmarkId}.");

internal sealed class NoServices : IServiceProvider
{
    public static readonly NoServices Instance = new();
    public object? GetService(Type serviceType) => null;
}

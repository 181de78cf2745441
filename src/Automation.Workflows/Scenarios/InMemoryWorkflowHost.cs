using System.Text.Json.Nodes;
using Automation.Workflows.Activities;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Scenarios;

/// <summary>A whole host in memory, on a virtual clock: definitions, triggers, instances, events, children, timers.</summary>
/// <remarks>Between two bursts an instance exists only as its JSON, as it would in a database. Work in the background (children that were dispatched,
/// parents to be told, published events) is done when time passes, not before.</remarks>
public sealed class InMemoryWorkflowHost : IChildWorkflows, IServiceProvider, IDisposable
{
    // An event may come a moment before the wait for it exists; Elsa retries it about that long.
    private static readonly TimeSpan EventKept = TimeSpan.FromMinutes(1);

    // What one stretch of time may set off: a timer of no length would go on for ever.
    private const int MaxSteps = 100_000;

    // A workflow that starts itself again and again would fill the memory.
    private const int MaxInstances = 5_000;

    private readonly WorkflowRunner runner;
    private readonly List<HostedInstance> instances = [];
    private readonly Dictionary<string, WorkflowGraph> graphs = new(StringComparer.Ordinal);
    private readonly List<(WorkflowDefinition Definition, WorkflowTrigger Trigger)> triggers = [];
    private readonly Queue<Func<CancellationToken, ValueTask>> background = new();
    private readonly List<(Stimulus Stimulus, DateTimeOffset Until)> unmatched = [];
    private readonly IServiceProvider? services;
    private readonly LineWriter output = new();
    private int lastId;

    public InMemoryWorkflowHost(ActivityRegistry registry, IEnumerable<IExpressionHandler> handlers, VirtualClock clock, IServiceProvider? services = null)
    {
        (Clock, this.services) = (clock, services);
        Definitions = new WorkflowCatalog();
        runner = new WorkflowRunner(registry, handlers, clock);
    }

    public VirtualClock Clock { get; }
    public WorkflowCatalog Definitions { get; }
    public WorkflowRunner Runner => runner;

    /// <summary>In the order they began.</summary>
    public IReadOnlyList<HostedInstance> Instances => instances;
    public IReadOnlyList<(WorkflowDefinition Definition, WorkflowTrigger Trigger)> Triggers => triggers;

    /// <summary>Lines written by workflows since the last call.</summary>
    public IReadOnlyList<string> TakeLines() => output.Take();

    /// <summary>Adds a definition and, on wish, publishes it.</summary>
    /// <returns>What is wrong with its triggers; then it was not taken.</returns>
    public IReadOnlyList<string> Import(WorkflowDefinition definition, bool publish = true)
    {
        var before = Definitions.Copy();
        Definitions.Save(definition, NewId);
        graphs.Clear();
        if (!publish) return [];
        Definitions.Publish(definition);
        var (found, errors) = GraphOf(definition).IndexTriggers(Clock.GetUtcNow());
        if (errors.Count > 0)
        {
            Definitions.Restore(before);
            return errors;
        }
        triggers.RemoveAll(trigger => trigger.Definition.DefinitionId == definition.DefinitionId);
        triggers.AddRange(found.Select(trigger => (definition, trigger)));
        return [];
    }

    public void Retract(string definitionId)
    {
        Definitions.Retract(definitionId);
        triggers.RemoveAll(trigger => trigger.Definition.DefinitionId == definitionId);
    }

    /// <exception cref="InvalidOperationException">No version of it is published.</exception>
    public async ValueTask<HostedInstance> RunAsync(
        string definitionId, IReadOnlyDictionary<string, object?>? input, string? correlationId, CancellationToken cancellation)
    {
        var definition = Definitions.Published(definitionId) ?? throw new InvalidOperationException($"Workflow '{definitionId}' is not published.");
        return await StartAsync(definition, new WorkflowStart { InstanceId = NewId(), CorrelationId = correlationId, Input = input }, cancellation);
    }

    /// <summary>Goes on at a bookmark; an instance that is finished stays as it is.</summary>
    public async ValueTask ResumeAsync(HostedInstance instance, string bookmarkId, IReadOnlyDictionary<string, object?>? input, CancellationToken cancellation)
    {
        var state = instance.Load();
        var graph = GraphOf(Definitions.Version(state.DefinitionVersionId) ?? throw new InvalidOperationException($"Version {state.DefinitionVersionId} is gone."));
        Save(instance, await runner.ResumeAsync(graph, state, bookmarkId, input, this, cancellation));
    }

    public void Cancel(HostedInstance instance)
    {
        var state = instance.Load();
        Save(instance, runner.Cancel(GraphOf(Definitions.Version(state.DefinitionVersionId)!), state));
    }

    public ValueTask PublishEventAsync(string name, object? payload, string? correlationId, CancellationToken cancellation) =>
        DeliverAsync(new Stimulus(Event.HashOf(name), name, Event.InputOf(payload), correlationId, null), cancellation);

    /// <summary>Reports on the first task an instance waits for.</summary>
    /// <returns>False when it waits for none.</returns>
    public async ValueTask<bool> ReportTaskAsync(HostedInstance instance, object? result, CancellationToken cancellation)
    {
        if (instance.Load().Bookmarks.Find(mark => mark.Name == RunTask.StimulusName) is not { } mark) return false;
        await ResumeAsync(instance, mark.Id, new Dictionary<string, object?> { [RunTask.ResultInput] = result }, cancellation);
        return true;
    }

    /// <summary>Lets time pass: does what waits in the background and fires what falls due, in the order of its instants.</summary>
    /// <param name="until">Stops early when true; asked after each thing done.</param>
    public async ValueTask PassAsync(TimeSpan time, CancellationToken cancellation, Func<bool>? until = null)
    {
        var end = Clock.GetUtcNow() + time;
        await DoBackgroundAsync(cancellation);
        for (var step = 0; step < MaxSteps && until?.Invoke() != true; step++)
        {
            if (NextDue(end) is not { } due) break;
            Clock.MoveTo(due.At);
            await due.FireAsync(cancellation);
            await DoBackgroundAsync(cancellation);
        }
        if (until?.Invoke() != true) Clock.MoveTo(end);
    }

    public void Dispose() => output.Dispose();

    async ValueTask<ChildWorkflowResult> IChildWorkflows.ExecuteAsync(ChildWorkflowStart child, CancellationToken cancellation)
    {
        var instance = await StartChildAsync(child, cancellation);
        var state = instance.Load();
        return new ChildWorkflowResult(state.InstanceId, state.DefinitionVersionId, state.CorrelationId, state.Status, state.SubStatus, state.Output);
    }

    bool IChildWorkflows.CanStart(string definitionId) => Definitions.Published(definitionId) is not null;

    object? IServiceProvider.GetService(Type serviceType) =>
        serviceType == typeof(IChildWorkflows) ? this
        : serviceType == typeof(TextWriter) ? output
        : services?.GetService(serviceType);

    private ValueTask<HostedInstance> StartChildAsync(ChildWorkflowStart child, CancellationToken cancellation)
    {
        var definition = Definitions.Published(child.DefinitionId) ?? throw new InvalidOperationException($"Workflow '{child.DefinitionId}' is not published.");
        return StartAsync(definition, new WorkflowStart
        {
            InstanceId = child.InstanceId,
            CorrelationId = child.CorrelationId,
            ParentInstanceId = child.ParentInstanceId,
            Input = child.Input,
        }, cancellation);
    }

    private async ValueTask<HostedInstance> StartAsync(WorkflowDefinition definition, WorkflowStart start, CancellationToken cancellation)
    {
        if (instances.Count >= MaxInstances) throw new InvalidOperationException($"More than {MaxInstances} instances: workflows seem to start one another without end.");
        var instance = new HostedInstance(start.InstanceId, definition.DefinitionId, definition.Version);
        instances.Add(instance);
        Save(instance, await runner.StartAsync(GraphOf(definition), start, this, cancellation));
        return instance;
    }

    private void Save(HostedInstance instance, WorkflowResult result)
    {
        instance.Save(result);
        foreach (var request in result.Requests)
        {
            switch (request)
            {
                case WorkflowRequest.Dispatch dispatch:
                    background.Enqueue(async cancellation => await DispatchAsync(dispatch.Child, cancellation));
                    break;
                case WorkflowRequest.Publish published:
                    var stimulus = new Stimulus(Event.HashOf(published.EventName), published.EventName, Event.InputOf(published.Payload), published.CorrelationId, published.InstanceId);
                    background.Enqueue(cancellation => DeliverAsync(stimulus, cancellation));
                    break;
                case WorkflowRequest.RunTask or WorkflowRequest.Call:
                    break;   // reported by whoever drives this host
            }
        }
        if (ChildWorkflows.ResumeOf(result.State) is { } resume) background.Enqueue(cancellation => TellParentAsync(resume, cancellation));
    }

    private async ValueTask DispatchAsync(ChildWorkflowStart child, CancellationToken cancellation)
    {
        var definition = Definitions.Published(child.DefinitionId) ?? throw new InvalidOperationException($"Workflow '{child.DefinitionId}' is not published.");
        if (MayStart(definition, child.CorrelationId)) await StartChildAsync(child, cancellation);
    }

    private async ValueTask TellParentAsync((string ParentInstanceId, IReadOnlyList<string> Hashes, IReadOnlyDictionary<string, object?> Input) resume, CancellationToken cancellation)
    {
        var parent = instances.Find(instance => instance.Id == resume.ParentInstanceId);
        foreach (var mark in parent?.Load().Bookmarks.Where(mark => resume.Hashes.Contains(mark.Hash)) ?? [])
            await ResumeAsync(parent!, mark.Id, resume.Input, cancellation);
    }

    /// <param name="EventName">As the event was published; also reaches waits that name it as their event type.</param>
    private sealed record Stimulus(string Hash, string EventName, IReadOnlyDictionary<string, object?> Input, string? CorrelationId, string? InstanceId);

    private async ValueTask DeliverAsync(Stimulus stimulus, CancellationToken cancellation)
    {
        if (stimulus.InstanceId is null)
        {
            foreach (var (definition, trigger) in triggers.Where(item => Matches(stimulus, item.Trigger.Hash, item.Trigger.Payload)).ToArray())
                await StartByTriggerAsync(definition, trigger, stimulus.Input, stimulus.CorrelationId, cancellation);
        }
        if (!await ResumeMatchingAsync(stimulus, cancellation)) unmatched.Add((stimulus, Clock.GetUtcNow() + EventKept));
    }

    private async ValueTask<bool> ResumeMatchingAsync(Stimulus stimulus, CancellationToken cancellation)
    {
        var resumed = false;
        foreach (var instance in instances.ToArray())
        {
            if (stimulus.InstanceId is { } only && instance.Id != only) continue;
            if (stimulus.CorrelationId is { } correlation && instance.CorrelationId != correlation) continue;
            foreach (var mark in instance.Waits.Where(mark => Matches(stimulus, mark.Hash, mark.Payload)).ToArray())
            {
                if (!instance.Waits.Any(open => open.Id == mark.Id)) continue;   // went with an earlier one
                await ResumeAsync(instance, mark.Id, stimulus.Input, cancellation);
                resumed = true;
            }
        }
        return resumed;
    }

    private static bool Matches(Stimulus stimulus, string hash, JsonNode? payload) =>
        hash == stimulus.Hash || (payload is JsonObject shape && shape.Text("eventType") == stimulus.EventName);

    private async ValueTask StartByTriggerAsync(
        WorkflowDefinition definition, WorkflowTrigger trigger, IReadOnlyDictionary<string, object?>? input, string? correlationId, CancellationToken cancellation)
    {
        if (!MayStart(definition, correlationId)) return;
        await StartAsync(definition, new WorkflowStart
        {
            InstanceId = NewId(),
            CorrelationId = correlationId,
            Input = input,
            TriggerActivityId = trigger.ActivityId,
        }, cancellation);
    }

    // Asked when something else starts a workflow; who runs one directly means it.
    private bool MayStart(WorkflowDefinition definition, string? correlationId)
    {
        var running = instances.Select(instance => instance.Load()).Where(state => state.Status == WorkflowStatus.Running);
        return definition.Options.ActivationStrategy switch
        {
            "SingletonStrategy" => !running.Any(state => state.DefinitionId == definition.DefinitionId),
            "CorrelatedSingletonStrategy" => !running.Any(state => state.DefinitionId == definition.DefinitionId && state.CorrelationId == correlationId),
            "CorrelationStrategy" => !running.Any(state => state.CorrelationId == correlationId),
            _ => true,
        };
    }

    private async ValueTask DoBackgroundAsync(CancellationToken cancellation)
    {
        for (var step = 0; step < MaxSteps; step++)
        {
            if (background.TryDequeue(out var work)) await work(cancellation);
            else if (!await RetryUnmatchedAsync(cancellation)) return;
        }
    }

    private async ValueTask<bool> RetryUnmatchedAsync(CancellationToken cancellation)
    {
        unmatched.RemoveAll(item => item.Until < Clock.GetUtcNow());
        foreach (var item in unmatched.ToArray())
        {
            if (!await ResumeMatchingAsync(item.Stimulus, cancellation)) continue;
            unmatched.Remove(item);
            return true;
        }
        return false;
    }

    private (DateTimeOffset At, Func<CancellationToken, ValueTask> FireAsync)? NextDue(DateTimeOffset end)
    {
        (DateTimeOffset At, Func<CancellationToken, ValueTask> FireAsync)? next = null;
        foreach (var instance in instances)
        {
            foreach (var mark in instance.Waits)
                if (mark.DueAt is { } due && due <= end && (next is null || due < next.Value.At))
                    next = (due, cancellation => ResumeAsync(instance, mark.Id, null, cancellation));
        }
        for (var i = 0; i < triggers.Count; i++)
        {
            var at = i;
            if (triggers[i].Trigger.DueAt is { } due && due <= end && (next is null || due < next.Value.At)) next = (due, cancellation => FireTriggerAsync(at, due, cancellation));
        }
        return next;
    }

    private async ValueTask FireTriggerAsync(int index, DateTimeOffset due, CancellationToken cancellation)
    {
        var (definition, trigger) = triggers[index];
        DateTimeOffset? following = trigger.Name switch
        {
            "Elsa.Timer" when TimeSpan.TryParse((trigger.Payload as JsonObject)?.Text("interval"), System.Globalization.CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero => due + interval,
            "Elsa.Cron" => CronSchedule.Parse((trigger.Payload as JsonObject)?.Text("cronExpression") ?? "").Next(due),
            _ => null,
        };
        triggers[index] = (definition, trigger with { DueAt = following });
        await StartByTriggerAsync(definition, trigger, null, null, cancellation);
    }

    private WorkflowGraph GraphOf(WorkflowDefinition definition)
    {
        if (graphs.TryGetValue(definition.Id, out var known)) return known;
        return graphs[definition.Id] = WorkflowGraph.Build(definition, runner.Registry, Definitions.Resolve);
    }

    // Counted, not random: the same script gives the same trace.
    private string NewId() => (++lastId).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    private sealed class LineWriter : StringWriter
    {
        public LineWriter() : base(System.Globalization.CultureInfo.InvariantCulture) => NewLine = "\n";

        public IReadOnlyList<string> Take()
        {
            var text = ToString();
            GetStringBuilder().Clear();
            return text.Length == 0 ? [] : text[..^1].Split('\n');
        }
    }
}

/// <summary>An instance as a host keeps it: its saved JSON and its journal.</summary>
public sealed class HostedInstance(string id, string definitionId, int version)
{
    private readonly List<JournalEntry> journal = [];
    private string json = "";
    private WorkflowState? last;

    public string Id { get; } = id;
    public string DefinitionId { get; } = definitionId;
    public int Version { get; } = version;
    public IReadOnlyList<JournalEntry> Journal => journal;
    internal string? CorrelationId => last?.CorrelationId;

    /// <summary>The saved state, read anew.</summary>
    public WorkflowState Load()
    {
        if (last is null) throw new InvalidOperationException($"Instance {Id} is still in its first burst.");
        var state = WorkflowState.FromJson(json);
        state.KeepMemoryOf(last);
        return state;
    }

    public string Json => json;

    /// <summary>Where it waits; nowhere once it is finished.</summary>
    internal IReadOnlyList<Bookmark> Waits => last is { Status: WorkflowStatus.Running } ? last.Bookmarks : [];

    internal void Save(WorkflowResult result)
    {
        json = result.State.ToJson();
        last = result.State;
        journal.AddRange(result.Journal);
    }
}

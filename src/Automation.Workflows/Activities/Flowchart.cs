using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>Steps joined by connections. A step with several connections into it waits for all paths that are still alive.</summary>
[Activity("Elsa", "Flow", "A flowchart is a collection of activities and connections between them.")]
public sealed class Flowchart : Container
{
    private readonly ConcurrentDictionary<int, FlowGraph> graphs = new();
    private List<FlowConnection> connections = [];
    private string? startId;

    /// <summary>Without duplicates, in the order of the file; ends that do not exist are left out.</summary>
    public IReadOnlyList<FlowConnection> Connections => connections;

    internal string? StartId => startId;

    internal override void Bind(JsonObject source, GraphBuilder builder)
    {
        startId = source.Text("start") ?? (source["start"] as JsonObject)?.Text("id");
        var byId = new Dictionary<string, Activity>(StringComparer.Ordinal);
        foreach (var activity in Activities) byId.TryAdd(activity.Id, activity);
        var seen = new HashSet<(string, string, string, string)>();
        foreach (var (from, port, to, inPort) in FlowConnection.ReadAll(source["connections"]))
            if (byId.TryGetValue(from, out var a) && byId.TryGetValue(to, out var b) && seen.Add((from, port, to, inPort)))
                connections.Add(new FlowConnection(connections.Count, a, port, b));
    }

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        var start = StartOf(context);
        if (start < 0) return context.CompleteActivityAsync();
        context.Flow = new FlowScope(GraphFrom(start));
        context.ScheduleActivity(Activities[start], OnChildCompletedAsync);
        return default;
    }

    internal FlowScope RestoreScope(FlowScopeState saved) => new(GraphFrom(saved.Start), saved);

    private FlowGraph GraphFrom(int start) => graphs.GetOrAdd(start, static (from, flow) => new FlowGraph(flow.Activities, flow.connections, from), this);

    private int StartOf(ActivityExecutionContext context)
    {
        if (context.WorkflowExecutionContext.TriggerActivity is { } trigger && Activities.IndexOf(trigger) is var at and >= 0) return at;
        return DefaultStart();
    }

    internal int DefaultStart()
    {
        if (Activities.Count == 0) return -1;
        if (startId is not null && IndexWhere(activity => activity.Id == startId) is var drawn and >= 0) return drawn;
        if (IndexWhere(activity => activity is Start) is var start and >= 0) return start;
        if (IndexWhere(activity => activity.CanStartWorkflow) is var trigger and >= 0) return trigger;
        var entered = new HashSet<Activity>(connections.Select(connection => connection.Target), ReferenceEqualityComparer.Instance);
        return Math.Max(0, IndexWhere(activity => !entered.Contains(activity)));
    }

    private int IndexWhere(Predicate<Activity> match) => Activities.FindIndex(match);

    private async ValueTask OnChildCompletedAsync(ActivityCompletedContext completed)
    {
        var flow = completed.TargetContext;
        if (completed.ChildContext.Activity.IsTerminal)
        {
            await flow.CompleteActivityAsync();
            return;
        }
        var node = Activities.IndexOf(completed.ChildContext.Activity);
        await new FlowStep(this, flow).FollowAsync(node, completed.Outcomes, viaBackward: completed.ChildContext.Tag is true);
        await CompleteIfDoneAsync(flow);
    }

    // A cancelled step counts as one that took none of its ways out, so that joins behind it stop waiting.
    internal override async ValueTask OnChildCanceledAsync(ActivityExecutionContext context, ActivityExecutionContext child)
    {
        if (context.Flow is null) return;
        await new FlowStep(this, context).FollowAsync(Activities.IndexOf(child.Activity), [], viaBackward: child.Tag is true);
        await CompleteIfDoneAsync(context);
    }

    internal void Schedule(ActivityExecutionContext flow, Activity activity, bool viaBackward) =>
        flow.ScheduleActivity(activity, OnChildCompletedAsync, viaBackward ? BoxedTrue : null);

    private static readonly object BoxedTrue = true;

    private static ValueTask CompleteIfDoneAsync(ActivityExecutionContext flow) => flow.HasWorkBelow ? default : flow.CompleteActivityAsync();
}

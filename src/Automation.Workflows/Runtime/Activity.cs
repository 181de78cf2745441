using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;

namespace Automation.Workflows.Runtime;

/// <summary>One step of a workflow.</summary>
public interface IActivity
{
    string Id { get; }
    string NodeId { get; }
    string? Name { get; }
    string Type { get; }
    int Version { get; }
    bool CanStartWorkflow { get; }
    JsonObject? CustomProperties { get; }
    JsonObject? Metadata { get; }

    ValueTask ExecuteAsync(ActivityExecutionContext context);
}

/// <summary>Base of all steps. One object per place in a graph, shared by every running instance: it holds no run-time values.</summary>
public abstract class Activity : IActivity
{
    public string Id { get; internal set; } = "";

    /// <summary>Path of ids from the workflow, e.g. <c>Workflow1:flow:mail</c>. Unique in a graph, where ids need not be.</summary>
    public string NodeId { get; internal set; } = "";
    public string? Name { get; internal set; }
    public string Type { get; internal set; } = "";
    public int Version { get; internal set; } = 1;
    public bool CanStartWorkflow { get; internal set; }
    public JsonObject? CustomProperties { get; internal set; }
    public JsonObject? Metadata { get; internal set; }

    /// <summary>The activity this one is embedded in; null for the workflow itself.</summary>
    public Activity? Parent { get; internal set; }

    /// <summary>Position in the graph, in the order of the file.</summary>
    public int NodeIndex { get; internal set; }

    /// <summary>Variables that belong to this activity and are seen below it.</summary>
    public IReadOnlyList<VariableDefinition> Variables { get; internal set; } = [];

    /// <summary>When the instance is saved around this step; null: as its workflow says.</summary>
    internal CommitPoints? Commits { get; set; }

    /// <summary>Whether the instance goes on when this step fails; null: as its workflow says.</summary>
    internal bool? ContinuesOnFault { get; set; }

    internal Input[] Inputs { get; set; } = [];
    internal int DynamicInputs { get; set; }
    internal IReadOnlyDictionary<string, Output> Outputs { get; set; } = NoOutputs;
    internal JsonObject? Source { get; set; }

    /// <summary>Activities held in ports and lists.</summary>
    internal IReadOnlyList<Activity> Embedded => embedded ?? (IReadOnlyList<Activity>)[];

    internal void Embed(Activity child) => (embedded ??= []).Add(child);

    private List<Activity>? embedded;

    private static readonly Dictionary<string, Output> NoOutputs = [];

    /// <summary>The value a variable of this activity has before anything was assigned.</summary>
    internal object? DefaultOf(VariableDefinition variable)
    {
        defaults ??= new object?[Variables.Count];
        for (var i = 0; i < Variables.Count; i++)
            if (Variables[i] == variable) return defaults[i] ??= ConvertDefault(variable);
        return null;
    }

    private object?[]? defaults;

    // A default that is no value of the variable's type is named by the validator; here it counts as none.
    private static object? ConvertDefault(VariableDefinition variable)
    {
        try
        {
            return ValueConverter.Convert(PlainValue.FromJson(variable.Default), variable.Type);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Behind a terminal step its container ends at once.</summary>
    internal virtual bool IsTerminal => false;

    protected virtual ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        Execute(context);
        return default;
    }

    protected virtual void Execute(ActivityExecutionContext context) { }

    ValueTask IActivity.ExecuteAsync(ActivityExecutionContext context) => RunAsync(context);

    internal virtual ValueTask RunAsync(ActivityExecutionContext context) => ExecuteAsync(context);

    /// <summary>Told when a direct child was cancelled.</summary>
    internal virtual ValueTask OnChildCanceledAsync(ActivityExecutionContext context, ActivityExecutionContext child) => default;

    /// <summary>Reads what cannot be read property by property; called once, when the graph is built.</summary>
    internal virtual void Bind(JsonObject source, GraphBuilder builder) { }

    /// <summary>Outcomes that depend on how this step is set up, for the check of connections; null when any outcome may occur.</summary>
    internal virtual IReadOnlyList<string>? OwnOutcomes => null;
}

/// <summary>A step that is done when its code has run.</summary>
public abstract class CodeActivity : Activity
{
    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        var running = ExecuteAsync(context);
        return running.IsCompletedSuccessfully ? context.CompleteUnlessWaitingAsync() : Finish(running, context);

        static async ValueTask Finish(ValueTask running, ActivityExecutionContext context)
        {
            await running;
            await context.CompleteUnlessWaitingAsync();
        }
    }
}

/// <summary>A <see cref="CodeActivity"/> with one value as its result.</summary>
public abstract class CodeActivity<T> : CodeActivity
{
    [Output]
    public Output<T>? Result { get; set; }
}

/// <summary>A step that can start a workflow: its payload says on what.</summary>
public interface ITrigger : IActivity
{
    /// <returns>What to index, one for each way to set it off; null for one that has nothing to be told apart by.</returns>
    IEnumerable<object?> GetTriggerPayloads(TriggerIndexingContext context);
}

/// <summary>A step that waits for something outside, at the beginning of a workflow or in its middle.</summary>
public abstract class Trigger : Activity, ITrigger
{
    IEnumerable<object?> ITrigger.GetTriggerPayloads(TriggerIndexingContext context) => GetTriggerPayloads(context);

    protected virtual IEnumerable<object?> GetTriggerPayloads(TriggerIndexingContext context) => [GetTriggerPayload(context)];

    protected virtual object? GetTriggerPayload(TriggerIndexingContext context) => null;
}

public abstract class Trigger<T> : Trigger
{
    [Output]
    public Output<T>? Result { get; set; }
}

/// <summary>A step that holds a list of steps.</summary>
public abstract class Container : Activity
{
    public List<Activity> Activities { get; } = [];
}

/// <summary>What a trigger may look at while it is indexed: nothing runs yet, so only inputs that need no running instance have a value.</summary>
public sealed class TriggerIndexingContext(WorkflowDefinition definition, Activity activity, DateTimeOffset now)
{
    public WorkflowDefinition Definition { get; } = definition;
    public Activity Activity { get; } = activity;
    public DateTimeOffset Now { get; } = now;

    /// <summary>Default the activity's type. Bookmarks of this kind of wait carry the same name.</summary>
    public string TriggerName { get; set; } = activity.Type;

    /// <exception cref="InvalidOperationException">The input needs a running instance, or cannot be converted.</exception>
    public T? Get<T>(Input<T>? input) => input is null ? default : input.Constant();
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>What a parent that waits for a child waits for. The child's host resumes it with <see cref="ChildWorkflows.ResumeOf"/>.</summary>
public sealed record ChildStimulus(string ChildInstanceId);

/// <summary>What several activities and a host need to agree on about children.</summary>
public static class ChildWorkflows
{
    /// <summary>Name of the input that carries how a child ended.</summary>
    public const string ResultInput = "__ChildWorkflowResult";

    /// <summary>The bookmarks a finished child may resume in its parent, by hash, and the input to resume with; null for a child that is not finished or has no parent.</summary>
    public static (string ParentInstanceId, IReadOnlyList<string> Hashes, IReadOnlyDictionary<string, object?> Input)? ResumeOf(WorkflowState child)
    {
        if (child.ParentInstanceId is not { } parent || child.Status != WorkflowStatus.Finished) return null;
        var stimulus = new ChildStimulus(child.InstanceId);
        string[] hashes =
        [
            StimulusHash.Compute("Elsa.ExecuteWorkflow", stimulus), StimulusHash.Compute("Elsa.DispatchWorkflow", stimulus),
            StimulusHash.Compute("Elsa.BulkDispatchWorkflows", new BulkStimulus(parent)),
        ];
        var result = new Dictionary<string, object?>
        {
            ["InstanceId"] = child.InstanceId,
            ["SubStatus"] = child.SubStatus.ToString(),
            ["Output"] = new Dictionary<string, object?>(child.Output),
        };
        return (parent, hashes, new Dictionary<string, object?> { [ResultInput] = result });
    }

    internal static Dictionary<string, object?> ResultIn(ActivityExecutionContext context) =>
        (Dictionary<string, object?>?)ValueConverter.Convert(context.WorkflowInput.GetValueOrDefault(ResultInput), typeof(Dictionary<string, object?>)) ?? [];

    /// <summary>Ids follow from the parent's, so that a burst done again starts the same children and no second ones; hashed, so that those of
    /// grandchildren are no longer.</summary>
    internal static string NewId(ActivityExecutionContext context, int index)
    {
        var source = string.Create(CultureInfo.InvariantCulture, $"{context.Id}-c{index}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)).AsSpan(0, 16));
    }
}

/// <summary>Runs another workflow in an instance of its own, within this burst.</summary>
[Activity("Elsa", "Composition", "Create a new workflow instance of the specified workflow and execute it.", Kind = ActivityKind.Task)]
public sealed class ExecuteWorkflow : Activity
{
    [Input(UIHint = InputUIHints.WorkflowDefinitionPicker)]
    public Input<string> WorkflowDefinitionId { get; set; } = default!;

    [Input]
    public Input<string?>? CorrelationId { get; set; }

    [Input]
    public Input<IDictionary<string, object?>?>? Input { get; set; }

    [Input]
    public Input<bool>? WaitForCompletion { get; set; }

    [Output]
    public Output<object?>? Result { get; set; }

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var child = Child(context, WorkflowDefinitionId, CorrelationId.GetOrDefault(context), Input.GetOrDefault(context), 1);
        if (depth.Value >= MaxDepth) throw new InvalidOperationException($"Workflow '{child.DefinitionId}' is executed inside {MaxDepth} others: it seems to execute itself.");
        var result = await ExecuteAsync(context, child);
        if (result.Status == WorkflowStatus.Running && WaitForCompletion.GetOrDefault(context))
        {
            context.CreateBookmark(new ChildStimulus(child.InstanceId), OnChildWorkflowCompletedAsync);
            return;
        }
        context.Set(Result, Describe(result));
        await context.CompleteActivityAsync();
    }

    // A child runs within the call of its parent: without a bound one that executes itself would end the process.
    private const int MaxDepth = 20;
    private static readonly AsyncLocal<int> depth = new();

    private static async ValueTask<ChildWorkflowResult> ExecuteAsync(ActivityExecutionContext context, ChildWorkflowStart child)
    {
        depth.Value++;   // seen by what is called from here only
        return await context.GetRequiredService<IChildWorkflows>().ExecuteAsync(child, context.CancellationToken);
    }

    internal static ChildWorkflowStart Child(
        ActivityExecutionContext context, Input<string> definitionId, string? correlationId, IDictionary<string, object?>? input, int index)
    {
        var id = definitionId.Get(context);
        // A child in the background cannot report that there is nothing to run: the step that asks for it does.
        if (context.GetService<IChildWorkflows>() is { } host && !host.CanStart(id)) throw new InvalidOperationException($"Workflow '{id}' is not published.");
        return new(ChildWorkflows.NewId(context, index), id, context.WorkflowExecutionContext.Id, correlationId, input is null ? [] : new Dictionary<string, object?>(input));
    }

    private ValueTask OnChildWorkflowCompletedAsync(ActivityExecutionContext context)
    {
        // Recorded: behind a wait the result handed over says Running and has no output.
        context.Set(Result, Describe(null));
        return context.CompleteActivityAsync();
    }

    private static Dictionary<string, object?> Describe(ChildWorkflowResult? result) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["WorkflowDefinitionVersionId"] = result?.DefinitionVersionId,
        ["WorkflowInstanceId"] = result?.InstanceId,
        ["CorrelationId"] = result?.CorrelationId,
        ["Status"] = (result?.Status ?? WorkflowStatus.Running).ToString(),
        ["SubStatus"] = (result?.SubStatus ?? WorkflowSubStatus.Pending).ToString(),
        ["Output"] = result is null ? null : new Dictionary<string, object?>(result.Output),
    };
}

/// <summary>Starts another workflow in the background.</summary>
[Activity("Elsa", "Composition", "Create a new workflow instance of the specified workflow and dispatch it for execution.")]
public sealed class DispatchWorkflow : Activity
{
    [Input(UIHint = InputUIHints.WorkflowDefinitionPicker)]
    public Input<string> WorkflowDefinitionId { get; set; } = default!;

    [Input]
    public Input<string?>? CorrelationId { get; set; }

    [Input]
    public Input<IDictionary<string, object?>?>? Input { get; set; }

    [Input]
    public Input<bool>? WaitForCompletion { get; set; }

    [Output]
    public Output<object?>? Result { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var child = ExecuteWorkflow.Child(context, WorkflowDefinitionId, CorrelationId.GetOrDefault(context), Input.GetOrDefault(context), 1);
        context.WorkflowExecutionContext.Request(new WorkflowRequest.Dispatch(child));
        if (WaitForCompletion.GetOrDefault(context))
        {
            context.CreateBookmark(new ChildStimulus(child.InstanceId), OnChildWorkflowCompletedAsync);
            return default;
        }
        context.Set(Result, null);
        return context.CompleteActivityAsync();
    }

    private ValueTask OnChildWorkflowCompletedAsync(ActivityExecutionContext context)
    {
        context.Set(Result, ChildWorkflows.ResultIn(context).GetValueOrDefault("Output"));
        return context.CompleteActivityAsync();
    }
}

/// <summary>What a parent of many children waits for.</summary>
public sealed record BulkStimulus(string ParentInstanceId);

/// <summary>Starts another workflow once per item, in the background.</summary>
[Activity("Elsa", "Composition", "Create a new workflow instance for each item in the data source.", Kind = ActivityKind.Task)]
[FlowNode("Completed", "Canceled", "Done")]
public sealed class BulkDispatchWorkflows : Activity
{
    private const string OpenKey = "open";

    [Input(UIHint = InputUIHints.WorkflowDefinitionPicker)]
    public Input<string> WorkflowDefinitionId { get; set; } = default!;

    [Input]
    public Input<object?>? Items { get; set; }

    [Input]
    public Input<string> DefaultItemInputKey { get; set; } = new("Item");

    /// <summary>Gives each child its correlation id; sees the item as the variable <c>Item</c>.</summary>
    [Input(AutoEvaluate = false)]
    public Input<string?>? CorrelationIdFunction { get; set; }

    [Input]
    public Input<IDictionary<string, object?>?>? Input { get; set; }

    [Input]
    public Input<bool> WaitForCompletion { get; set; } = new(true);

    [Port]
    public Activity? ChildCompleted { get; set; }

    [Port]
    public Activity? ChildFaulted { get; set; }

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var items = ForEach.ItemsOf(Items.GetOrDefault(context));
        var open = new List<object?>(items.Count);
        foreach (var item in items)
        {
            var input = new Dictionary<string, object?>(Input.GetOrDefault(context) ?? new Dictionary<string, object?>());
            if (item is IDictionary<string, object?> map)
                foreach (var (name, value) in map) input[name] = value;
            else input[DefaultItemInputKey.Get(context)] = item;
            context.SetScopeVariable(DefaultItemInputKey.Get(context), item);
            var child = ExecuteWorkflow.Child(context, WorkflowDefinitionId, await context.EvaluateAsync(CorrelationIdFunction), input, open.Count + 1);
            open.Add(child.InstanceId);
            context.WorkflowExecutionContext.Request(new WorkflowRequest.Dispatch(child));
        }
        if (open.Count == 0 || !WaitForCompletion.GetOrDefault(context))
        {
            await EndAsync(context);
            return;
        }
        context.SetProperty(OpenKey, open);
        context.CreateBookmark(new CreateBookmarkArgs
        {
            Payload = new BulkStimulus(context.WorkflowExecutionContext.Id),
            Callback = OnChildFinishedAsync,
            AutoBurn = false,
        });
    }

    private async ValueTask OnChildFinishedAsync(ActivityExecutionContext context)
    {
        var result = ChildWorkflows.ResultIn(context);
        var open = context.GetProperty<List<object?>>(OpenKey) ?? [];
        // A child of another bulk step of the same instance, or one reported twice.
        if (!open.Remove(result.GetValueOrDefault("InstanceId"))) return;
        context.SetProperty(OpenKey, open);
        var port = result.GetValueOrDefault("SubStatus") is nameof(WorkflowSubStatus.Faulted) ? ChildFaulted : ChildCompleted;
        if (port is not null) context.ScheduleActivity(port, OnPortCompletedAsync, null, new Dictionary<string, object?> { ["ChildInstanceId"] = result.GetValueOrDefault("InstanceId") });
        else await EndIfDoneAsync(context);
    }

    private static ValueTask OnPortCompletedAsync(ActivityCompletedContext completed) => EndIfDoneAsync(completed.TargetContext);

    private static ValueTask EndIfDoneAsync(ActivityExecutionContext context) =>
        context.HasWorkBelow || context.GetProperty<List<object?>>(OpenKey) is { Count: > 0 } ? default : EndAsync(context);

    private static ValueTask EndAsync(ActivityExecutionContext context) => context.CompleteActivityWithOutcomesAsync("Completed", "Done");
}

/// <summary>Asks somebody outside to do something, and waits for the report.</summary>
[Activity("Elsa", "Primitives", "Requests a given task to be run.")]
public sealed class RunTask : Activity
{
    public const string StimulusName = "Elsa.RunTask";

    /// <summary>Name of the input that carries the report.</summary>
    public const string ResultInput = "__RunTaskInput";

    [Input]
    public Input<string> TaskName { get; set; } = default!;

    [Input]
    public Input<IDictionary<string, object?>?>? Payload { get; set; }

    [Output]
    public Output<string>? TaskId { get; set; }

    [Output]
    public Output<object?>? Result { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        var stimulus = new RunTaskStimulus(context.Id, TaskName.Get(context));
        context.Set(TaskId, stimulus.TaskId);
        context.WorkflowExecutionContext.Request(new WorkflowRequest.RunTask(
            stimulus.TaskId, stimulus.TaskName, Payload.GetOrDefault(context), context.WorkflowExecutionContext.Id));
        context.CreateBookmark(stimulus, OnReportedAsync);
        return default;
    }

    private ValueTask OnReportedAsync(ActivityExecutionContext context)
    {
        context.Set(Result, context.WorkflowInput.GetValueOrDefault(ResultInput));
        return context.CompleteActivityAsync();
    }
}

public sealed record RunTaskStimulus(string TaskId, [property: ExcludeFromHash] string TaskName);

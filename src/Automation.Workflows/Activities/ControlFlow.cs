using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>Steps one after another.</summary>
[Activity("Elsa", "Workflows", "Execute a set of activities in sequence.")]
public sealed class Sequence : Container
{
    private const string Next = "next";

    internal override ValueTask RunAsync(ActivityExecutionContext context) => StepAsync(context, 0);

    private ValueTask StepAsync(ActivityExecutionContext context, int index)
    {
        if (index >= Activities.Count) return context.CompleteActivityAsync();
        context.SetProperty(Next, index + 1);
        context.ScheduleActivity(Activities[index], OnChildCompletedAsync);
        return default;
    }

    private ValueTask OnChildCompletedAsync(ActivityCompletedContext completed)
    {
        var context = completed.TargetContext;
        return context.IsBreaking || completed.ChildContext.Activity.IsTerminal
            ? context.CompleteActivityAsync()
            : StepAsync(context, context.GetProperty<int>(Next));
    }
}

/// <summary>Steps side by side; done when all are.</summary>
[Activity("Elsa", "Workflows", "Execute a set of activities in parallel.")]
public sealed class Parallel : Container
{
    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        foreach (var activity in Activities) context.ScheduleActivity(activity, OnChildCompletedAsync);
        return Activities.Count == 0 ? context.CompleteActivityAsync() : default;
    }

    private static ValueTask OnChildCompletedAsync(ActivityCompletedContext completed) =>
        completed.TargetContext.HasWorkBelow ? default : completed.TargetContext.CompleteActivityAsync();
}

/// <summary>One of two branches.</summary>
[Activity("Elsa", "Branching", "Evaluate a Boolean condition to determine which activity to execute next.", DisplayName = "If")]
public sealed class If : Activity
{
    [Input]
    public Input<bool> Condition { get; set; } = new(false);

    [Port]
    public Activity? Then { get; set; }

    [Port]
    public Activity? Else { get; set; }

    [Output]
    public Output<bool>? Result { get; set; }

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        var holds = Condition.Get(context);
        context.Set(Result, holds);
        return context.ScheduleActivityAsync(holds ? Then : Else, OnBranchCompletedAsync);
    }

    private static ValueTask OnBranchCompletedAsync(ActivityCompletedContext completed) => completed.TargetContext.CompleteActivityAsync();
}

/// <summary>One case of a <see cref="Switch"/>.</summary>
public sealed record SwitchCase(string Label, Expression? Condition, Activity? Activity);

/// <summary>Runs the branches whose conditions hold; else the default.</summary>
[Activity("Elsa", "Branching", "Evaluate a set of case conditions and schedule the activity for a matching case.", DisplayName = "Switch")]
public sealed class Switch : Activity
{
    [Input(UIHint = InputUIHints.SwitchEditor)]
    public IReadOnlyList<SwitchCase> Cases { get; private set; } = [];

    [Input]
    public Input<SwitchMode> Mode { get; set; } = new(SwitchMode.MatchFirst);

    [Port]
    public Activity? Default { get; set; }

    [Output]
    public Output<object?>? Output { get; set; }

    internal override void Bind(JsonObject source, GraphBuilder builder)
    {
        if (source["cases"] is not JsonArray list) return;
        Cases = [.. list.OfType<JsonObject>().Select(item => new SwitchCase(item.Text("label") ?? "", Expression.Read(item["condition"]), builder.Read(item["activity"])))];
        foreach (var branch in Cases)
        {
            if (branch.Activity is { } activity) Embed(activity);
            if (branch.Condition is { } condition) builder.Notice(condition);
        }
    }

    internal override async ValueTask RunAsync(ActivityExecutionContext context)
    {
        var any = Mode.GetOrDefault(context) == SwitchMode.MatchAny;
        var matching = new List<SwitchCase>();
        foreach (var branch in Cases)
        {
            if (branch.Condition is not { } condition || !await FlowSwitch.HoldsAsync(context, condition, branch.Label)) continue;
            matching.Add(branch);
            if (!any) break;
        }
        var chosen = matching.Count > 0 ? matching.Select(branch => branch.Activity) : [Default];
        foreach (var activity in chosen)
            if (activity is not null) context.ScheduleActivity(activity, OnBranchCompletedAsync);
        if (!context.HasWorkBelow) await context.CompleteActivityAsync();
    }

    private static ValueTask OnBranchCompletedAsync(ActivityCompletedContext completed) =>
        completed.TargetContext.HasWorkBelow ? default : completed.TargetContext.CompleteActivityAsync();
}

public enum ForkJoinMode
{
    WaitAny,
    WaitAll,
}

/// <summary>Branches side by side; goes on behind the first or behind all of them.</summary>
[Activity("Elsa", "Branching", "Fork execution into multiple branches.", DisplayName = "Fork")]
public sealed class Fork : Activity
{
    [Input]
    public ForkJoinMode JoinMode { get; set; } = ForkJoinMode.WaitAny;

    [Port]
    public List<Activity> Branches { get; } = [];

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        foreach (var branch in Branches) context.ScheduleActivity(branch, OnBranchCompletedAsync);
        return Branches.Count == 0 ? context.CompleteActivityAsync() : default;
    }

    // Completing cancels the branches that are still at work.
    private ValueTask OnBranchCompletedAsync(ActivityCompletedContext completed) =>
        JoinMode == ForkJoinMode.WaitAll && completed.TargetContext.HasWorkBelow ? default : completed.TargetContext.CompleteActivityAsync();
}

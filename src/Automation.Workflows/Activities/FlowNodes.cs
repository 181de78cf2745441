using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>Where a flowchart begins.</summary>
[Activity("Elsa", "Flow", "A milestone activity that marks the start of a flowchart.", Kind = ActivityKind.Action)]
public sealed class Start : CodeActivity;

/// <summary>Ends its flowchart; what still waits in it is cancelled.</summary>
[Activity("Elsa", "Flow", "A milestone activity that marks the end of a flowchart.")]
public sealed class End : CodeActivity
{
    internal override bool IsTerminal => true;
}

/// <summary>A condition with a way out for each answer.</summary>
[Activity("Elsa", "Branching", "Evaluate a Boolean condition to determine which path to execute next.", DisplayName = "Decision")]
[FlowNode("True", "False")]
public sealed class FlowDecision : Activity
{
    [Input(UIHint = InputUIHints.SingleLine)]
    public Input<bool> Condition { get; set; } = new(false);

    internal override ValueTask RunAsync(ActivityExecutionContext context) =>
        context.CompleteActivityWithOutcomesAsync(Condition.Get(context) ? "True" : "False");
}

public enum SwitchMode
{
    MatchFirst,
    MatchAny,
}

/// <summary>One way out of a <see cref="FlowSwitch"/>.</summary>
public sealed record FlowSwitchCase(string Label, Expression? Condition);

/// <summary>Several conditions, each with a way out; <c>Default</c> when none holds.</summary>
[Activity("Elsa", "Branching", "Evaluate a set of case conditions and schedule the activity for a matching case.", DisplayName = "Switch (flow)")]
[FlowNode("Default")]
public sealed class FlowSwitch : Activity
{
    [Input(UIHint = InputUIHints.FlowSwitchEditor)]
    public IReadOnlyList<FlowSwitchCase> Cases { get; private set; } = [];

    [Input]
    public Input<SwitchMode> Mode { get; set; } = new(SwitchMode.MatchFirst);

    internal override IReadOnlyList<string>? OwnOutcomes => [.. Cases.Select(way => way.Label), "Default"];

    internal override void Bind(JsonObject source, GraphBuilder builder)
    {
        if (source["cases"] is not JsonArray list) return;
        Cases = [.. list.OfType<JsonObject>().Select(item => new FlowSwitchCase(item.Text("label") ?? "", Expression.Read(item["condition"])))];
        foreach (var way in Cases)
            if (way.Condition is { } condition) builder.Notice(condition);
    }

    internal override async ValueTask RunAsync(ActivityExecutionContext context)
    {
        var any = Mode.GetOrDefault(context) == SwitchMode.MatchAny;
        var matching = new List<string>();
        foreach (var way in Cases)
        {
            if (way.Condition is not { } condition || !await HoldsAsync(context, condition, way.Label)) continue;
            matching.Add(way.Label);
            if (!any) break;
        }
        await context.CompleteActivityWithOutcomesAsync(matching.Count > 0 ? [.. matching] : ["Default"]);
    }

    internal static async ValueTask<bool> HoldsAsync(ActivityExecutionContext context, Expression condition, string label)
    {
        var value = await context.EvaluateAsync(condition, typeof(bool));
        try
        {
            return (bool)ValueConverter.Convert(value, typeof(bool))!;
        }
        catch (FormatException broken)
        {
            throw new InputException($"Condition of '{label}'", broken.Message);
        }
    }
}

/// <summary>Goes on along several ways at once.</summary>
[Activity("Elsa", "Branching", "Explicitly fork execution into multiple branches.", DisplayName = "Fork (flow)")]
public sealed class FlowFork : Activity
{
    [Input(UIHint = InputUIHints.MultiText)]
    public Input<ICollection<string>?> Branches { get; set; } = new((ICollection<string>?)null);

    internal override IReadOnlyList<string>? OwnOutcomes => Branches.IsConstant && Branches.ConversionError is null
        ? Branches.ConstantValue() is ICollection<string> { Count: > 0 } names ? [.. names] : ["Done"]
        : null;

    internal override ValueTask RunAsync(ActivityExecutionContext context) =>
        Branches.GetOrDefault(context) is { Count: > 0 } names
            ? context.CompleteActivityWithOutcomesAsync([.. names])
            : context.CompleteActivityAsync();
}

public enum FlowJoinMode
{
    /// <summary>Waits for every path; runs only if all were taken.</summary>
    WaitAll,
    /// <summary>The first path to arrive; the others are cancelled.</summary>
    WaitAny,
    /// <summary>Waits for every path that is still alive.</summary>
    WaitAllActive,
}

/// <summary>Brings paths of a flowchart together.</summary>
[Activity("Elsa", "Branching", "Merge multiple branches into a single branch of execution.", DisplayName = "Join")]
public sealed class FlowJoin : CodeActivity
{
    [Input]
    public Input<FlowJoinMode> Mode { get; set; } = new(FlowJoinMode.WaitAny);

    /// <summary>The mode is asked for before the join itself runs, with the values of its flowchart.</summary>
    internal FlowJoinMode ModeIn(ActivityExecutionContext flow) => Mode.IsConstant
        ? (FlowJoinMode)Mode.ConstantValue()!
        : (FlowJoinMode)flow.EvaluateAsync((Input)Mode).AsTask().GetAwaiter().GetResult()!;
}

/// <summary>Holds one activity, so that a container can be a node of a flowchart.</summary>
[Activity("Elsa", "Flow", "A node that runs its body.")]
public sealed class FlowNode : Activity
{
    [Port]
    public Activity? Body { get; set; }

    internal override ValueTask RunAsync(ActivityExecutionContext context) => context.ScheduleActivityAsync(Body, OnBodyCompletedAsync);

    private static ValueTask OnBodyCompletedAsync(ActivityCompletedContext completed) => completed.TargetContext.CompleteActivityAsync();
}

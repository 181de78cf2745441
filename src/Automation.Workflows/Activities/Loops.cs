using System.Collections;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>A container that runs its body again and again, until it is done or a <see cref="Break"/> in the body ends it.</summary>
public abstract class Loop : Activity
{
    internal const string CurrentValueName = "CurrentValue";
    internal const string CurrentIndexName = "CurrentIndex";

    [Port]
    public Activity? Body { get; set; }

    /// <summary>Whether there is another round, and what its body sees.</summary>
    private protected abstract ValueTask<Round> NextAsync(ActivityExecutionContext context);

    /// <summary>Starts the next round or completes.</summary>
    private protected async ValueTask GoOnAsync(ActivityExecutionContext context)
    {
        // Rounds without a body follow one another here; they count as steps, or a loop of nothing would never end.
        while (await NextAsync(context) is { HasBegun: true } round)
        {
            if (Body is not null)
            {
                context.ScheduleActivity(Body, OnBodyCompletedAsync, null, round.Variables);
                return;
            }
            context.WorkflowExecutionContext.CountStep();
        }
        await context.CompleteActivityAsync();
    }

    private ValueTask OnBodyCompletedAsync(ActivityCompletedContext completed)
    {
        var context = completed.TargetContext;
        return context.IsBreaking ? context.CompleteActivityAsync() : GoOnAsync(context);
    }

    /// <param name="Variables">Seen by the body of this round.</param>
    private protected readonly record struct Round(bool HasBegun, Dictionary<string, object?>? Variables = null);
}

/// <summary>Counts.</summary>
[Activity("Elsa", "Looping", "Iterate over a sequence of steps between a start and an end number.")]
public sealed class For : Loop
{
    private const string NextKey = "next";

    [Input]
    public Input<int> Start { get; set; } = new(0);

    [Input]
    public Input<int> End { get; set; } = new(0);

    [Input]
    public Input<int> Step { get; set; } = new(1);

    [Input]
    public Input<bool> OuterBoundInclusive { get; set; } = new(true);

    [Output]
    public Output<object?>? CurrentValue { get; set; }

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        if (Step.Get(context) == 0) throw new InputException(nameof(Step), "it must not be 0");
        context.SetProperty(NextKey, (long)Start.Get(context));
        return GoOnAsync(context);
    }

    private protected override ValueTask<Round> NextAsync(ActivityExecutionContext context)
    {
        var value = context.GetProperty<long>(NextKey);
        var (end, step) = (End.Get(context), Step.Get(context));
        var inside = OuterBoundInclusive.Get(context) ? (step > 0 ? value <= end : value >= end) : (step > 0 ? value < end : value > end);
        if (!inside) return default;
        context.SetProperty(NextKey, value + step);
        context.Set(CurrentValue, (int)value);
        return new(new Round(true, new() { [CurrentValueName] = (int)value }));
    }
}

/// <summary>Once for every item.</summary>
[Activity("Elsa", "Looping", "Iterate over a set of values.")]
public sealed class ForEach : Loop
{
    private const string ItemsKey = "items";
    private const string NextKey = "next";

    [Input]
    public Input<object?>? Items { get; set; }

    [Output]
    public Output<object?>? CurrentValue { get; set; }

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        // Kept: the list is that of the beginning, whatever happens to its source in between.
        context.SetProperty(ItemsKey, ItemsOf(Items.GetOrDefault(context)));
        context.SetProperty(NextKey, 0);
        return GoOnAsync(context);
    }

    private protected override ValueTask<Round> NextAsync(ActivityExecutionContext context)
    {
        var items = context.GetProperty<List<object?>>(ItemsKey) ?? [];
        var index = context.GetProperty<int>(NextKey);
        if (index >= items.Count) return default;
        context.SetProperty(NextKey, index + 1);
        context.Set(CurrentValue, items[index]);
        return new(new Round(true, new() { [CurrentValueName] = items[index], [CurrentIndexName] = index }));
    }

    internal static List<object?> ItemsOf(object? value) => value switch
    {
        null => [],
        string text when text.TrimStart().StartsWith('[') => (List<object?>)ValueConverter.Convert(text, typeof(List<object?>))!,
        string text => [text],
        IDictionary or IEnumerable<KeyValuePair<string, object?>> => [value],
        IEnumerable many => [.. many.Cast<object?>()],
        _ => [value],
    };
}

/// <summary>Once for every item, all side by side.</summary>
[Activity("Elsa", "Looping", "Schedule an activity for each item in parallel.")]
public sealed class ParallelForEach : Activity
{
    [Input]
    public Input<object?>? Items { get; set; }

    [Port]
    public Activity? Body { get; set; }

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        var index = 0;
        if (Body is not null)
            foreach (var item in ForEach.ItemsOf(Items.GetOrDefault(context)))
                context.ScheduleActivity(Body, OnBodyCompletedAsync, null, new Dictionary<string, object?> { [Loop.CurrentValueName] = item, [Loop.CurrentIndexName] = index++ });
        return index == 0 ? context.CompleteActivityAsync() : default;
    }

    private static ValueTask OnBodyCompletedAsync(ActivityCompletedContext completed) =>
        completed.TargetContext.HasWorkBelow ? default : completed.TargetContext.CompleteActivityAsync();
}

/// <summary>As long as a condition holds.</summary>
[Activity("Elsa", "Looping", "Execute an activity while a given condition evaluates to true.")]
public sealed class While : Loop
{
    [Input(AutoEvaluate = false)]
    public Input<bool> Condition { get; set; } = new(false);

    internal override ValueTask RunAsync(ActivityExecutionContext context) => GoOnAsync(context);

    private protected override async ValueTask<Round> NextAsync(ActivityExecutionContext context) => new(await context.EvaluateAsync(Condition));
}

/// <summary>Once, and then as long as a condition holds.</summary>
[Activity("Elsa", "Looping", "Execute an activity at least once and then while a given condition evaluates to true.")]
public sealed class Do : Loop
{
    [Input(AutoEvaluate = false)]
    public Input<bool> Condition { get; set; } = new(false);

    private const string BegunKey = "begun";

    internal override ValueTask RunAsync(ActivityExecutionContext context) => GoOnAsync(context);

    private protected override async ValueTask<Round> NextAsync(ActivityExecutionContext context)
    {
        if (context.GetProperty<bool>(BegunKey)) return new(await context.EvaluateAsync(Condition));
        context.SetProperty(BegunKey, true);
        return new(true);
    }
}

/// <summary>Ends the enclosing loop: the rest of the round is left out.</summary>
[Activity("Elsa", "Looping", "Break out of a loop.")]
public sealed class Break : CodeActivity
{
    internal override bool IsTerminal => true;

    protected override void Execute(ActivityExecutionContext context)
    {
        for (var parent = context.ParentContext; parent is not null; parent = parent.ParentContext)
        {
            parent.IsBreaking = true;
            if (parent.Activity is Loop or ParallelForEach) return;
        }
    }
}

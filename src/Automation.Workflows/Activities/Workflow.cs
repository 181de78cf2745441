using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>Wraps the root activity: every instance runs one, and so does every workflow used as an activity.</summary>
internal sealed class Workflow(WorkflowDefinition definition) : Activity
{
    public const string TypeName = "Elsa.Workflow";

    public WorkflowDefinition Definition { get; } = definition;
    public Activity? Root { get; internal set; }

    internal override ValueTask RunAsync(ActivityExecutionContext context) => context.ScheduleActivityAsync(Root, OnRootCompletedAsync);

    /// <summary>An input's default, when the definition declares one; else null.</summary>
    public object? DefaultOf(string inputName)
    {
        foreach (var input in Definition.Inputs)
            if (input.Name == inputName && input.Default is { } value) return ValueConverter.Convert(PlainValue.FromJson(value), input.Type);
        return null;
    }

    private static ValueTask OnRootCompletedAsync(ActivityCompletedContext completed) => completed.TargetContext.CompleteActivityAsync();
}

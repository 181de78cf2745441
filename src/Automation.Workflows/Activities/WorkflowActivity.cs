using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>A workflow used as an activity: runs inside the instance of the workflow that uses it.</summary>
internal sealed class WorkflowActivity(WorkflowDefinition definition, Workflow workflow) : Activity
{
    private const string InputsKey = "$inputs";

    public Workflow Workflow { get; } = workflow;
    public IEnumerable<string> InputNames => definition.Inputs.Select(input => input.Name);
    internal override IReadOnlyList<string>? OwnOutcomes => [.. definition.Outcomes, "Done"];

    public bool Declares(string outputName) => definition.Outputs.Any(output => output.Name == outputName);

    public string OutputName(string name) => name;

    internal override async ValueTask RunAsync(ActivityExecutionContext context)
    {
        // Kept as values: they belong to this execution and outlive every suspend inside.
        var given = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var input in Inputs) given[input.Name] = await context.EvaluateAsync(input);
        if (given.Count > 0) context.SetProperty(InputsKey, given);
        context.ScheduleActivity(Workflow, OnWorkflowCompletedAsync);
    }

    /// <summary>False when the workflow declares no such input; then the instance's inputs are looked at.</summary>
    public bool TryInput(ActivityExecutionContext context, string name, out object? value)
    {
        value = null;
        if (!definition.Inputs.Any(input => input.Name == name)) return false;
        if (context.GetProperty<Dictionary<string, object?>>(InputsKey) is not { } given || !given.TryGetValue(name, out value)) value = Workflow.DefaultOf(name);
        return true;
    }

    private static ValueTask OnWorkflowCompletedAsync(ActivityCompletedContext completed) => completed.TargetContext.CompleteActivityAsync();
}

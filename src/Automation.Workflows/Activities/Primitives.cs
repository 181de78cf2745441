using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>Writes a line to the host's text output.</summary>
[Activity("Elsa", "Console", "Write a line of text to the console.")]
public sealed class WriteLine : CodeActivity
{
    [Input(UIHint = InputUIHints.MultiLine, Description = "The text to write.")]
    public Input<string?>? Text { get; set; }

    protected override void Execute(ActivityExecutionContext context)
    {
        var text = Text.GetOrDefault(context) ?? "";
        (context.GetService<TextWriter>() ?? context.WorkflowExecutionContext.Runner.Output ?? Console.Out).WriteLine(text);
    }
}

/// <summary>Gives a variable a value.</summary>
[Activity("Elsa", "Primitives", "Assign a value to a workflow variable.")]
public sealed class SetVariable : CodeActivity
{
    [Input(UIHint = InputUIHints.VariablePicker)]
    public Variable? Variable { get; set; }

    [Input]
    public Input<object?>? Value { get; set; }

    protected override void Execute(ActivityExecutionContext context) => context.SetVariable(
        Variable ?? throw new InputException(nameof(Variable), "it is not set"), Value.GetOrDefault(context));
}

/// <summary>Gives the workflow an output.</summary>
[Activity("Elsa", "Primitives", "Assigns a given value to a workflow's output definition.")]
public sealed class SetOutput : CodeActivity
{
    [Input(UIHint = InputUIHints.OutputPicker)]
    public Input<string> OutputName { get; set; } = default!;

    [Input]
    public Input<object?>? OutputValue { get; set; }

    protected override void Execute(ActivityExecutionContext context) =>
        context.SetWorkflowOutput(OutputName.Get(context), OutputValue.GetOrDefault(context));
}

/// <summary>Names the instance.</summary>
[Activity("Elsa", "Primitives", "Set the name of the workflow instance to a specified value.")]
public sealed class SetName : CodeActivity
{
    [Input]
    public Input<string?>? Value { get; set; }

    protected override void Execute(ActivityExecutionContext context) => context.WorkflowExecutionContext.SetName(Value.GetOrDefault(context));
}

/// <summary>Ties the instance to something outside: events can be sent to it by that id.</summary>
[Activity("Elsa", "Primitives", "Set the CorrelationId of the workflow to a given value.")]
public sealed class Correlate : CodeActivity
{
    [Input]
    public Input<string?>? CorrelationId { get; set; }

    protected override void Execute(ActivityExecutionContext context) =>
        context.WorkflowExecutionContext.CorrelationId = CorrelationId.GetOrDefault(context);
}

/// <summary>Ends the whole instance at once; nothing that waits or is queued goes on.</summary>
[Activity("Elsa", "Primitives", "Finish the workflow.")]
public sealed class Finish : CodeActivity
{
    internal override bool IsTerminal => true;

    protected override void Execute(ActivityExecutionContext context) => context.WorkflowExecutionContext.Abandon();
}

/// <summary>Completes the nearest enclosing workflow, which for a workflow used as an activity gives its outcome.</summary>
[Activity("Elsa", "Composition", "Signals the current composite activity to complete itself.")]
public sealed class Complete : Activity
{
    [Input(UIHint = InputUIHints.OutcomePicker)]
    public Input<object?>? Outcomes { get; set; }

    internal override bool IsTerminal => true;

    internal override async ValueTask RunAsync(ActivityExecutionContext context)
    {
        var workflow = context.ParentContext;
        while (workflow is { Activity: not Workflow }) workflow = workflow.ParentContext;
        if (workflow?.ParentContext is { Activity: WorkflowActivity } user) user.PendingOutcomes = Names(Outcomes.GetOrDefault(context));
        await context.CompleteActivityAsync();
        // Containers in between may have gone on to their next step: they are cancelled with the workflow.
        if (workflow is { Status: ActivityStatus.Running }) await workflow.CompleteActivityAsync();
    }

    private static List<string>? Names(object? outcomes) => outcomes switch
    {
        null => null,
        string name => [name],
        System.Collections.IEnumerable many => [.. many.Cast<object?>().Select(item => ValueConverter.ToText(item) ?? "")],
        _ => [ValueConverter.ToText(outcomes)!],
    };
}

/// <summary>Fails on purpose.</summary>
[Activity("Elsa", "Primitives", "Faults the workflow.")]
public sealed class Fault : Activity
{
    [Input]
    public Input<string?>? Code { get; set; }

    [Input]
    public Input<string?>? Category { get; set; }

    [Input]
    public Input<string?>? FaultType { get; set; }

    [Input]
    public Input<string?>? Message { get; set; }

    internal override ValueTask RunAsync(ActivityExecutionContext context) => throw new FaultException(
        Code.GetOrDefault(context, "0")!, Category.GetOrDefault(context, "General")!, FaultType.GetOrDefault(context, "System")!, Message.GetOrDefault(context) ?? "");
}

/// <summary>Thrown by <see cref="Fault"/>.</summary>
public sealed class FaultException(string code, string category, string type, string message) : Exception(message)
{
    public string Code { get; } = code;
    public string Category { get; } = category;
    public string Type { get; } = type;
}

/// <summary>Stands for an activity nobody knows: fails when it is reached. The definition keeps its JSON.</summary>
[Activity("Elsa", "System", "Stands in for an activity type that could not be found.")]
public sealed class NotFoundActivity : Activity
{
    public const string TypeName = "Elsa.NotFoundActivity";
    private readonly string message;

    public NotFoundActivity() : this("") { }

    internal NotFoundActivity(string missingType, string? message = null)
    {
        MissingType = missingType;
        // Elsa shows version 0 whatever the file says.
        this.message = message ?? $"Activity type '{missingType}' version '0' could not be found.";
    }

    public string MissingType { get; }

    internal override ValueTask RunAsync(ActivityExecutionContext context) => throw new InvalidOperationException(message);
}

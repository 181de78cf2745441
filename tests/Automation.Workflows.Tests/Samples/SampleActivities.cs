// Activities as somebody writes them who knows Elsa: only this line of namespaces would be another there
// (Elsa.Workflows, Elsa.Workflows.Attributes, Elsa.Workflows.Memory, Elsa.Workflows.Models, Elsa.Workflows.UIHints, Elsa.Extensions).
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Tests.Samples;

/// <summary>A step with a result that is done when its code has run.</summary>
[Activity("Samples", "Text", "Counts the words of a text.")]
public sealed class CountWords : CodeActivity<int>
{
    [Input(Description = "The text.", UIHint = InputUIHints.MultiLine)]
    public Input<string> Text { get; set; } = default!;

    protected override void Execute(ActivityExecutionContext context)
    {
        var words = Text.Get(context).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        context.Set(Result, words.Length);
    }
}

/// <summary>A step that reads and writes a variable of the workflow.</summary>
[Activity("Samples", "Numbers", "Adds an amount to a variable.")]
public sealed class AddTo : CodeActivity
{
    [Input(Description = "What to add to.", UIHint = InputUIHints.VariablePicker)]
    public Variable<int> Total { get; set; } = default!;

    [Input(Description = "How much.")]
    public Input<int> Amount { get; set; } = new(1);

    protected override void Execute(ActivityExecutionContext context) => Total.Set(context, Total.Get(context) + Amount.Get(context));
}

/// <summary>A step that waits for somebody outside and goes on by the answer.</summary>
[Activity("Samples", "People", "Asks for an approval and waits for it.")]
[FlowNode("Approved", "Rejected")]
public sealed class AskForApproval : Activity
{
    [Input(Description = "What is to be approved.")]
    public Input<string> Subject { get; set; } = default!;

    [Output(Description = "What was said about it.")]
    public Output<string>? Reason { get; set; }

    protected override void Execute(ActivityExecutionContext context) => context.CreateBookmark(new ApprovalStimulus(Subject.Get(context)), OnAnsweredAsync);

    private async ValueTask OnAnsweredAsync(ActivityExecutionContext context)
    {
        context.Set(Reason, context.GetWorkflowInput<string>("reason"));
        await context.CompleteActivityWithOutcomesAsync(context.GetWorkflowInput<bool>("approved") ? "Approved" : "Rejected");
    }
}

public sealed record ApprovalStimulus(string Subject);

/// <summary>A step that holds another and runs it again and again, over suspends too.</summary>
[Activity("Samples", "Control", "Runs its body a number of times.")]
public sealed class Times : Activity
{
    private const string DoneKey = "Done";

    [Input(Description = "How often.")]
    public Input<int> Count { get; set; } = default!;

    [Port]
    public IActivity? Body { get; set; }

    protected override async ValueTask ExecuteAsync(ActivityExecutionContext context) => await NextAsync(context);

    private async ValueTask NextAsync(ActivityExecutionContext context)
    {
        var done = context.GetProperty<int>(DoneKey);
        if (done >= Count.Get(context))
        {
            await context.CompleteActivityAsync();
            return;
        }
        context.SetProperty(DoneKey, done + 1);
        await context.ScheduleActivityAsync(Body, OnBodyCompletedAsync);
    }

    private async ValueTask OnBodyCompletedAsync(ActivityCompletedContext context) => await NextAsync(context.TargetContext);
}

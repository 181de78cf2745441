using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Steps that hang on a date which had passed when the person got there: they are passed through and do nothing (brief §4.4).</summary>
public static class LateSteps
{
    /// <summary>The outcome that stands before the way taken in the journal.</summary>
    public const string Outcome = "Late";

    private static readonly HashSet<string> Waits =
    [
        "Elsa.Delay", "Elsa.StartAt", "Elsa.Timer", "Elsa.Cron", "Elsa.Event", "Automation.WaitUntil", "Automation.WaitForAnchor", "Automation.WaitForEvent",
    ];

    /// <summary>Marks what follows this wait, up to the next ones.</summary>
    internal static void LeaveOutAfter(ActivityExecutionContext context)
    {
        var late = context.GetRequiredService<FlowScope>().Late;
        var drawing = FlowDrawing.Of(context.WorkflowExecutionContext.Graph);
        var open = new Stack<string>(drawing.LinesFrom(context.Activity.Id).Select(line => line.To));
        while (open.TryPop(out var step))
        {
            if (Waits.Contains(drawing.Steps[step].Type) || !late.Add(step)) continue;
            foreach (var line in drawing.LinesFrom(step)) open.Push(line.To);
        }
    }

    internal static bool IsLate(ActivityExecutionContext context) => context.GetRequiredService<FlowScope>().Late.Contains(context.Activity.Id);

    /// <summary>Passes through the step by the first of these ways that is drawn.</summary>
    internal static ValueTask PassAsync(ActivityExecutionContext context, params string[] ways)
    {
        var drawing = FlowDrawing.Of(context.WorkflowExecutionContext.Graph);
        return context.CompleteActivityWithOutcomesAsync(Outcome, ways.FirstOrDefault(way => drawing.IsWired(context.Activity.Id, way), ways[0]));
    }
}

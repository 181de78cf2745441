using System.Text.Json.Nodes;
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
        var definition = context.WorkflowExecutionContext.Definition;
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        CollectTypes(definition.Root, types);
        var lines = FlowDrawing.LinesOf(definition).ToLookup(line => line.From, line => line.To, StringComparer.Ordinal);
        var open = new Stack<string>(lines[context.Activity.Id]);
        while (open.TryPop(out var step))
        {
            if (Waits.Contains(types.GetValueOrDefault(step, "")) || !late.Add(step)) continue;
            foreach (var next in lines[step]) open.Push(next);
        }
    }

    internal static bool IsLate(ActivityExecutionContext context) => context.GetRequiredService<FlowScope>().Late.Contains(context.Activity.Id);

    /// <summary>Passes through the step by the first of these ways that is drawn.</summary>
    internal static ValueTask PassAsync(ActivityExecutionContext context, params string[] ways)
    {
        var drawn = FlowDrawing.LinesOf(context.WorkflowExecutionContext.Definition).Where(line => line.From == context.Activity.Id).Select(line => line.Port).ToHashSet(StringComparer.Ordinal);
        return context.CompleteActivityWithOutcomesAsync(Outcome, ways.FirstOrDefault(drawn.Contains, ways[0]));
    }

    private static void CollectTypes(JsonNode? node, Dictionary<string, string> types)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list) CollectTypes(item, types);
        }
        if (node is not JsonObject json) return;
        if (json["id"] is JsonValue id && json["type"] is JsonValue type) types.TryAdd(id.ToString(), type.ToString());
        foreach (var (name, value) in json)
        {
            if (!name.Equals("metadata", StringComparison.OrdinalIgnoreCase) && !name.Equals("customProperties", StringComparison.OrdinalIgnoreCase)) CollectTypes(value, types);
        }
    }
}

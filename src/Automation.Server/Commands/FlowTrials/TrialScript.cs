using System.Text.Json.Nodes;
using System.Xml;
using Automation.Workflows.Definitions;

namespace Automation.Server.Commands.FlowTrials;

/// <summary>Something that happens during a run at the command line.</summary>
internal sealed record Happening(DateTimeOffset At, string Type, JsonNode? Data);

/// <summary>Makes the script of a try-out from what the command line gives.</summary>
internal static class TrialScript
{
    private const string HandedBack = "deal.handed-back";

    /// <param name="input"><c>{contact, event, policy, start}</c>, all optional.</param>
    /// <param name="happenings">In order. The clock begins at the first of them, if nothing else says when.</param>
    /// <param name="until">How long to go on, from the beginning.</param>
    public static JsonObject Of(WorkflowDefinition flow, JsonObject input, IReadOnlyList<Happening> happenings, TimeSpan until)
    {
        var start = input["start"] is { } given ? DateTimeOffset.Parse(given.ToString(), System.Globalization.CultureInfo.InvariantCulture)
            : happenings.Count > 0 ? happenings[0].At : FlowWorld.Monday;
        var steps = new JsonArray();
        // What happens may begin the run; else it begins by itself.
        if (!happenings.Any(item => Begins(flow, item.Type))) steps.Add(new JsonObject { ["op"] = "run", ["input"] = input.DeepClone() });
        var at = start;
        foreach (var item in happenings)
        {
            if (item.At > at) steps.Add(Wait(item.At - at));
            at = item.At > at ? item.At : at;
            steps.Add(StepOf(item));
        }
        if (start + until > at) steps.Add(Wait(start + until - at));
        return new JsonObject { ["start"] = start.ToString("O"), ["contact"] = input["contact"]?.DeepClone(), ["policy"] = input["policy"]?.DeepClone(), ["script"] = steps };
    }

    private static bool Begins(WorkflowDefinition flow, string type) => (flow.Root["activities"] as JsonArray ?? []).OfType<JsonObject>().Any(step =>
        (string?)step["type"] switch
        {
            "Automation.EventReceived" => step["eventType"]?.ToJsonString().Contains($"\"{type}\"", StringComparison.Ordinal) == true,
            "Automation.HandedBack" => type == HandedBack,
            _ => false,
        });

    private static JsonObject StepOf(Happening item) => item.Type switch
    {
        "mail.clicked" => new JsonObject { ["op"] = "click", ["template"] = (item.Data as JsonObject)?["template"]?.DeepClone() },
        HandedBack => new JsonObject
        {
            ["op"] = "handBack",
            ["reason"] = (item.Data as JsonObject)?["reason"]?.DeepClone(),
            ["revisitOn"] = (item.Data as JsonObject)?["revisitOn"]?.DeepClone(),
        },
        "unsubscribed" => new JsonObject { ["op"] = "unsubscribe" },
        _ => new JsonObject { ["op"] = "event", ["type"] = item.Type, ["data"] = item.Data?.DeepClone() },
    };

    private static JsonObject Wait(TimeSpan time) => new() { ["op"] = "wait", ["duration"] = XmlConvert.ToString(time) };
}

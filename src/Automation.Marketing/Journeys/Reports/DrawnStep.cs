using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;

namespace Automation.Marketing.Journeys.Reports;

/// <summary>A step as it is written in a definition, known to the runtime or not.</summary>
/// <param name="Name">As it stands on the drawing; the id when it has no other.</param>
/// <param name="Outer">The step of the drawing itself that holds this one; its own id when it stands on the drawing.</param>
/// <param name="Inputs">What is written into it, by the names of the file; an expression as its text, others with their language before them.</param>
public sealed record DrawnStep(string Id, string Type, string Name, string Outer, bool StartsFlow, IReadOnlyDictionary<string, string> Inputs)
{
    // Where a step stands, and what it is, is no input of it; what it holds are steps of their own.
    private static readonly string[] Own = ["id", "name", "type", "version", "nodeId", "metadata", "customProperties", "connections", "variables", "start", "canStartWorkflow"];

    /// <summary>Where it stands in the designer; null when nobody has placed it.</summary>
    internal (double X, double Y)? Place { get; private init; }

    /// <summary>Every step, those held by others behind their holder.</summary>
    public static IReadOnlyList<DrawnStep> AllOf(WorkflowDefinition definition)
    {
        var steps = new List<DrawnStep>();
        var root = definition.Root;
        if (root["activities"] is JsonArray activities)
        {
            foreach (var activity in activities.OfType<JsonObject>()) Add(activity, outer: null, steps);
        }
        else if (IsStep(root)) Add(root, outer: null, steps);
        return steps;
    }

    private static void Add(JsonObject activity, string? outer, List<DrawnStep> steps)
    {
        var id = Text(activity["id"]) ?? "";
        outer ??= id;
        var held = Held(activity).ToList();
        steps.Add(new DrawnStep(
            id, Text(activity["type"]) ?? "", Text(Inside(activity, "metadata", "displayText")) ?? Text(activity["name"]) ?? id, outer,
            Inside(activity, "customProperties", "canStartWorkflow") is JsonValue starts && starts.TryGetValue<bool>(out var flag) && flag, InputsOf(activity))
        {
            Place = Inside(activity, "metadata", "designer") is JsonObject designer && designer["position"] is JsonObject place && Number(place["x"]) is { } x && Number(place["y"]) is { } y ? (x, y) : null,
        });
        foreach (var step in held) Add(step, outer, steps);
    }

    private static IEnumerable<JsonObject> Held(JsonObject activity)
    {
        foreach (var (name, value) in activity)
        {
            if (name is "metadata" or "customProperties" or "connections" or "variables") continue;
            if (value is JsonObject one && IsStep(one)) yield return one;
            foreach (var item in value is JsonArray list ? list.OfType<JsonObject>() : [])
            {
                if (IsStep(item)) yield return item;
                else if (item["activity"] is JsonObject within && IsStep(within)) yield return within;   // a case of a switch
            }
        }
    }

    private static Dictionary<string, string> InputsOf(JsonObject activity)
    {
        var inputs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in activity)
        {
            if (Own.Contains(name) || value is null || (value is JsonObject one && IsStep(one)) || (value is JsonArray list && list.OfType<JsonObject>().Any(IsStep))) continue;
            if (Written(value) is { Length: > 0 } text) inputs[name] = text;
        }
        return inputs;
    }

    private static string? Written(JsonNode value)
    {
        if (value is not JsonObject input || !input.ContainsKey("expression")) return Text(value) ?? value.ToJsonString(Readable);
        if (input["expression"] is not JsonObject expression || expression["value"] is not { } written) return null;
        var text = Text(written) ?? written.ToJsonString(Readable);
        return Text(expression["type"]) is null or "Literal" or "Object" ? text : $"{Text(expression["type"])}: {text}";
    }

    private static bool IsStep(JsonObject json) => Text(json["type"]) is { Length: > 0 } && Text(json["id"]) is not null;

    private static JsonNode? Inside(JsonObject json, string part, string name) => json[part] is JsonObject inner ? inner[name] : null;

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) && double.IsFinite(number) ? number : null;

    private static string? Text(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value when value.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.ToJsonString(),
        _ => null,
    };

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

/// <summary>A line of a drawing: from a way out of one step to another step.</summary>
public readonly record struct DrawnLine(string From, string Port, string To)
{
    /// <summary>The lines of the drawing itself; those of a sequence lead from each step to the next.</summary>
    public static IReadOnlyList<DrawnLine> AllOf(WorkflowDefinition definition)
    {
        var root = definition.Root;
        if (root["connections"] is JsonArray connections) return [.. connections.OfType<JsonObject>().Select(Read).OfType<DrawnLine>().Distinct()];
        if (root["activities"] is not JsonArray inOrder) return [];
        var ids = inOrder.OfType<JsonObject>().Select(step => step["id"]?.ToString() ?? "").ToList();
        return [.. ids.Zip(ids.Skip(1), (from, to) => new DrawnLine(from, "Done", to))];
    }

    // Elsa's present form, and the one before it.
    private static DrawnLine? Read(JsonObject line)
    {
        var (from, port) = End(line["source"], line["sourcePort"]);
        var (to, _) = End(line["target"], null);
        return from is null || to is null ? null : new DrawnLine(from, port ?? "Done", to);
    }

    private static (string? Step, string? Port) End(JsonNode? end, JsonNode? port) =>
        end is JsonObject json ? (json["activity"]?.ToString(), json["port"]?.ToString()) : (end?.ToString(), port?.ToString());
}

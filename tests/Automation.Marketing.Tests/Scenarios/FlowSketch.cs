using System.Text.Json.Nodes;

namespace Automation.Marketing.Tests.Scenarios;

/// <summary>A small flow for a test or a benchmark: steps, and lines from port to step. The first step starts it.</summary>
internal sealed class FlowSketch(string id)
{
    private readonly JsonArray steps = [];
    private readonly JsonArray lines = [];
    private JsonObject settings = new() { ["reentry"] = new JsonObject { ["mode"] = "after-exit", ["coolDown"] = "PT0S" }, ["forecast"] = 10_000_000 };

    /// <param name="inputs">Literals; a value that begins with <c>=</c> is a Scriban expression.</param>
    public FlowSketch Step(string step, string type, params (string Name, string Value)[] inputs)
    {
        var json = new JsonObject
        {
            ["id"] = step,
            ["name"] = step,
            ["type"] = type,
            ["version"] = 1,
            ["customProperties"] = new JsonObject { ["canStartWorkflow"] = steps.Count == 0 },
        };
        foreach (var (name, value) in inputs) json[name] = Input(value);
        return Step(json);
    }

    /// <summary>A step as it stands in a definition.</summary>
    public FlowSketch Step(JsonObject step)
    {
        steps.Add(step);
        return this;
    }

    /// <summary>From the port of one step to another.</summary>
    public FlowSketch Line(string from, string port, string to)
    {
        lines.Add(new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = from, ["port"] = port },
            ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
        });
        return this;
    }

    /// <summary>A setting of the flow, e.g. <c>goal</c>.</summary>
    public FlowSketch With(string setting, JsonNode value)
    {
        settings[setting] = value;
        return this;
    }

    /// <summary>All settings of the flow.</summary>
    public FlowSketch Settings(JsonObject all)
    {
        settings = all;
        return this;
    }

    public string ToJson() => new JsonObject
    {
        ["definitionId"] = id,
        ["name"] = id,
        ["version"] = 1,
        ["customProperties"] = new JsonObject { ["automation"] = settings.DeepClone() },
        ["root"] = new JsonObject
        {
            ["id"] = "flow",
            ["type"] = "Elsa.Flowchart",
            ["version"] = 1,
            ["start"] = steps.Count > 0 ? steps[0]!["id"]!.GetValue<string>() : null,
            ["activities"] = steps.DeepClone(),
            ["connections"] = lines.DeepClone(),
        },
    }.ToJsonString();

    private static JsonObject Input(string value) => new()
    {
        ["typeName"] = "String",
        ["expression"] = value.StartsWith('=')
            ? new JsonObject { ["type"] = "Scriban", ["value"] = value[1..] }
            : new JsonObject { ["type"] = "Literal", ["value"] = value },
    };
}

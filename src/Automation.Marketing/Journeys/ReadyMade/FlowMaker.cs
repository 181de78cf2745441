using System.Text.Json.Nodes;

namespace Automation.Marketing.Journeys.ReadyMade;

/// <summary>Puts a flow together as the designer would draw it, from left to right.</summary>
internal sealed class FlowMaker
{
    // As far apart as the designer's own arranging puts them.
    private const int Column = 455;
    private const int Row = 120;

    private readonly JsonArray activities = [];
    private readonly JsonArray connections = [];

    /// <param name="name">In both languages: <c>お礼 / Thanks</c>.</param>
    /// <param name="inputs">Names as in the file; those without a value are left out.</param>
    public FlowMaker Step(string id, string type, string name, int column, double row, params (string Input, string? Value)[] inputs)
    {
        var step = new JsonObject
        {
            ["id"] = id,
            ["name"] = id,
            ["type"] = type,
            ["version"] = 1,
            ["customProperties"] = new JsonObject { ["canStartWorkflow"] = column == 0, ["runAsynchronously"] = false },
            ["metadata"] = new JsonObject
            {
                ["displayText"] = name,
                ["designer"] = new JsonObject
                {
                    ["position"] = new JsonObject { ["x"] = column * Column - 60, ["y"] = 120 + row * Row },
                    ["size"] = new JsonObject { ["width"] = 200, ["height"] = 54 },
                },
            },
        };
        foreach (var (input, value) in inputs)
        {
            if (string.IsNullOrEmpty(value)) continue;
            step[input] = new JsonObject
            {
                ["typeName"] = input == "timeSpan" ? "TimeSpan" : "String",
                ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value },
            };
        }
        activities.Add(step);
        return this;
    }

    /// <summary>A mail that waits when a limit is reached, for as long as it is worth sending.</summary>
    public FlowMaker Mail(string id, string name, string template, int column, double row, int validDays = 7) =>
        Step(id, "Automation.SendEmail", name, column, row, ("template", template), ("overCap", "Defer"), ("validFor", $"P{validDays}D"));

    public FlowMaker Wait(string id, int days, int column, double row = 0) =>
        Step(id, "Elsa.Delay", $"{days}日待つ / Wait {days} {(days == 1 ? "day" : "days")}", column, row, ("timeSpan", $"{days}.00:00:00"));

    /// <param name="cases">Ways out and the Scriban conditions under which they are taken.</param>
    public FlowMaker Choice(string id, string name, int column, double row, IEnumerable<(string Label, string Condition)> cases)
    {
        Step(id, "Elsa.FlowSwitch", name, column, row, ("mode", "MatchFirst"));
        activities[^1]!["cases"] = new JsonArray(
            [.. cases.Select(one => (JsonNode)new JsonObject { ["label"] = one.Label, ["condition"] = new JsonObject { ["type"] = "Scriban", ["value"] = one.Condition } })]);
        return this;
    }

    public FlowMaker Line(string from, string port, string to)
    {
        connections.Add(new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = from, ["port"] = port },
            ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
        });
        return this;
    }

    /// <summary>From a mail on, sent or let pass: the person still goes the way.</summary>
    public FlowMaker AfterMail(string mail, string to) => Line(mail, "Sent", to).Line(mail, "Expired", to).Line(mail, "Skipped", to);

    public string Json(string name, string description, JsonObject settings) => new JsonObject
    {
        ["name"] = name,
        ["description"] = description,
        ["version"] = 1,
        ["toolVersion"] = "3.8.0.0",
        ["variables"] = new JsonArray(),
        ["inputs"] = new JsonArray(),
        ["outputs"] = new JsonArray(),
        ["outcomes"] = new JsonArray(),
        ["customProperties"] = new JsonObject { [FlowMerge.Settings] = settings },
        ["options"] = new JsonObject(),
        ["root"] = new JsonObject
        {
            ["id"] = "flow",
            ["name"] = "flow",
            ["type"] = "Elsa.Flowchart",
            ["version"] = 1,
            ["customProperties"] = new JsonObject { ["canStartWorkflow"] = false },
            ["metadata"] = new JsonObject(),
            ["start"] = activities[0]!["id"]!.ToString(),
            ["variables"] = new JsonArray(),
            ["activities"] = activities,
            ["connections"] = connections,
        },
    }.ToJsonString();
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Journeys;

namespace Automation.Marketing.Tests.Scenarios;

/// <summary>A flow drawn in words: <c>new Drawing("thanks").Step("bought", "EventReceived", ("eventType", "order.placed")).Line("bought", "mail")</c>.</summary>
internal sealed class Drawing(string id)
{
    private static readonly HashSet<string> Triggers = ["EventReceived", "SegmentEntered", "SegmentLeft", "DateReached", "CalendarOccurrence", "ScoreCrossed", "HandedBack"];

    private readonly HashSet<string> mails = new(StringComparer.Ordinal);
    private readonly FlowSketch sketch = new FlowSketch(id).Settings(
        new JsonObject { ["approach"] = "A3", ["reentry"] = new JsonObject { ["mode"] = "after-exit", ["coolDown"] = "PT0S" } });

    public string Id => id;

    public Drawing Settings(object said)
    {
        sketch.Settings(JsonSerializer.SerializeToNode(said, JsonSerializerOptions.Web)!.AsObject());
        return this;
    }

    /// <param name="type">One of ours without its prefix, or Elsa's with it.</param>
    public Drawing Step(string step, string type, params (string Input, object? Value)[] inputs)
    {
        var json = new JsonObject
        {
            ["id"] = step,
            ["name"] = step,
            ["type"] = type.Contains('.', StringComparison.Ordinal) ? type : "Automation." + type,
            ["version"] = 1,
            ["customProperties"] = new JsonObject { ["canStartWorkflow"] = Triggers.Contains(type) },
        };
        foreach (var (input, value) in inputs)
        {
            json[input] = value is JsonNode node ? node : new JsonObject
            {
                ["typeName"] = value switch { int => "Int32", double => "Double", bool => "Boolean", TimeSpan => "TimeSpan", _ => "String" },
                ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = JsonSerializer.SerializeToNode(value) },
            };
        }
        sketch.Step(json);
        if (type == "SendEmail") mails.Add(step);
        return this;
    }

    /// <summary>A step as it stands in a definition.</summary>
    public Drawing Step(JsonObject step)
    {
        sketch.Step(step);
        return this;
    }

    public Drawing Event(string type) => Step("start", "EventReceived", ("eventType", type));

    public Drawing Mail(string step, string template = "care/thanks-after-purchase") => Step(step, "SendEmail", ("template", template), ("validFor", "P7D"));

    /// <summary>Lines along <c>Done</c>, or <c>Sent</c> behind a mail.</summary>
    public Drawing Path(params string[] path)
    {
        for (var at = 1; at < path.Length; at++) Line(path[at - 1], path[at], mails.Contains(path[at - 1]) ? "Sent" : "Done");
        return this;
    }

    public Drawing Line(string from, string to, string port)
    {
        sketch.Line(from, port, to);
        return this;
    }

    public string ToJson() => sketch.ToJson();

    /// <summary>Saved and published by a person.</summary>
    public async Task<FlowDefinition> PublishedAsync(Scenario given, string who = "marketer")
    {
        await using var db = given.Open();
        await given.Workers.Flows.SaveDraftAsync(db, new FlowDraft(ToJson()), who, given.Clock.Now, default);
        var publication = await given.Workers.Flows.PublishAsync(db, id, who, given.Clock.Now, default);
        Assert.True(publication.Published, string.Join('\n', publication.Findings));
        return publication.Flow;
    }
}

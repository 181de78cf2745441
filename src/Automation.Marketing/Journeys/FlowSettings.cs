using System.Text.Json.Nodes;
using System.Xml;
using Automation.Workflows.Definitions;

namespace Automation.Marketing.Journeys;

/// <summary>How often one person may go through a flow (brief §4.4).</summary>
public enum Reentry { Once, AfterExit, PerKey, Restart }

/// <summary>An event that ends a run, when the condition holds.</summary>
/// <param name="Where">A Scriban condition; null: always.</param>
public sealed record FlowEvent(string Event, string? Where);

/// <summary>What a flow says of itself in <c>customProperties.automation</c> (architecture §9).</summary>
public sealed record FlowSettings(
    FlowEvent? Goal, IReadOnlyList<FlowEvent> Exits, Reentry Reentry, TimeSpan CoolDown, string? Key, bool Marketing, int? Priority)
{
    private static readonly TimeSpan DefaultCoolDown = TimeSpan.FromDays(30);

    /// <summary>What holds when nothing is said.</summary>
    public static readonly FlowSettings Default = new(null, [], Reentry.AfterExit, DefaultCoolDown, null, Marketing: true, null);

    /// <summary>It sells: A1 or A2.</summary>
    public bool Selling { get; init; }

    /// <summary>Entries expected in an hour; 0 when nothing is said.</summary>
    public int Forecast { get; init; }

    /// <exception cref="BadInputException">A setting is at fault; it is named.</exception>
    public static FlowSettings Of(WorkflowDefinition definition)
    {
        var place = $"{definition.DefinitionId}: customProperties.automation";
        if (definition.CustomProperties["automation"] is not JsonObject settings)
            return Default;
        var reentry = settings["reentry"] as JsonObject;
        return new FlowSettings(
            EventOf(settings["goal"], place + ".goal"),
            settings["exits"] is JsonArray exits ? [.. exits.Select((exit, index) => EventOf(exit, $"{place}.exits[{index}]")!)] : [],
            ReentryOf(Text(reentry?["mode"]), place),
            CoolDownOf(Text(reentry?["coolDown"]), place),
            Text(reentry?["key"]),
            Marketing: Text(settings["approach"]) is not ("None" or "none" or "transactional"),
            settings["priority"] is JsonValue priority && priority.TryGetValue<int>(out var number) ? number : null)
        {
            Selling = Text(settings["approach"]) is "A1" or "A2",
            Forecast = settings["forecast"] is JsonValue forecast && forecast.TryGetValue<int>(out var entries) ? Math.Max(0, entries) : 0,
        };
    }

    private static FlowEvent? EventOf(JsonNode? node, string place) => node switch
    {
        null => null,
        JsonObject json when Text(json["event"]) is { } name => new FlowEvent(name, Text(json["where"])),
        _ => throw new BadInputException(place, "needs 'event'."),
    };

    private static Reentry ReentryOf(string? mode, string place) => mode switch
    {
        null or "after-exit" => Reentry.AfterExit,
        "once" => Reentry.Once,
        "per-key" => Reentry.PerKey,
        "restart" => Reentry.Restart,
        _ => throw new BadInputException(place + ".reentry.mode", "must be once, after-exit, per-key or restart."),
    };

    private static TimeSpan CoolDownOf(string? text, string place)
    {
        try
        {
            return text is null ? DefaultCoolDown
                : XmlConvert.ToTimeSpan(text) is var span && span >= TimeSpan.Zero ? span
                : throw new BadInputException(place + ".reentry.coolDown", $"must not be negative: '{text}'.");
        }
        catch (Exception broken) when (broken is FormatException or OverflowException)
        {
            throw new BadInputException(place + ".reentry.coolDown", $"is not an ISO 8601 duration: '{text}'.");
        }
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
}

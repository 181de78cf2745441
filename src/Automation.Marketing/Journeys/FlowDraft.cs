using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;

namespace Automation.Marketing.Journeys;

/// <summary>A definition that somebody wants saved.</summary>
/// <param name="Json">The whole Elsa 3 definition. Without a <c>definitionId</c> it becomes a new flow.</param>
/// <param name="BaseVersionId">The version that was edited; null: not compared.</param>
/// <param name="BaseRevision">The revision of it that was edited; null: not compared.</param>
/// <param name="FromFile">True: <see cref="Json"/> is all there is to the definition, its settings too. False: what the editor does not know of stays as it was.</param>
public sealed record FlowDraft(string Json, string? BaseVersionId = null, int? BaseRevision = null, bool FromFile = false);

/// <summary>Keeps what an editor did not send.</summary>
internal static class FlowMerge
{
    public const string Settings = "automation";

    /// <summary>
    /// Whatever <paramref name="before"/> has at its top, in its custom properties, its options or its root and <paramref name="sent"/> lacks
    /// is kept; the flow's settings are always those of before: the editor holds a copy that our own page may have overtaken.
    /// </summary>
    public static void Keep(WorkflowDefinition before, WorkflowDefinition sent)
    {
        KeepMissing(before.Json, sent.Json);
        KeepInside(before.Json, sent.Json, "customProperties");
        KeepInside(before.Json, sent.Json, "options");
        if (before.CustomProperties[Settings] is { } settings) sent.CustomProperties[Settings] = settings.DeepClone();
        KeepRoot(before.Root, sent.Root);
    }

    // Only what stands at a container itself: which steps there are and what they hold is the editor's to say.
    private static void KeepRoot(JsonObject before, JsonObject sent)
    {
        if (!JsonNode.DeepEquals(before["type"], sent["type"])) return;
        var saidStart = sent.ContainsKey("start");
        KeepMissing(before, sent);
        KeepInside(before, sent, "customProperties");
        if (!saidStart && sent["start"] is JsonValue start && !Has(sent["activities"], start.ToString())) sent.Remove("start");
    }

    private static bool Has(JsonNode? activities, string id) =>
        activities is JsonArray list && list.OfType<JsonObject>().Any(activity => activity["id"]?.ToString() == id);

    private static void KeepInside(JsonObject before, JsonObject sent, string name)
    {
        if (before[name] is not JsonObject old) return;
        if (sent[name] is JsonObject own) KeepMissing(old, own);
        else sent[name] = old.DeepClone();
    }

    private static void KeepMissing(JsonObject before, JsonObject sent)
    {
        foreach (var (name, value) in before)
        {
            if (!sent.ContainsKey(name)) sent[name] = value?.DeepClone();
        }
    }
}

using System.Text.Json.Nodes;

namespace Automation.Workflows.Tests.Scenarios;

/// <summary>Compares a played scenario with its recording, in what is comparable.</summary>
internal static class ScenarioComparison
{
    /// <returns>The differences, one a line; empty when there are none.</returns>
    public static IReadOnlyList<string> Differences(JsonObject expectedFile, JsonObject actual)
    {
        var runs = expectedFile["runs"]!.AsObject();
        var expected = (runs["both"] ?? runs["CounterBased"])!.AsObject();
        var found = new List<string>();
        CompareSteps(expected["steps"]!.AsArray(), actual["steps"]!.AsArray(), found);
        CompareInstances(expected["instances"]!.AsArray(), actual["instances"]!.AsArray(), found);
        if ((expected["importErrors"] as JsonArray)?.Count > 0 != (actual["importErrors"] as JsonArray)?.Count > 0) found.Add("import errors differ");
        return found;
    }

    private static void CompareSteps(JsonArray expected, JsonArray actual, List<string> found)
    {
        if (expected.Count != actual.Count) found.Add($"{expected.Count} steps expected, {actual.Count} done");
        for (var i = 0; i < Math.Min(expected.Count, actual.Count); i++)
        {
            var (want, got) = (expected[i]!.AsObject(), actual[i]!.AsObject());
            foreach (var name in new[] { "op", "stdout", "status", "subStatus" })
                Same($"step {i} {name}", want[name]?.ToJsonString(), got[name]?.ToJsonString(), found);
            if (want["output"] is { } output) Same($"step {i} output", output.ToJsonString(), got["output"]?.ToJsonString(), found);
            if (want["resumedActivityIds"] is { } resumed) Same($"step {i} resumed", resumed.ToJsonString(), got["resumedActivityIds"]?.ToJsonString(), found);
            Same($"step {i} bookmarks", Set(want["bookmarks"], "name", "activityId"), Set(got["bookmarks"], "name", "activityId"), found);
            Same($"step {i} incidents", Set(want["incidents"], "activityId", "message"), Set(got["incidents"], "activityId", "message"), found);
        }
    }

    private static void CompareInstances(JsonArray expected, JsonArray actual, List<string> found)
    {
        if (expected.Count != actual.Count) found.Add($"{expected.Count} instances expected, {actual.Count} there");
        for (var i = 0; i < Math.Min(expected.Count, actual.Count); i++)
        {
            var (want, got) = (expected[i]!.AsObject(), actual[i]!.AsObject());
            foreach (var name in new[] { "definitionId", "version", "isMain", "name", "correlationId", "hasParent", "status", "subStatus" })
                Same($"instance {i} {name}", want[name]?.ToJsonString(), got[name]?.ToJsonString(), found);
            Same($"instance {i} journal", Lines(want["journal"]), Lines(got["journal"]), found);
        }
    }

    private static string Set(JsonNode? list, params string[] names) => string.Join("; ", (list as JsonArray ?? [])
        .Select(item => string.Join(' ', names.Select(name => item![name]?.ToString()))).Order(StringComparer.Ordinal));

    private static string Lines(JsonNode? list) => string.Join(" | ", (list as JsonArray ?? []).Select(item => item!.ToString()));

    private static void Same(string what, string? expected, string? actual, List<string> found)
    {
        if (expected != actual) found.Add($"{what}\n    expected {expected}\n    actual   {actual}");
    }
}

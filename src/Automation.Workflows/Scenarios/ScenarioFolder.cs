using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.Workflows.Scenarios;

/// <summary>Plays every script of a folder and writes one report beside each name.</summary>
public static class ScenarioFolder
{
    internal const string ScriptSuffix = ".script.json";
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<string> Scripts(string folder) =>
        Directory.EnumerateFiles(folder, "*" + ScriptSuffix, SearchOption.AllDirectories)
            .Where(file => File.Exists(file[..^ScriptSuffix.Length] + ".workflow.json"))
            .Order(StringComparer.Ordinal);

    /// <returns>How many scripts were played. One that cannot be read gives a report with its <c>error</c>.</returns>
    public static async Task<int> PlayAllAsync(ScenarioPlayer player, string folder, string target, CancellationToken cancellation)
    {
        var played = 0;
        foreach (var script in Scripts(folder))
        {
            var report = await PlayAsync(player, script, cancellation);
            var path = Path.Combine(target, Path.GetRelativePath(folder, script)[..^ScriptSuffix.Length] + ".actual.json");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, ToText(report), cancellation);
            played++;
        }
        return played;
    }

    public static string ToText(JsonNode report) => report.ToJsonString(Readable) + "\n";

    private static async Task<JsonObject> PlayAsync(ScenarioPlayer player, string script, CancellationToken cancellation)
    {
        try
        {
            return await player.PlayFileAsync(script, cancellation);
        }
        catch (Exception broken) when (broken is FormatException or JsonException or IOException)
        {
            // One bad file must not keep the others from being played.
            return new JsonObject { ["steps"] = new JsonArray(), ["instances"] = new JsonArray(), ["importErrors"] = new JsonArray(broken.Message), ["error"] = broken.Message };
        }
    }
}

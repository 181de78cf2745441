using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;

namespace Automation.Workflows.Scenarios;

/// <summary>Plays every script of a folder and writes one report beside each name.</summary>
public static class ScenarioFolder
{
    internal const string ScriptSuffix = ".script.json";
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Scripts whose workflow lies beside them, and those that name one elsewhere (<c>"workflow": path</c>).</summary>
    public static IEnumerable<string> Scripts(string folder) =>
        Directory.EnumerateFiles(folder, "*" + ScriptSuffix, SearchOption.AllDirectories)
            .Where(file => File.Exists(file[..^ScriptSuffix.Length] + ".workflow.json") || File.ReadAllText(file).Contains("\"workflow\"", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    /// <summary>The file of the workflow that a script is about.</summary>
    public static string WorkflowOf(string scriptFile, JsonObject script) =>
        script.Text("workflow") is { } named ? Path.Combine(Path.GetDirectoryName(scriptFile)!, named) : scriptFile[..^ScriptSuffix.Length] + ".workflow.json";

    /// <param name="play">Plays one script file.</param>
    /// <returns>How many scripts were played. One that cannot be read gives a report with its <c>error</c>.</returns>
    public static async Task<int> PlayAllAsync(Func<string, CancellationToken, Task<JsonObject>> play, string folder, string target, CancellationToken cancellation)
    {
        var played = 0;
        foreach (var script in Scripts(folder))
        {
            var report = await PlayAsync(play, script, cancellation);
            var path = Path.Combine(target, Path.GetRelativePath(folder, script)[..^ScriptSuffix.Length] + ".actual.json");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, ToText(report), cancellation);
            played++;
        }
        return played;
    }

    public static string ToText(JsonNode report) => report.ToJsonString(Readable) + "\n";

    private static async Task<JsonObject> PlayAsync(Func<string, CancellationToken, Task<JsonObject>> play, string script, CancellationToken cancellation)
    {
        try
        {
            return await play(script, cancellation);
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            // One bad file must not keep the others from being played.
            return new JsonObject { ["steps"] = new JsonArray(), ["instances"] = new JsonArray(), ["importErrors"] = new JsonArray(broken.Message), ["error"] = broken.Message };
        }
    }
}

using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>A line of a flowchart, from a way out of one step to another step.</summary>
/// <param name="Index">Place among the flowchart's connections.</param>
public sealed record FlowConnection(int Index, Activity Source, string Port, Activity Target)
{
    public override string ToString() => $"{Source.Id}:{Port}->{Target.Id}:In";

    /// <summary>Reads both the present form (<c>source: {activity, port}</c>) and the older one (<c>source, sourcePort</c>).</summary>
    internal static IEnumerable<(string Source, string Port, string Target, string TargetPort)> ReadAll(JsonNode? list)
    {
        if (list is not JsonArray array) yield break;
        foreach (var item in array)
        {
            if (item is not JsonObject json) continue;
            var (source, port) = End(json, "source", "Done");
            var (target, inPort) = End(json, "target", "In");
            if (source is not null && target is not null) yield return (source, port, target, inPort);
        }
    }

    private static (string? Activity, string Port) End(JsonObject json, string name, string port) => json[name] switch
    {
        JsonObject end => (end.Text("activity"), end.Text("port") ?? port),
        _ => (json.Text(name), json.Text(name + "Port") ?? port),
    };
}

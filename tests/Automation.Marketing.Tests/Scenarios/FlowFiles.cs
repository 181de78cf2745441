using System.Text.Json.Nodes;
using Automation.Marketing.Tests.Content;

namespace Automation.Marketing.Tests.Scenarios;

/// <summary>A folder of flows made for one test out of the shipped ones.</summary>
internal sealed class FlowFiles : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("automation-flows-").FullName;

    /// <summary>A shipped flow under its own name, changed.</summary>
    public void AddShipped(string id, Func<string, string> change) =>
        File.WriteAllText(Path.Combine(Folder, id + ".json"), change(File.ReadAllText(Path.Combine(Shipped.Workflows, id + ".json"))));

    /// <summary>"Thanks after a purchase": on an order, ten days later one mail; with this rule of re-entry.</summary>
    public void AddThanks(JsonObject reentry) => AddShipped("thanks-after-purchase", text =>
    {
        var flow = JsonNode.Parse(text)!.AsObject();
        flow["customProperties"]!["automation"]!["reentry"] = reentry;
        return flow.ToJsonString();
    });

    public void Add(string file, string text) => File.WriteAllText(Path.Combine(Folder, file), text);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

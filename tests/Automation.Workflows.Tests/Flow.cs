using System.Text.Json.Nodes;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;
using Automation.Workflows.Scenarios;

namespace Automation.Workflows.Tests;

/// <summary>Writes small workflows and runs them on a virtual clock.</summary>
internal sealed class Flow : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly InMemoryWorkflowHost host;
    private readonly List<string> lines = [];
    private string definitionId = "";

    public Flow(Action<ActivityRegistry>? more = null, IServiceProvider? services = null)
    {
        var registry = ActivityRegistry.WithGeneralActivities();
        more?.Invoke(registry);
        host = new InMemoryWorkflowHost(registry, [], new VirtualClock(Start), services);
    }

    public InMemoryWorkflowHost Host => host;
    public HostedInstance Instance => host.Instances[0];
    public WorkflowState State => Instance.Load();

    /// <summary>Everything written so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lines.AddRange(host.TakeLines());
            return lines;
        }
    }

    public IEnumerable<string> Journal => Instance.Journal.Select(entry => $"{entry.EventName} {entry.ActivityId}");

    /// <summary>Imports a definition.</summary>

    public Flow Of(string root, string rest = "", string id = "flow1")
    {
        definitionId = id;
        var errors = host.Import(Definition(root, rest, id));
        Assert.Empty(errors);
        return this;
    }

    public static WorkflowDefinition Definition(string root, string rest = "", string id = "flow1") =>
        WorkflowJson.Read($$"""{ "id": "{{id}}-v1", "definitionId": "{{id}}", "name": "{{id}}", "version": 1 {{(rest.Length > 0 ? "," + rest : "")}}, "root": {{root}} }""");

    public async Task<Flow> Run(IReadOnlyDictionary<string, object?>? input = null, string? correlationId = null)
    {
        await host.RunAsync(definitionId, input, correlationId, CancellationToken.None);
        return this;
    }

    public async Task<Flow> Resume(string activityId, IReadOnlyDictionary<string, object?>? input = null)
    {
        await host.ResumeAsync(Instance, State.Bookmarks.Find(mark => mark.ActivityId == activityId)!.Id, input, CancellationToken.None);
        return this;
    }

    public async Task<Flow> Publish(string eventName, object? payload = null, string? correlationId = null)
    {
        await host.PublishEventAsync(eventName, payload, correlationId, CancellationToken.None);
        return this;
    }

    public async Task<Flow> Wait(TimeSpan time)
    {
        await host.PassAsync(time, CancellationToken.None);
        return this;
    }

    public void Dispose() => host.Dispose();

    // ---- the JSON of activities ----

    public static string Chart(string activities, string connections) =>
        $$"""{ "id": "flow", "type": "Elsa.Flowchart", "version": 1, "activities": [{{activities}}], "connections": [{{Connect(connections)}}] }""";

    /// <summary><c>a:Done-&gt;b; b-&gt;c</c></summary>
    private static string Connect(string text) => string.Join(',', text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(pair =>
    {
        var ends = pair.Split("->");
        var from = ends[0].Split(':');
        return $$"""{ "source": { "activity": "{{from[0]}}", "port": "{{(from.Length > 1 ? from[1] : "Done")}}" }, "target": { "activity": "{{ends[1]}}", "port": "In" } }""";
    }));

    public static string Sequence(string id, params string[] activities) =>
        $$"""{ "id": "{{id}}", "type": "Elsa.Sequence", "version": 1, "activities": [{{string.Join(',', activities)}}] }""";

    public static string Step(string id, string type, string properties = "") =>
        $$"""{ "id": "{{id}}", "name": "{{id}}", "type": "{{type}}", "version": 1 {{(properties.Length > 0 ? "," + properties : "")}} }""";

    public static string Begin => Step("start", "Elsa.Start");
    public static string Write(string id, string? text = null) => Step(id, "Elsa.WriteLine", Input("text", text ?? id));
    public static string Say(string id, string script) => Step(id, "Elsa.WriteLine", JavaScript("text", script));
    public static string OnEvent(string id, string? name = null) => Step(id, "Elsa.Event", Input("eventName", name ?? id));

    public static string Input(string name, object? value, string type = "Object") =>
        $$"""{{Quote(name)}}: { "typeName": "{{type}}", "expression": { "type": "Literal", "value": {{JsonValue.Create(value)?.ToJsonString() ?? "null"}} } }""";

    public static string JavaScript(string name, string script, string type = "Object") =>
        $$"""{{Quote(name)}}: { "typeName": "{{type}}", "expression": { "type": "JavaScript", "value": {{Quote(script)}} } }""";

    public static string Quote(string text) => JsonValue.Create(text).ToJsonString();
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Storage;

namespace Automation.Server.Tests.Studio;

/// <summary>The whole service, asked as the designer asks it.</summary>
public sealed class StudioApp : IAsyncLifetime
{
    public const string Api = "/elsa/api";

    internal RunningApp App { get; private set; } = null!;

    public async Task InitializeAsync() => App = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00");

    public async Task DisposeAsync() => await App.DisposeAsync();

    /// <returns>Null beside a checkout by itself.</returns>
    public static string? Shared(string folder)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (!File.Exists(Path.Combine(at.FullName, "Automation.sln"))) continue;
            var shared = Path.Combine(at.FullName, "..", "shared", folder);
            return Directory.Exists(shared) ? shared : null;
        }
        return null;
    }

    public static JsonObject Read(string file) => (JsonObject)JsonNode.Parse(File.ReadAllText(file))!;

    internal async Task<JsonObject> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await App.Http.GetAsync(Api + path);
        Assert.Equal(expected, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    internal async Task<JsonObject> PostAsync(string path, JsonNode? body, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await App.Http.PostAsJsonAsync(Api + path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected == answer.StatusCode, $"{path} answered {(int)answer.StatusCode}: {text}");
        return text.Length == 0 ? [] : (JsonObject)JsonNode.Parse(text)!;
    }

    /// <summary>Saves a drawing as the designer does.</summary>
    internal async Task<JsonObject> SaveAsync(JsonObject model, bool publish = false, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var answer = await PostAsync("/workflow-definitions", new JsonObject { ["model"] = model.DeepClone(), ["publish"] = publish }, expected);
        return expected is HttpStatusCode.OK ? (JsonObject)answer["workflowDefinition"]! : answer;
    }

    internal static JsonObject Flow(string id, params JsonObject[] steps)
    {
        var connections = new JsonArray();
        for (var at = 1; at < steps.Length; at++)
        {
            connections.Add(new JsonObject
            {
                ["source"] = new JsonObject { ["activity"] = steps[at - 1]["id"]!.ToString(), ["port"] = steps[at - 1]["type"]!.ToString() == "Automation.SendEmail" ? "Sent" : "Done" },
                ["target"] = new JsonObject { ["activity"] = steps[at]["id"]!.ToString(), ["port"] = "In" },
            });
        }
        return new JsonObject
        {
            ["definitionId"] = id,
            ["name"] = id,
            ["customProperties"] = new JsonObject { ["automation"] = new JsonObject { ["goal"] = new JsonObject { ["event"] = "order.placed" }, ["approach"] = "A3" } },
            ["root"] = new JsonObject
            {
                ["id"] = "flow",
                ["type"] = "Elsa.Flowchart",
                ["version"] = 1,
                ["activities"] = new JsonArray([.. steps.Select(step => (JsonNode?)step)]),
                ["connections"] = connections,
            },
        };
    }

    internal static JsonObject Step(string id, string type, params (string Input, string Value)[] inputs)
    {
        var step = new JsonObject { ["id"] = id, ["name"] = id, ["type"] = type, ["version"] = 1, ["metadata"] = new JsonObject(), ["customProperties"] = new JsonObject { ["canStartWorkflow"] = type.Contains("Received", StringComparison.Ordinal) } };
        foreach (var (input, value) in inputs)
            step[input] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value }, ["memoryReference"] = null };
        return step;
    }

    internal static JsonObject Welcome(string id, string eventType) => Flow(
        id, Step("begin", "Automation.EventReceived", ("eventType", eventType)), Step("mail", "Automation.SendEmail", ("template", "welcome/day-0")),
        Step("pause", "Elsa.Delay", ("timeSpan", "3.00:00:00")), Step("tag", "Automation.AddTag", ("tag", "welcomed")));
}

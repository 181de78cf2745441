using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace Automation.Server.Tests.Studio;

/// <summary>Everything the designer was seen to ask is asked of our server.</summary>
public sealed class SampleReplayTests(StudioApp studio, ITestOutputHelper output) : IClassFixture<StudioApp>
{
    private const int Recorded = 27;

    [Fact]
    public async Task Every_recorded_request_of_the_designer_gets_an_answer_that_it_survives()
    {
        if (StudioApp.Shared("elsa/studio-samples") is not { } folder)
        {
            output.WriteLine("No recorded requests beside this checkout: 0 replayed.");
            return;
        }
        JsonObject Sample(string name) => StudioApp.Read(Path.Combine(folder, name));
        var replayed = 0;

        var created = await AskAsync("POST", "/workflow-definitions", Sample("definition-create.request.json"), Sample("definition-save.response.json"));
        var definitionId = created!["workflowDefinition"]!["definitionId"]!.ToString();
        await AskAsync("POST", "/workflow-definitions", Sample("definition-save.request.json"), Sample("definition-save.response.json"));
        await AskAsync("GET", "/workflow-definitions/by-definition-id/468f55def65a7e8e?versionOptions=Latest", null, Sample("definition-get.response.json"));
        await AskAsync("GET", "/workflow-definitions?versionOptions=Latest&Page=0&PageSize=10&SearchTerm=&IsSystem=False&OrderDirection=Ascending", null, Sample("definition-list.response.json"));
        await AskAsync("POST", "/workflow-definitions/import", Sample("definition-import.request.json"), Sample("definition-get.response.json"));
        await AskAsync("GET", "/descriptors/activities?Refresh=True", null, Sample("activity-descriptors.response.json"));
        await AskAsync("GET", "/descriptors/expression-descriptors", null, Sample("expression-descriptors.response.json"));
        foreach (var (line, answer) in Sample("small-descriptors.responses.json"))
            await AskAsync("GET", line["GET ".Length..].Split(" (")[0], null, (JsonObject)answer!);
        var list = Sample("instance-list.json");
        await AskAsync("POST", "/workflow-instances", (JsonObject)list["request"]!, (JsonObject)list["response"]!);
        var types = Sample("javascript-type-definitions.json");
        await AskAsync("POST", $"/scripting/javascript/type-definitions/{definitionId}", (JsonObject)types["request"]!, null);
        foreach (var (line, bulk) in Sample("bulk-actions.json"))
            await AskAsync("POST", line["POST ".Length..], (JsonObject)bulk!["request"]!, Answered(line, bulk));
        // These name things of the recording's own server: a named problem is the answer.
        await RefusedAsync(HttpStatusCode.NotFound, "POST", "/descriptors/activities/Marketing.SendEmail/options/DynamicList", (JsonObject)Sample("activity-options.json")["request"]!);
        await RefusedAsync(HttpStatusCode.NotFound, "POST", "/activity-executions/report", (JsonObject)Sample("activity-executions-report.json")["request"]!);
        await RefusedAsync(HttpStatusCode.NotFound, "POST", "/workflow-instances/1b3b5298a5910b57/journal" + Sample("instance-journal.json")["query"], (JsonObject)Sample("instance-journal.json")["request"]!);
        await RefusedAsync(HttpStatusCode.BadRequest, "POST", $"/workflow-definitions/{definitionId}/execute", (JsonObject)Sample("definition-execute.json")["request"]!);
        await RefusedAsync(HttpStatusCode.NotImplemented, "POST", "/../hubs/workflow-instance/negotiate?negotiateVersion=1", null);

        output.WriteLine($"{replayed} recorded requests replayed.");
        Assert.True(replayed >= Recorded, $"Only {replayed} of {Recorded} requests were found.");

        async Task<JsonObject?> AskAsync(string method, string path, JsonObject? body, JsonObject? like)
        {
            replayed++;
            using var answer = await SendAsync(method, path, body);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode is HttpStatusCode.OK, $"{method} {path} answered {(int)answer.StatusCode}: {text}");
            if (like is null) return null;
            var json = (JsonObject)JsonNode.Parse(text)!;
            Assert.DoesNotContain(like.Select(pair => pair.Key).Except(json.Select(pair => pair.Key)), name => name is not ("toolVersion"));
            Assert.DoesNotContain(json, pair => like[pair.Key] is JsonArray && pair.Value is not JsonArray);
            return json;
        }

        async Task RefusedAsync(HttpStatusCode status, string method, string path, JsonObject? body)
        {
            replayed++;
            using var answer = await SendAsync(method, path, body);
            Assert.True(status == answer.StatusCode, $"{method} {path} answered {(int)answer.StatusCode}.");
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
    }

    // The designer reads these numbers; which of them there are, it does not check.
    private static JsonObject Answered(string line, JsonNode bulk) => line.Contains("cancel", StringComparison.Ordinal) ? new JsonObject { ["cancelledCount"] = 0 } : (JsonObject)bulk["response"]!;

    private async Task<HttpResponseMessage> SendAsync(string method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(studio.App.Server.Address, StudioApp.Api.TrimStart('/') + path));
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await studio.App.Http.SendAsync(request);
    }
}

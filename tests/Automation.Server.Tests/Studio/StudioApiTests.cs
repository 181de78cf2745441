using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Journeys;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace Automation.Server.Tests.Studio;

public sealed class StudioApiTests(StudioApp studio, ITestOutputHelper output) : IClassFixture<StudioApp>
{
    [Fact]
    public async Task A_step_of_an_unknown_kind_is_shown_as_such_and_comes_back_as_it_was()
    {
        var odd = StudioApp.Step("odd", "Elsewhere.Fax", ("number", "0776"));
        odd["version"] = 7;
        var shown = await studio.SaveAsync(StudioApp.Flow("trap-unknown", StudioApp.Step("begin", "Automation.EventReceived", ("eventType", "lead.created")), odd));
        var step = StepOf(shown, "odd");
        Assert.Equal(("Elsa.NotFoundActivity", 1, "Elsewhere.Fax"), (step["type"]!.ToString(), (int)step["version"]!, step["missingTypeName"]!.ToString()));

        step["metadata"] = new JsonObject { ["designer"] = new JsonObject { ["position"] = new JsonObject { ["x"] = 5, ["y"] = 6 } } };
        await studio.SaveAsync(shown);
        var kept = StepOf(await ExportAsync("trap-unknown"), "odd");
        Assert.Equal(("Elsewhere.Fax", 7, "0776"), (kept["type"]!.ToString(), (int)kept["version"]!, kept["number"]!["expression"]!["value"]!.ToString()));
        Assert.Equal(5, (int)kept["metadata"]!["designer"]!["position"]!["x"]!);
    }

    [Fact]
    public async Task A_step_of_another_version_opens_and_keeps_its_version()
    {
        var newer = StudioApp.Step("mail", "Automation.SendEmail", ("template", "welcome/day-0"));
        newer["version"] = 9;
        var shown = await studio.SaveAsync(StudioApp.Flow("trap-version", newer));
        Assert.Equal(1, (int)StepOf(shown, "mail")["version"]!);
        shown["description"] = "changed";
        await studio.SaveAsync(shown);
        Assert.Equal(9, (int)StepOf(await ExportAsync("trap-version"), "mail")["version"]!);
    }

    [Fact]
    public async Task Every_step_the_designer_is_given_has_its_node_id()
    {
        var shown = await studio.SaveAsync(StudioApp.Welcome("trap-node", "signup.node"));
        Assert.Equal("Workflow1:flow", shown["root"]!["nodeId"]!.ToString());
        Assert.All(shown["root"]!["activities"]!.AsArray(), step => Assert.Equal($"Workflow1:flow:{step!["id"]}", step["nodeId"]!.ToString()));
    }

    [Fact]
    public async Task A_drawing_that_comes_empty_is_not_saved_over_one_with_steps()
    {
        var shown = await studio.SaveAsync(StudioApp.Welcome("trap-empty", "signup.empty"));
        shown["root"]!["activities"] = new JsonArray();
        var problem = await studio.SaveAsync(shown, expected: HttpStatusCode.BadRequest);
        Assert.Contains("4 steps", problem["errors"]!["flow"]![0]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(4, (await ExportAsync("trap-empty"))["root"]!["activities"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_save_is_answered_with_what_was_saved_and_a_repeated_one_makes_nothing_new()
    {
        var model = StudioApp.Flow("", StudioApp.Step("tag", "Automation.AddTag", ("tag", "a")));
        model.Remove("definitionId");
        model["root"]!["id"] = "5eb1a2c3d4e5f607";
        var first = await studio.SaveAsync(model);
        var again = await studio.SaveAsync(model);
        Assert.Equal(first["definitionId"]!.ToString(), again["definitionId"]!.ToString());
        Assert.Equal(first["id"]!.ToString(), again["id"]!.ToString());
    }

    [Fact]
    public async Task Opening_a_published_flow_and_saving_it_unchanged_makes_no_new_version()
    {
        var shown = await studio.GetAsync("/workflow-definitions/by-definition-id/welcome?versionOptions=Latest");
        var saved = await studio.SaveAsync(shown);
        Assert.Equal((1, true), ((int)saved["version"]!, (bool)saved["isPublished"]!));
    }

    [Fact]
    public async Task Steps_and_ways_keep_their_order_when_the_designer_sends_what_was_clicked_last()
    {
        var shown = await studio.GetAsync("/workflow-definitions/by-definition-id/order-received?versionOptions=Latest");
        var order = (await ExportAsync("order-received"))["root"]!;
        foreach (var list in (string[])["activities", "connections"])
        {
            var items = shown["root"]![list]!.AsArray();
            var first = items[0];
            items.RemoveAt(0);
            items.Add(first);
        }
        var saved = await studio.SaveAsync(shown);
        Assert.Equal((1, true), ((int)saved["version"]!, (bool)saved["isPublished"]!));

        shown["root"]!["activities"]!.AsArray().Insert(0, StudioApp.Step("new", "Automation.AddTag", ("tag", "a")));
        await studio.SaveAsync(shown);
        var kept = (await ExportAsync("order-received"))["root"]!;
        Assert.Equal([.. IdsOf(order), "new"], IdsOf(kept));
        Assert.True(JsonNode.DeepEquals(order["connections"], kept["connections"]), kept["connections"]!.ToJsonString());

        static IEnumerable<string> IdsOf(JsonNode root) => root["activities"]!.AsArray().Select(step => step!["id"]!.ToString());
    }

    [Fact]
    public async Task Reasons_are_ticked_in_the_designer_and_kept_as_words()
    {
        var shown = await studio.GetAsync("/workflow-definitions/by-definition-id/re-nurture?versionOptions=Latest");
        var reasons = StepOf(shown, "handed-back")["reasons"]!["expression"]!;
        Assert.Equal(("Object", "[\"too-early\",\"budget\",\"competitor\",\"no-contact\"]"), (reasons["type"]!.ToString(), reasons["value"]!.ToString()));
        reasons["value"] = "[\"too-early\"]";
        await studio.SaveAsync(shown);
        var kept = StepOf(await ExportAsync("re-nurture"), "handed-back")["reasons"]!["expression"]!;
        Assert.Equal(("Literal", "too-early"), (kept["type"]!.ToString(), kept["value"]!.ToString()));
    }

    [Fact]
    public async Task A_definition_of_elsas_own_test_data_is_unchanged_but_for_the_change()
    {
        if (StudioApp.Shared("elsa/api-recordings") is not { } folder)
        {
            output.WriteLine("No recordings beside this checkout: 0 definitions.");
            return;
        }
        var recorded = (JsonObject)StudioApp.Read(Path.Combine(folder, "workflow-definitions-export.json"))["response"]!;
        var imported = await studio.PostAsync("/workflow-definitions/import", recorded.DeepClone());
        var step = imported["root"]!["activities"]!.AsArray().OfType<JsonObject>().First(one => one["type"]!.ToString() == "Elsa.WriteLine");
        step["text"]!["expression"]!["value"] = "changed";
        await studio.SaveAsync(imported);
        var exported = await ExportAsync(recorded["definitionId"]!.ToString());
        Assert.Equal("changed", StepOf(exported, step["id"]!.ToString())["text"]!["expression"]!["value"]!.ToString());
        StepOf(exported, step["id"]!.ToString())["text"]!["expression"]!["value"] = StepOf(recorded, step["id"]!.ToString())["text"]!["expression"]!["value"]!.DeepClone();
        RemoveNodeIds(exported["root"]!);
        RemoveNodeIds(recorded["root"]!);
        Assert.True(JsonNode.DeepEquals(recorded["root"], exported["root"]), exported["root"]!.ToJsonString());
    }

    [Fact]
    public async Task What_stands_in_the_way_of_publishing_is_told_at_its_step_and_publishes_nothing()
    {
        var model = StudioApp.Flow("not-yet", StudioApp.Step("begin", "Automation.EventReceived", ("eventType", "lead.created")), StudioApp.Step("mail", "Automation.SendEmail", ("template", "no/such-mail")));
        var problem = await studio.SaveAsync(model, publish: true, HttpStatusCode.BadRequest);
        Assert.Contains("no/such-mail", problem["errors"]!["mail"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.False((bool)(await studio.GetAsync("/workflow-definitions/by-definition-id/not-yet?versionOptions=Latest"))["isPublished"]!);
    }

    [Fact]
    public async Task A_published_flow_takes_a_person_in_and_its_run_can_be_followed_and_stopped()
    {
        var flow = await studio.SaveAsync(StudioApp.Welcome("followed", "signup.followed"), publish: true);
        Assert.True((bool)flow["isPublished"]!);
        var person = await studio.App.PostEventAsync("f-1", "signup.followed", RunningApp.Person("follow@example.com", "追加 花子"));
        await studio.App.SettleAsync();
        var runs = await studio.PostAsync("/workflow-instances", new JsonObject { ["definitionIds"] = new JsonArray("followed"), ["statuses"] = new JsonArray("Running") });
        var run = Assert.Single(runs["items"]!.AsArray())!;
        Assert.Equal((person.ToString(), "追加 花子", "Suspended"), (run["correlationId"]!.ToString(), run["name"]!.ToString(), run["subStatus"]!.ToString()));
        var journal = await studio.PostAsync($"/workflow-instances/{run["id"]}/journal?skip=0&take=110", new JsonObject { ["filter"] = new JsonObject { ["activityNodeIds"] = new JsonArray("Workflow1:flow:begin", "Workflow1:flow:mail") } });
        Assert.Contains(journal["items"]!.AsArray(), line => line!["nodeId"]!.ToString() == "Workflow1:flow:begin" && line["eventName"]!.ToString() == "Completed");
        var stats = (await studio.PostAsync("/activity-executions/report", new JsonObject { ["workflowInstanceId"] = run["id"]!.ToString(), ["activityNodeIds"] = new JsonArray("Workflow1:flow:mail") }))["stats"]![0]!;
        Assert.Equal((1, true), ((int)stats["startedCount"]!, (bool)stats["isBlocked"]! || (int)stats["completedCount"]! == 1));

        using var cancelled = await studio.App.Http.PostAsJsonAsync($"{StudioApp.Api}/cancel/workflow-instances/{run["id"]}", new { });
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Equal("Cancelled", (await studio.GetAsync($"/workflow-instances/{run["id"]}"))["subStatus"]!.ToString());

        using var deleted = await studio.App.Http.DeleteAsync($"{StudioApp.Api}/workflow-instances/{run["id"]}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty((await studio.PostAsync("/workflow-instances", new JsonObject { ["definitionIds"] = new JsonArray("followed") }))["items"]!.AsArray());
        await using var db = studio.App.Db();
        Assert.Equal(1, await db.FlowInstances.CountAsync(one => one.DefinitionId == "followed"));
    }

    [Fact]
    public async Task A_test_run_plays_to_the_end_sends_nothing_and_changes_nothing()
    {
        var person = await studio.App.PostEventAsync("t-1", "page.viewed", RunningApp.Person("tried@example.com"));
        await studio.App.SettleAsync();
        await studio.SaveAsync(StudioApp.Welcome("tried", "signup.tried"));
        using var answer = await studio.App.Http.PostAsJsonAsync($"{StudioApp.Api}/workflow-definitions/tried/execute", new { correlationId = person, versionOptions = "Latest" });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var id = Assert.Single(answer.Headers.GetValues("x-elsa-workflow-instance-id"));
        await studio.App.SettleAsync();

        var run = await studio.GetAsync($"/workflow-instances/{id}");
        Assert.StartsWith(FlowTestRuns.Mark, run["name"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(("Finished", "Finished"), (run["status"]!.ToString(), run["subStatus"]!.ToString()));
        var mail = (await studio.GetAsync($"/activity-executions/list?workflowInstanceId={id}&activityNodeId=Workflow1:flow:mail"))["items"]![0]!;
        Assert.StartsWith("[TEST] ", mail["activityState"]!["Subject"]!.ToString(), StringComparison.Ordinal);
        await using var db = studio.App.Db();
        Assert.Equal(0, await db.OutboxMessages.CountAsync(message => message.ContactId == person));
        Assert.Equal(0, await db.FlowInstances.CountAsync(one => one.ContactId == person));
        Assert.Equal(0, await db.ContactTags.CountAsync(tag => tag.ContactId == person));
    }

    [Fact]
    public async Task Without_a_person_nothing_is_run()
    {
        using var answer = await studio.App.Http.PostAsJsonAsync($"{StudioApp.Api}/workflow-definitions/welcome/execute", new { versionOptions = "Latest" });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("true", Assert.Single(answer.Headers.GetValues("x-elsa-workflow-cannot-start")));
    }

    [Fact]
    public async Task Every_activity_is_named_described_and_filed_in_japanese()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(studio.App.Server.Address, "elsa/api/descriptors/activities"));
        request.Headers.Add("Accept-Language", "ja");
        using var answer = await studio.App.Http.SendAsync(request);
        var activities = (await answer.Content.ReadFromJsonAsync<JsonObject>())!["items"]!.AsArray();
        string[] drawers = ["起動条件", "待つ", "分岐", "メール", "顧客", "営業", "季節", "制御"];
        Assert.All(activities, activity =>
        {
            var type = activity!["typeName"]!.ToString();
            Assert.True(IsJapanese(activity["displayName"]!.ToString()), $"{type} is called {activity["displayName"]}.");
            Assert.True(IsJapanese(activity["description"]!.ToString()), $"{type}: {activity["description"]}");
            Assert.Contains(activity["category"]!.ToString(), drawers);
            foreach (var input in activity["inputs"]!.AsArray())
                Assert.True(IsJapanese(input!["displayName"]!.ToString()) || input["displayName"]!.ToString() == "URL", $"{type}.{input["name"]} is called {input["displayName"]}.");
            foreach (var port in activity["ports"]!.AsArray().Where(port => port!["name"]!.ToString().Length > 1))
                Assert.True(IsJapanese(port!["displayName"]!.ToString()), $"{type}: way out {port["name"]}.");
        });
        Assert.Equal(activities.Count, activities.Select(activity => (activity!["typeName"]!.ToString(), (int)activity["version"]!)).Distinct().Count());
    }

    [Fact]
    public async Task Descriptions_of_activities_are_sent_again_only_when_they_have_changed()
    {
        using var first = await AskAsync("en", had: null);
        Assert.Equal(("application/json", true), (first.Content.Headers.ContentType!.MediaType, first.Headers.CacheControl!.NoCache));
        using var again = await AskAsync("en", first.Headers.ETag);
        using var other = await AskAsync("ja", first.Headers.ETag);
        Assert.Equal((HttpStatusCode.NotModified, HttpStatusCode.OK), (again.StatusCode, other.StatusCode));

        async Task<HttpResponseMessage> AskAsync(string language, System.Net.Http.Headers.EntityTagHeaderValue? had)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(studio.App.Server.Address, "elsa/api/descriptors/activities?Refresh=True"));
            request.Headers.Add("Accept-Language", language);
            if (had is not null) request.Headers.IfNoneMatch.Add(had);
            return await studio.App.Http.SendAsync(request);
        }
    }

    [Fact]
    public async Task Scriban_is_the_first_language_offered()
    {
        var offered = (await studio.GetAsync("/descriptors/expression-descriptors"))["items"]!.AsArray().Where(one => (bool)one!["isBrowsable"]!).Select(one => one!["type"]!.ToString());
        Assert.Equal("Scriban", offered.First());
    }

    [Theory]
    [InlineData("Automation.SendEmail", "Template", "welcome/day-0")]
    [InlineData("Automation.EventReceived", "EventType", "lead.created")]
    [InlineData("Automation.HandedBack", "Reasons", "too-early")]
    [InlineData("Automation.WaitForAnchor", "Anchor", "解禁日")]
    public async Task A_picker_offers_what_exists(string type, string input, string value)
    {
        var items = (await studio.PostAsync($"/descriptors/activities/{type}/options/{input}", new JsonObject { ["context"] = new JsonObject() }))["items"]!;
        Assert.Contains(value, items.Deserialize<JsonObject>()!.First().Value!.AsObject().First().Value!["items"]!.AsArray().Select(item => item!["value"]!.ToString()));
        Assert.False(items.AsObject().ContainsKey("Refresh"));
    }

    [Theory]
    [InlineData("cross-site", null, HttpStatusCode.Forbidden)]
    [InlineData("same-site", null, HttpStatusCode.Forbidden)]
    [InlineData(null, "https://elsewhere.example", HttpStatusCode.Forbidden)]
    [InlineData(null, null, HttpStatusCode.Forbidden)]
    [InlineData("same-origin", null, HttpStatusCode.OK)]
    public async Task With_the_cookie_a_write_is_taken_from_our_own_pages_only(string? site, string? origin, HttpStatusCode expected)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = studio.App.Server.Address };
        await SignInAsync(http);
        using var request = new HttpRequestMessage(HttpMethod.Post, "elsa/api/workflow-instances") { Content = JsonContent.Create(new { }) };
        if (site is not null) request.Headers.Add("Sec-Fetch-Site", site);
        if (origin is not null) request.Headers.Add("Origin", origin);
        using var answer = await http.SendAsync(request);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_stranger_gets_an_answer_and_never_the_sign_in_page()
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = studio.App.Server.Address };
        using var answer = await http.GetAsync("elsa/api/features/installed");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Who_may_only_look_gets_no_link_to_change_and_is_refused()
    {
        await using var db = studio.App.Db();
        await db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.Role, "viewer"));
        try
        {
            using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = studio.App.Server.Address };
            await SignInAsync(http);
            http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
            var list = (await http.GetFromJsonAsync<JsonObject>("elsa/api/workflow-definitions?versionOptions=Latest"))!;
            Assert.DoesNotContain(list["links"]!.AsArray(), link => link!["rel"]!.ToString() == "bulk-publish");
            Assert.DoesNotContain(list["items"]![0]!["links"]!.AsArray(), link => link!["rel"]!.ToString() == "publish");
            using var answer = await http.PostAsJsonAsync("elsa/api/workflow-definitions/welcome/retract", new { });
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        finally
        {
            // Who somebody is counts at once: the others of this class are asked by the administrator.
            await db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.Role, "admin"));
        }
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("identity", null)]
    public async Task The_designers_files_come_compressed_as_the_browser_takes_them(string accepted, string? encoding)
    {
        using var http = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = studio.App.Server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "studio/_framework/blazor.webassembly.js");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("text/javascript", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Headers.CacheControl!.NoCache);
        if (encoding is null) Assert.Contains("Blazor", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var again = new HttpRequestMessage(HttpMethod.Get, "studio/_framework/blazor.webassembly.js");
        again.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using var unchanged = await http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    private static async Task SignInAsync(HttpClient http)
    {
        var page = await http.GetStringAsync("sign-in");
        var token = System.Text.RegularExpressions.Regex.Match(page, "__RequestVerificationToken[^>]*value=\"([^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value;
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["UserName"] = "admin", ["Password"] = RunningApp.Password, ["__RequestVerificationToken"] = token });
        using var answer = await http.PostAsync("sign-in", form);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
    }

    private async Task<JsonObject> ExportAsync(string definitionId) => await studio.GetAsync($"/workflow-definitions/{definitionId}/export?versionOptions=Latest");

    private static JsonObject StepOf(JsonObject definition, string id) => definition["root"]!["activities"]!.AsArray().OfType<JsonObject>().Single(step => step["id"]!.ToString() == id);

    private static void RemoveNodeIds(JsonNode activity)
    {
        activity.AsObject().Remove("nodeId");
        foreach (var step in activity["activities"]?.AsArray() ?? []) RemoveNodeIds(step!);
    }

    private static bool IsJapanese(string text) => text.Any(letter => letter is >= '\u3040' and <= '\u30ff' or >= '\u4e00' and <= '\u9fff');
}

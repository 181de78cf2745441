using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Marketing.Journeys;
using Automation.Server.Tests.Browser;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace Automation.Server.Tests.Studio;

/// <summary>The real designer in a real browser, before the whole service.</summary>
[Collection(nameof(BrowserApp))]
public sealed class StudioInBrowserTests(BrowserApp app, ITestOutputHelper output)
{
    [Theory]
    [InlineData("ja", "form.submitted")]
    [InlineData("en", "seminar.attended")]
    public async Task A_flow_drawn_on_an_empty_canvas_saves_itself_is_published_and_takes_a_person_to_its_wait(string language, string happens)
    {
        var say = Speech.Of(language);
        await using var studio = await StudioPage.OpenAsync(app, language);
        var flow = await studio.BeginAsync(say.Create);
        await studio.PlaceAsync(say.Triggers, say.Trigger, 80, 60);
        await studio.PlaceAsync(say.MailDrawer, say.Mail, 400, 60);
        await studio.PlaceAsync(say.WaitDrawer, say.Wait, 80, 220);
        await studio.PlaceAsync(say.BranchDrawer, say.Branch, 400, 220);
        await studio.JoinAsync(say.Trigger, "Done", say.Mail);
        await studio.JoinAsync(say.Mail, "Sent", say.Wait);
        await studio.JoinAsync(say.Wait, "Done", say.Branch);
        await SavedAsync(flow, root => WaysOf(root).SequenceEqual(["Automation.EventReceived Done Automation.SendEmail", "Automation.SendEmail Sent Elsa.Delay", "Elsa.Delay Done Elsa.FlowDecision"]));

        await studio.SelectAsync(say.Trigger);
        await studio.ChooseAsync(say.Event, happens);
        await studio.SelectAsync(say.Mail);
        await studio.ChooseAsync(say.Template, "welcome/day-0");
        await studio.SelectAsync(say.Wait);
        await studio.FillAsync(say.HowLong, "3.00:00:00");
        await studio.SelectAsync(say.Branch);
        await studio.WriteAsync("event.data.total > 5000");
        await SavedAsync(flow, root => ValuesOf(root).SequenceEqual([happens, "welcome/day-0", "3.00:00:00", "event.data.total > 5000"]));
        await studio.KeepPictureAsync($"{language}-studio-filled");

        await studio.PublishAsync();
        await RunningApp.EventuallyAsync(() => IsPublishedAsync(flow));
        await HappensAsync(happens, flow, $"drawn-{language}@example.com", say.Person);
        await using var db = app.OpenDb();
        var run = await db.FlowInstances.AsNoTracking().SingleAsync(one => one.DefinitionId == flow);
        Assert.Equal("Elsa.Delay", await db.FlowBookmarks.Where(wait => wait.InstanceId == run.Id).Select(wait => wait.Name).SingleAsync());

        if (language == "en") await studio.ViewAsync(run.Id);
        else
        {
            await studio.ListRunsAsync();
            await studio.RowOf(say.Person).Locator("td").Nth(4).ClickAsync();
            await studio.Page.WaitForURLAsync(new Regex($"/studio/workflows/instances/{run.Id:N}/view", RegexOptions.None, TimeSpan.FromSeconds(1)));
        }
        foreach (var line in (ILocator[])[studio.Line(say.Trigger, say.Completed), studio.Line(say.Mail, say.Completed), studio.Line(say.Wait, say.Suspended)])
            await Assertions.Expect(line).ToBeVisibleAsync();
        await studio.KeepPictureAsync($"{language}-studio-journal");
        Assert.Empty(studio.Complaints);
    }

    [Fact]
    public async Task A_definition_of_elsas_own_test_data_comes_out_of_the_designer_unchanged_but_for_the_change()
    {
        if (StudioApp.Shared("elsa/api-recordings") is not { } folder)
        {
            output.WriteLine("No recordings beside this checkout: 0 definitions opened.");
            return;
        }
        var recorded = (JsonObject)StudioApp.Read(Path.Combine(folder, "workflow-definitions-export.json"))["response"]!;
        Assert.InRange(recorded["root"]!["activities"]!.AsArray().Count, 4, int.MaxValue);
        await using var db = app.OpenDb();
        var flow = (await app.Get<FlowDefinitions>().ImportAsync(db, recorded.ToJsonString(), "admin", app.Get<TimeProvider>().GetUtcNow(), default)).DefinitionId;
        var name = recorded["root"]!["activities"]!.AsArray().First(step => step!["type"]!.ToString() == "Elsa.WriteLine")!["name"]!.ToString();

        await using var studio = await StudioPage.OpenAsync(app, "en");
        await studio.EditAsync(flow);
        await Assertions.Expect(studio.Steps).ToHaveCountAsync(recorded["root"]!["activities"]!.AsArray().Count);
        await studio.SelectAsync(name);
        await studio.FillAsync("Text", "What was changed.");
        await SavedAsync(flow, root => root.ToJsonString().Contains("What was changed.", StringComparison.Ordinal));
        var exported = await studio.ExportAsync("Export");

        var changes = Differences(recorded, exported, "").ToList();
        output.WriteLine($"1 recorded definition with {recorded["root"]!["activities"]!.AsArray().Count} steps opened, changed and exported: {string.Join(", ", changes)}");
        var change = Assert.Single(changes);
        Assert.Matches(@"^/root/activities/\d/text/expression/value: What was changed\.$", change);
        Assert.Empty(studio.Complaints);
    }

    // One visit for what may go wrong in one: each start of the designer takes seconds.
    [Fact]
    public async Task A_refusal_leads_to_the_step_at_fault_a_visit_that_ended_goes_on_after_signing_in_and_a_run_is_a_test_with_one_person()
    {
        await DraftAsync("tried-drawing", StudioApp.Step("odd", "Automation.SendEmail", ("template", "there/is/none")));
        await using var studio = await StudioPage.OpenAsync(app, "ja");
        await studio.EditAsync("tried-drawing");
        await studio.PublishAsync();
        var finding = studio.Page.Locator("#refused a").Filter(new() { HasText = "there/is/none" });
        await Assertions.Expect(finding).ToBeVisibleAsync();
        await studio.KeepPictureAsync("ja-studio-refused");
        await studio.Page.ClickAsync("#refused button.main");
        await Assertions.Expect(studio.Page.Locator("#refused")).ToBeHiddenAsync();
        await Assertions.Expect(studio.Steps).ToHaveCountAsync(5);

        await GoOnAfterSigningInAsync(studio, "tried-drawing");
        await TryWithOnePersonAsync(studio, "tried-drawing");

        await studio.ListFlowsAsync();
        await studio.RowOf("tried-drawing").Locator("button").Last.ClickAsync();
        await studio.TakeAsync("公開");
        await Assertions.Expect(finding).ToBeVisibleAsync();
        await Assertions.Expect(studio.Page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        await finding.ClickAsync();
        await studio.Page.WaitForURLAsync(new Regex("/flows/tried-drawing/design#step-odd$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Assertions.Expect(studio.Page.Locator("#step-odd.bad")).ToBeVisibleAsync();
        await Assertions.Expect(studio.Page.Locator("#findings li").Filter(new() { HasText = "there/is/none" }).Locator("a[href='#step-odd']")).ToBeVisibleAsync();
        Assert.False(await IsPublishedAsync("tried-drawing"));
        Assert.All(studio.Complaints, complaint => Assert.Matches("status of 40[01]|answered 40[01]", complaint));
    }

    private async Task GoOnAfterSigningInAsync(StudioPage studio, string flow)
    {
        await studio.Page.Context.ClearCookiesAsync();
        await studio.FillAsync("名前", "名前を変えたシナリオ");
        var door = studio.Page.FrameLocator("#signed-out iframe");
        await door.Locator("#UserName").FillAsync("admin");
        await door.Locator("#Password").FillAsync(BrowserApp.Password);
        await studio.KeepPictureAsync("ja-studio-signed-out");
        await door.Locator("button.btn-primary").ClickAsync();
        await Assertions.Expect(studio.Page.Locator("#signed-out")).ToBeHiddenAsync();
        await RunningApp.EventuallyAsync(async () => await NameOfAsync(flow) == "名前を変えたシナリオ");
    }

    private async Task TryWithOnePersonAsync(StudioPage studio, string flow)
    {
        await using var db = app.OpenDb();
        var mails = await db.OutboxMessages.CountAsync(mail => mail.ContactId == app.Customer);
        await studio.RunAsync();
        await studio.Page.FillAsync("#test-person", "hanako");
        await Assertions.Expect(studio.Page.Locator("#test-people label")).ToHaveCountAsync(1);
        await studio.KeepPictureAsync("ja-studio-test-run");
        await studio.Page.ClickAsync("#test-run button.main");
        await studio.Page.WaitForURLAsync(new Regex("/studio/workflows/instances/.+/view", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Assertions.Expect(studio.Page.Locator("td").Filter(new() { HasText = "[TEST] 山田 花子" }).First).ToBeVisibleAsync();
        await Assertions.Expect(studio.Line("タグを付ける", "完了")).ToBeVisibleAsync();
        await studio.KeepPictureAsync("ja-studio-tested");
        var test = await db.FlowTestRuns.AsNoTracking().SingleAsync(run => run.DefinitionId == flow);
        Assert.Equal((app.Customer, FlowInstanceStatus.Finished), (test.ContactId, test.Status));
        Assert.Equal(mails, await db.OutboxMessages.CountAsync(mail => mail.ContactId == app.Customer));
    }

    // A flow that could be published, and steps beside it to which nothing leads.
    private async Task DraftAsync(string id, params JsonObject[] beside)
    {
        var flow = StudioApp.Welcome(id, "signup." + id);
        foreach (var step in beside) flow["root"]!["activities"]!.AsArray().Add(step);
        foreach (var (step, at) in flow["root"]!["activities"]!.AsArray().Select((step, at) => (step!, at)))
            step["metadata"]!["designer"] = new JsonObject { ["position"] = new JsonObject { ["x"] = at % 2 * 340, ["y"] = at / 2 * 140 } };
        await using var db = app.OpenDb();
        await app.Get<FlowDefinitions>().SaveDraftAsync(db, new FlowDraft(flow.ToJsonString()), "admin", app.Get<TimeProvider>().GetUtcNow(), default);
    }

    private async Task HappensAsync(string type, string id, string email, string name)
    {
        using var http = new HttpClient { BaseAddress = app.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningApp.ApiKey);
        (await http.PostAsJsonAsync("/api/events", new { source = "test", id, type, contact = RunningApp.Person(email, name), data = new { } })).EnsureSuccessStatusCode();
        await app.SettleAsync();
    }

    private Task SavedAsync(string flow, Func<JsonObject, bool> asExpected) => RunningApp.EventuallyAsync(async () =>
    {
        await using var db = app.OpenDb();
        return asExpected((JsonObject)JsonNode.Parse(await db.FlowDefinitions.Where(one => one.DefinitionId == flow && one.IsLatest).Select(one => one.Json).SingleAsync())!["root"]!);
    });

    private async Task<bool> IsPublishedAsync(string flow)
    {
        await using var db = app.OpenDb();
        return await db.FlowDefinitions.AnyAsync(one => one.DefinitionId == flow && one.IsPublished);
    }

    private async Task<string> NameOfAsync(string flow)
    {
        await using var db = app.OpenDb();
        return await db.FlowDefinitions.Where(one => one.DefinitionId == flow && one.IsLatest).Select(one => one.Name).SingleAsync();
    }

    // Each line of a drawing as "type way type".
    private static IEnumerable<string> WaysOf(JsonObject root)
    {
        var types = (root["activities"]?.AsArray() ?? []).ToDictionary(step => step!["id"]!.ToString(), step => step!["type"]!.ToString(), StringComparer.Ordinal);
        return (root["connections"]?.AsArray() ?? []).Select(way => $"{types[way!["source"]!["activity"]!.ToString()]} {way["source"]!["port"]} {types[way["target"]!["activity"]!.ToString()]}");
    }

    private static IEnumerable<string?> ValuesOf(JsonObject root) =>
        root["activities"]!.AsArray().Select(step => (step!["eventType"] ?? step["template"] ?? step["timeSpan"] ?? step["condition"])?["expression"]?["value"]?.ToString());

    // What the server says of a version is no part of what is drawn, and how large a step is drawn the designer measures.
    private static readonly string[] NotDrawn = ["/id", "/version", "/createdAt", "/isLatest", "/isPublished", "/isReadonly", "/isSystem"];

    private static IEnumerable<string> Differences(JsonNode? recorded, JsonNode? exported, string place)
    {
        if (NotDrawn.Contains(place) || place.EndsWith("/nodeId", StringComparison.Ordinal) || place.EndsWith("/designer/size", StringComparison.Ordinal)) return [];
        return (recorded, exported) switch
        {
            (JsonObject left, JsonObject right) => left.Select(pair => pair.Key).Union(right.Select(pair => pair.Key)).SelectMany(name => Differences(left[name], right[name], $"{place}/{name}")),
            (JsonArray left, JsonArray right) when left.Count == right.Count => left.Zip(right).SelectMany((pair, at) => Differences(pair.First, pair.Second, $"{place}/{at}")),
            // The designer writes out what is left out elsewhere.
            (null, null or JsonValue) when exported is null || exported.ToJsonString() == "false" => [],
            _ => JsonNode.DeepEquals(recorded, exported) ? [] : [$"{place}: {exported}"],
        };
    }

    /// <summary>What the designer and the steps are called.</summary>
    private sealed record Speech(
        string Create, string Triggers, string Trigger, string MailDrawer, string Mail, string WaitDrawer, string Wait, string BranchDrawer, string Branch,
        string Event, string Template, string HowLong, string Completed, string Suspended, string Person)
    {
        public static Speech Of(string language) => language == "ja"
            ? new("シナリオを作成", "起動条件", "イベントで開始", "メール", "メールを送る", "待つ", "しばらく待つ", "分岐", "条件分岐", "出来事", "テンプレート", "待つ長さ", "完了", "待機中", "試田 描子")
            : new("Create workflow", "Triggers", "Start by an event", "Mail", "Send a mail", "Wait", "Wait a while", "Branch", "Decide", "Event", "Template", "How long", "Completed", "Suspended", "Drew Trial");
    }
}

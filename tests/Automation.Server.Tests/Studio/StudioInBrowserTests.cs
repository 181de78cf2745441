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

/// <summary>The real designer in a real browser. It starts slowly on a small machine: it is waited for, never timed.</summary>
[Collection(nameof(BrowserApp))]
public sealed partial class StudioInBrowserTests(BrowserApp app, ITestOutputHelper output)
{
    private const float Patience = 180_000;
    private const int Attempts = 3;

    [Theory]
    [InlineData("ja", "シナリオを作成", "起動条件:イベントで開始", "メール:メールを送る", "待つ:しばらく待つ", "分岐:条件分岐")]
    [InlineData("en", "Create workflow", "Triggers:Start by an event", "Mail:Send a mail", "Wait:Wait a while", "Branch:Decide")]
    public async Task A_flow_is_drawn_from_an_empty_canvas_and_saves_itself(string language, string create, params string[] steps)
    {
        await using var visit = await WatchedPage.OpenAsync(app, language, 1600);
        visit.Page.SetDefaultTimeout(Patience);
        await visit.SignInAsync();
        await BeginAsync(visit, language, create);
        var canvas = visit.Page.Locator(".graph-container");
        await canvas.WaitForAsync();

        for (var at = 0; at < steps.Length; at++)
        {
            var (drawer, name) = (steps[at].Split(':')[0], steps[at].Split(':')[1]);
            var panel = visit.Page.Locator(".mud-expand-panel").Filter(new LocatorFilterOptions { HasTextRegex = new Regex("^\\s*" + drawer, RegexOptions.None, TimeSpan.FromSeconds(1)) });
            await panel.Locator(".mud-expand-panel-header").ClickAsync();
            // While a drawer opens or closes, another step slides under the hand.
            await panel.Locator(".mud-collapse-entered").WaitForAsync();
            await Assertions.Expect(visit.Page.Locator(".mud-collapse-entering, .mud-collapse-exiting")).ToHaveCountAsync(0);
            await panel.Locator("[draggable=true]").Filter(new LocatorFilterOptions { HasTextRegex = new Regex("^\\s*" + Regex.Escape(name) + "\\s*$", RegexOptions.None, TimeSpan.FromSeconds(1)) }).First.DragToAsync(
                canvas, new LocatorDragToOptions { TargetPosition = new TargetPosition { X = at % 2 == 0 ? 80 : 400, Y = at < 2 ? 60 : 220 } });
            await Assertions.Expect(visit.Page.Locator(".x6-node")).ToHaveCountAsync(at + 1);
            await panel.Locator(".mud-expand-panel-header").ClickAsync();
        }
        await visit.KeepPictureAsync($"{language}-studio-drawn");

        var definitionId = Editor().Match(visit.Page.Url).Groups[1].Value;
        await RunningApp.EventuallyAsync(async () => (await TypesAsync(definitionId)).Count == steps.Length);
        Assert.Equal(["Automation.EventReceived", "Automation.SendEmail", "Elsa.Delay", "Elsa.FlowDecision"], await TypesAsync(definitionId));
        await GoThroughAsync(visit, language, definitionId, [.. steps.Select(step => step.Split(':')[1])]);
        Assert.DoesNotContain(visit.Complaints, complaint => !complaint.Contains("manhattan", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_definition_of_elsas_own_test_data_comes_out_of_the_designer_unchanged_but_for_the_change()
    {
        if (StudioApp.Shared("elsa/scenarios") is not { } folder)
        {
            output.WriteLine("No recorded definitions beside this checkout: 0 opened.");
            return;
        }
        var recorded = StudioApp.Read(Path.Combine(folder, "suite-decision-merge.workflow.json"));
        recorded["definitionId"] = "recorded-elsewhere";
        await using var db = app.OpenDb();
        await app.Get<FlowDefinitions>().ImportAsync(db, recorded.ToJsonString(), "admin", app.Get<TimeProvider>().GetUtcNow(), default);
        await using var visit = await OpenEditorAsync("ja", "recorded-elsewhere");
        await visit.Page.Locator(".mud-input-control").Filter(new LocatorFilterOptions { HasText = "シナリオの名前です" }).Locator("input").First.FillAsync("A changed name");
        await visit.Page.Keyboard.PressAsync("Tab");
        await SavedAsync("recorded-elsewhere", "A changed name");
        var exported = (JsonObject)JsonNode.Parse(FlowDefinitions.Export((await FlowDefinitions.FindAsync(db, "recorded-elsewhere", VersionOptions.Latest, default))!).Json)!;
        Assert.Equal("A changed name", exported["name"]!.ToString());
        foreach (var part in (string[])["root", "variables", "inputs", "outputs", "outcomes", "customProperties"])
            Assert.True(JsonNode.DeepEquals(recorded[part], exported[part]), $"{part}: {exported[part]?.ToJsonString()}");
        output.WriteLine("1 recorded definition opened, changed and exported.");
        Assert.DoesNotContain(visit.Complaints, complaint => !complaint.Contains("manhattan", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Publishing_tells_what_is_to_be_mended_a_test_asks_for_a_person_and_a_visit_that_ended_goes_on_after_signing_in()
    {
        await using var db = app.OpenDb();
        var (begin, mail) = (StudioApp.Step("begin", "Automation.EventReceived", ("eventType", "form.submitted")), StudioApp.Step("mail", "Automation.SendEmail", ("template", "there/is/none")));
        var faulty = StudioApp.Flow("faulty-drawing", begin, mail, StudioApp.Step("tag", "Automation.AddTag", ("tag", "x")));
        await app.Get<FlowDefinitions>().SaveDraftAsync(db, new FlowDraft(faulty.ToJsonString()), "admin", app.Get<TimeProvider>().GetUtcNow(), default);
        await using var visit = await OpenEditorAsync("ja", "faulty-drawing");
        await visit.Page.Locator(".mud-button-group-root button.mud-primary-text").ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".mud-snackbar").Filter(new LocatorFilterOptions { HasText = "there/is/none" }).First).ToBeVisibleAsync();
        Assert.False(await db.FlowDefinitions.AnyAsync(flow => flow.DefinitionId == "faulty-drawing" && flow.IsPublished));

        await visit.Page.Context.ClearCookiesAsync();
        await visit.Page.Locator("button.mud-success-text").Last.ClickAsync();
        var door = visit.Page.FrameLocator("#signed-out iframe");
        await door.Locator("#UserName").FillAsync("admin");
        await door.Locator("#Password").FillAsync(BrowserApp.Password);
        await visit.KeepPictureAsync("ja-studio-signed-out");
        await door.Locator("button.btn-primary").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#signed-out")).ToBeHiddenAsync();
        await visit.Page.FillAsync("#test-person", "hanako");
        await Assertions.Expect(visit.Page.Locator("#test-people label")).ToHaveCountAsync(1);
        await visit.KeepPictureAsync("ja-studio-test-run");
        await visit.Page.ClickAsync("#test-run button.main");
        await visit.Page.WaitForURLAsync(new Regex("/studio/workflows/instances/.+/view", RegexOptions.None, TimeSpan.FromSeconds(1)));
        var test = await db.FlowTestRuns.AsNoTracking().SingleAsync(run => run.DefinitionId == "faulty-drawing");
        Assert.Equal(app.Customer, test.ContactId);
    }

    private async Task<WatchedPage> OpenEditorAsync(string language, string definitionId)
    {
        var visit = await WatchedPage.OpenAsync(app, language, 1600);
        visit.Page.SetDefaultTimeout(Patience);
        await visit.SignInAsync();
        await visit.Page.GotoAsync(new Uri(app.Address, $"studio/workflows/definitions/{definitionId}/edit").AbsoluteUri);
        await visit.Page.Locator(".x6-node").First.WaitForAsync();
        return visit;
    }

    // The steps are joined and filled in, the flow is published, somebody enters by the API, and the run is looked at in the viewer.
    private async Task GoThroughAsync(WatchedPage visit, string language, string definitionId, IReadOnlyList<string> steps)
    {
        var japanese = language == "ja";
        for (var at = 1; at < steps.Count; at++) await JoinAsync(visit, steps[at - 1], steps[at], at);
        await OpenStepAsync(visit, steps[0]);
        await ChooseAsync(visit, japanese ? "出来事" : "Event", "form.submitted");
        await SavedAsync(definitionId, "form.submitted");
        await OpenStepAsync(visit, steps[1]);
        await ChooseAsync(visit, japanese ? "テンプレート" : "Template", "welcome/day-0");
        await SavedAsync(definitionId, "welcome/day-0");
        await OpenStepAsync(visit, steps[2]);
        await InputOf(visit, japanese ? "待つ長さ" : "How long").Locator("input").First.FillAsync("3.00:00:00");
        await visit.Page.Keyboard.PressAsync("Tab");
        await SavedAsync(definitionId, "3.00:00:00");
        await visit.KeepPictureAsync($"{language}-studio-filled");

        await visit.Page.Locator(".mud-button-group-root button.mud-primary-text").ClickAsync();
        await using var db = app.OpenDb();
        await RunningApp.EventuallyAsync(() => db.FlowDefinitions.AnyAsync(flow => flow.DefinitionId == definitionId && flow.IsPublished));
        using (var http = new HttpClient { BaseAddress = app.Address })
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningApp.ApiKey);
            var happened = new { source = "test", id = definitionId, type = "form.submitted", contact = RunningApp.Person($"drawn-{language}@example.com"), data = new { } };
            (await http.PostAsJsonAsync("/api/events", happened)).EnsureSuccessStatusCode();
        }
        await app.SettleAsync();
        var run = await db.FlowInstances.AsNoTracking().SingleAsync(one => one.DefinitionId == definitionId);
        Assert.Equal("Elsa.Delay", await db.FlowBookmarks.Where(wait => wait.InstanceId == run.Id).Select(wait => wait.Name).SingleAsync());
        await visit.Page.GotoAsync(new Uri(app.Address, $"studio/workflows/instances/{run.Id:N}/view").AbsoluteUri);
        foreach (var step in steps.Take(3)) await Assertions.Expect(visit.Page.Locator(".mud-timeline-item").Filter(new LocatorFilterOptions { HasText = step }).First).ToBeVisibleAsync();
        await visit.KeepPictureAsync($"{language}-studio-journal");
    }

    private static ILocator Node(WatchedPage visit, string name) => visit.Page.Locator(".x6-node").Filter(new LocatorFilterOptions { HasText = name }).First;

    // From the first way out of one step to the way into the other, with the mouse as a person does it.
    private static async Task JoinAsync(WatchedPage visit, string from, string to, int edges)
    {
        var (start, end) = (await MiddleAsync(Node(visit, from).Locator(".x6-port-out .x6-port-body").First), await MiddleAsync(Node(visit, to).Locator(".x6-port-in .x6-port-body").First));
        await visit.Page.Mouse.MoveAsync(start.X, start.Y);
        await visit.Page.Mouse.DownAsync();
        await visit.Page.Mouse.MoveAsync((start.X + end.X) / 2, (start.Y + end.Y) / 2 + 5, new MouseMoveOptions { Steps = 5 });
        await visit.Page.Mouse.MoveAsync(end.X, end.Y, new MouseMoveOptions { Steps = 5 });
        await visit.Page.Mouse.UpAsync();
        await Assertions.Expect(visit.Page.Locator(".x6-edge")).ToHaveCountAsync(edges);
    }

    // The frame of what is selected lies over the step: the mouse goes to its place.
    private static async Task OpenStepAsync(WatchedPage visit, string name)
    {
        var middle = await MiddleAsync(Node(visit, name));
        await visit.Page.Mouse.ClickAsync(middle.X, middle.Y);
    }

    private static async Task ChooseAsync(WatchedPage visit, string label, string value)
    {
        await InputOf(visit, label).Locator("[tabindex='0']").First.ClickAsync();
        await visit.Page.Locator(".mud-popover-open .mud-list-item-extended, .mud-popover-open .mud-list-item").Filter(new LocatorFilterOptions { HasText = value }).First.ClickAsync();
    }

    private static ILocator InputOf(WatchedPage visit, string label) =>
        visit.Page.Locator(".mud-tab-panel .mud-input-control").Filter(new LocatorFilterOptions { Has = visit.Page.Locator("legend", new PageLocatorOptions { HasTextRegex = new Regex($"^{label}$", RegexOptions.None, TimeSpan.FromSeconds(1)) }) }).First;

    private static async Task<(float X, float Y)> MiddleAsync(ILocator what)
    {
        var box = (await what.BoundingBoxAsync())!;
        return (box.X + box.Width / 2, box.Y + box.Height / 2);
    }

    private Task SavedAsync(string definitionId, string value) => RunningApp.EventuallyAsync(async () =>
    {
        await using var db = app.OpenDb();
        return await db.FlowDefinitions.AnyAsync(one => one.DefinitionId == definitionId && one.IsLatest && one.Json.Contains(value));
    });

    // On a busy machine the designer's dialog now and then does not come to rest; whoever meets that loads the page again.
    private async Task BeginAsync(WatchedPage visit, string language, string create)
    {
        for (var attempt = 1; ; attempt++)
        {
            await visit.Page.GotoAsync(new Uri(app.Address, "studio").AbsoluteUri);
            await visit.Page.Locator(".mud-table-body tr").First.WaitForAsync();
            await visit.KeepPictureAsync($"{language}-studio-list");
            await visit.Page.Locator("button", new PageLocatorOptions { HasTextRegex = new Regex(create, RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)) }).First.ClickAsync();
            try
            {
                await visit.Page.Locator(".mud-dialog input").First.WaitForAsync(new LocatorWaitForOptions { Timeout = Patience / Attempts });
                await visit.Page.Locator(".mud-dialog-actions button").Last.ClickAsync(new LocatorClickOptions { Timeout = Patience / Attempts });
                await visit.Page.WaitForURLAsync(Editor());
                return;
            }
            catch (TimeoutException) when (attempt < Attempts)
            {
                await visit.KeepPictureAsync($"{language}-studio-stuck");
            }
        }
    }

    private async Task<List<string>> TypesAsync(string definitionId)
    {
        await using var db = app.OpenDb();
        var json = await db.FlowDefinitions.Where(one => one.DefinitionId == definitionId && one.IsLatest).Select(one => one.Json).SingleAsync();
        return [.. (JsonNode.Parse(json)!["root"]!["activities"]?.AsArray() ?? []).Select(step => step!["type"]!.ToString()).Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex("/studio/workflows/definitions/([^/]+)/edit", RegexOptions.None, 1000)]
    private static partial Regex Editor();
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Server.Tests.Browser;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Studio;

/// <summary>The real designer in a real browser. It starts slowly on a small machine: it is waited for, never timed.</summary>
[Collection(nameof(BrowserApp))]
public sealed partial class StudioInBrowserTests(BrowserApp app)
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
        Assert.DoesNotContain(visit.Complaints, complaint => !complaint.Contains("manhattan", StringComparison.Ordinal));
    }

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

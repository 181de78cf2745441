using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Server.Tests.Browser;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Studio;

/// <summary>The designer under a person's hands. It starts slowly on a small machine: it is waited for, never timed.</summary>
internal sealed partial class StudioPage : IAsyncDisposable
{
    private const float Patience = 180_000;
    private const int Attempts = 3;

    private readonly WatchedPage visit;

    private StudioPage(WatchedPage visit)
    {
        this.visit = visit;
        Page.SetDefaultTimeout(Patience);
    }

    public IPage Page => visit.Page;

    public ILocator Steps => Page.Locator(".x6-node");

    /// <summary>What a browser would show as an error. What the designer's own parts warn of is theirs.</summary>
    public IEnumerable<string> Complaints => visit.Complaints.Where(complaint => !complaint.Contains(": console warning: ", StringComparison.Ordinal));

    /// <summary>A person who has signed in.</summary>
    public static async Task<StudioPage> OpenAsync(BrowserApp app, string language) => await OpenAsync(await WatchedPage.OpenAsync(app, language, 1600));

    public static async Task<StudioPage> OpenAsync(WatchedPage visit)
    {
        var studio = new StudioPage(visit);
        await visit.SignInAsync();
        return studio;
    }

    /// <summary>Makes a new flow in the designer's list.</summary>
    /// <param name="create">What the button says.</param>
    /// <returns>The id of the flow, whose empty canvas is open.</returns>
    public async Task<string> BeginAsync(string create)
    {
        // On a busy machine the designer's dialog now and then does not come to rest; whoever meets that loads the page again.
        for (var attempt = 1; ; attempt++)
        {
            await ListFlowsAsync();
            await Page.Locator("button").Filter(new() { HasTextRegex = Whole(create) }).First.ClickAsync();
            try
            {
                await Page.Locator(".mud-dialog input").First.WaitForAsync(new() { Timeout = Patience / Attempts });
                await Page.Locator(".mud-dialog-actions button").Last.ClickAsync(new() { Timeout = Patience / Attempts });
                await Page.WaitForURLAsync(Editor());
                await Page.Locator(".graph-container").WaitForAsync();
                return Editor().Match(Page.Url).Groups[1].Value;
            }
            catch (TimeoutException) when (attempt < Attempts)
            {
                await KeepPictureAsync("studio-stuck");
            }
        }
    }

    public async Task EditAsync(string definitionId)
    {
        await Page.GotoAsync(visit.AddressOf($"studio/workflows/definitions/{definitionId}/edit"));
        await Steps.First.WaitForAsync();
    }

    public async Task ListFlowsAsync() => await ListAsync("studio/workflows/definitions");

    public async Task ListRunsAsync() => await ListAsync("studio/workflows/instances");

    public async Task ViewAsync(Guid run) => await Page.GotoAsync(visit.AddressOf($"studio/workflows/instances/{run:N}/view"));

    public ILocator RowOf(string text) => Page.Locator(".mud-table-body tr").Filter(new() { HasText = text }).First;

    /// <summary>Drags a step out of its drawer onto the canvas.</summary>
    public async Task PlaceAsync(string drawer, string step, int x, int y)
    {
        var placed = await Steps.CountAsync();
        var panel = Page.Locator(".mud-expand-panel").Filter(new() { HasTextRegex = Beginning(drawer) });
        await panel.Locator(".mud-expand-panel-header").ClickAsync();
        // While a drawer opens or closes, another step slides under the hand.
        await panel.Locator(".mud-collapse-entered").WaitForAsync();
        await Assertions.Expect(Page.Locator(".mud-collapse-entering, .mud-collapse-exiting")).ToHaveCountAsync(0);
        await panel.Locator("[draggable=true]").Filter(new() { HasTextRegex = Whole(step) }).First.DragToAsync(Page.Locator(".graph-container"), new() { TargetPosition = new() { X = x, Y = y } });
        await Assertions.Expect(Steps).ToHaveCountAsync(placed + 1);
        await panel.Locator(".mud-expand-panel-header").ClickAsync();
    }

    /// <summary>Draws the line from a way out of one step to another step, with the mouse as a person does it.</summary>
    public async Task JoinAsync(string from, string way, string to)
    {
        var lines = Page.Locator(".x6-edge");
        var drawn = await lines.CountAsync();
        var (start, end) = (await MiddleAsync(StepOf(from).Locator($".x6-port-out .x6-port-body[port='{way}']")), await MiddleAsync(StepOf(to).Locator(".x6-port-in .x6-port-body")));
        await Page.Mouse.MoveAsync(start.X, start.Y);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync((start.X + end.X) / 2, (start.Y + end.Y) / 2 + 5, new() { Steps = 5 });
        await Page.Mouse.MoveAsync(end.X, end.Y, new() { Steps = 5 });
        await Page.Mouse.UpAsync();
        await Assertions.Expect(lines).ToHaveCountAsync(drawn + 1);
    }

    /// <summary>Opens a step's inputs.</summary>
    public async Task SelectAsync(string step)
    {
        // The frame of what is selected lies over the step: the mouse goes to its place.
        var (x, y) = await MiddleAsync(StepOf(step));
        await Page.Mouse.ClickAsync(x, y);
    }

    /// <summary>Takes a line of a picker.</summary>
    public async Task ChooseAsync(string input, string value)
    {
        await InputOf(input).Locator("[tabindex='0']").First.ClickAsync();
        await Page.Locator(".mud-popover-open .mud-list-item-extended, .mud-popover-open .mud-list-item").Filter(new() { HasText = value }).First.ClickAsync();
    }

    public async Task FillAsync(string input, string text)
    {
        await InputOf(input).Locator("input, textarea").First.FillAsync(text);
        await Page.Keyboard.PressAsync("Tab");
    }

    /// <summary>Types into the code editor of the step that is open.</summary>
    public async Task WriteAsync(string code)
    {
        var editor = Page.Locator(".mud-tab-panel .monaco-editor").First;
        await editor.ClickAsync();
        await Page.Keyboard.TypeAsync(code);
    }

    public async Task PublishAsync() => await Page.Locator(".mud-button-group-root button.mud-primary-text").ClickAsync();

    public async Task RunAsync() => await Page.Locator("button.mud-success-text").Last.ClickAsync();

    /// <summary>Takes a line of the menu that is open.</summary>
    public async Task TakeAsync(string line) => await Page.Locator(".mud-popover-open").GetByText(line, new() { Exact = true }).First.ClickAsync();

    /// <param name="export">What the line of the menu and the button of the dialog say.</param>
    /// <returns>The file that the editor's menu gives.</returns>
    public async Task<JsonObject> ExportAsync(string export)
    {
        await Page.Locator(".mud-button-group-root button").Last.ClickAsync();
        await TakeAsync(export);
        var button = Page.Locator(".mud-dialog-actions button").Last;
        await Assertions.Expect(button).ToHaveTextAsync(Whole(export));
        var file = await Page.RunAndWaitForDownloadAsync(() => button.ClickAsync());
        await using var content = await file.CreateReadStreamAsync();
        return (JsonObject)(await JsonNode.ParseAsync(content))!;
    }

    /// <summary>A line of the viewer's journal.</summary>
    public ILocator Line(string step, string happened) => Page.Locator(".mud-timeline-item").Filter(new() { HasText = $"{step} - {happened}" }).First;

    public Task KeepPictureAsync(string name) => visit.KeepPictureAsync(name);

    public ValueTask DisposeAsync() => visit.DisposeAsync();

    private ILocator StepOf(string name) => Steps.Filter(new() { HasText = name }).First;

    private ILocator InputOf(string label) =>
        Page.Locator(".mud-input-control").Filter(new() { Has = Page.Locator("legend", new() { HasTextRegex = Whole(label) }) }).First;

    private async Task ListAsync(string path)
    {
        await Page.GotoAsync(visit.AddressOf(path));
        // A row with one cell says that rows are coming.
        await Page.Locator(".mud-table-body tr td:nth-child(2)").First.WaitForAsync();
    }

    private static async Task<(float X, float Y)> MiddleAsync(ILocator what)
    {
        var box = (await what.First.BoundingBoxAsync())!;
        return (box.X + box.Width / 2, box.Y + box.Height / 2);
    }

    // The sheet of styles shows some words in capitals, which is what a browser takes for their text.
    private static Regex Whole(string words) => new($"^\\s*{Regex.Escape(words)}\\W*\\s*$", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));

    private static Regex Beginning(string words) => new($"^\\s*{Regex.Escape(words)}", RegexOptions.None, TimeSpan.FromSeconds(1));

    [GeneratedRegex("/studio/workflows/definitions/([^/]+)/edit", RegexOptions.None, 1000)]
    private static partial Regex Editor();
}

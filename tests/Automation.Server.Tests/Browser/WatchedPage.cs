using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

/// <summary>A browser page that remembers everything a visitor's browser would complain about.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    // Frames are pages of their own; what they show of mails is the writer's.
    private const string AxeRun = """
        async () => (await axe.run(document, { iframes: false, resultTypes: ['violations'] })).violations
            .filter(rule => rule.impact === 'serious' || rule.impact === 'critical')
            .map(rule => `${rule.impact} ${rule.id}: ${rule.nodes.slice(0, 3).map(node => node.target.join(' ') + ' ' + (node.any[0] ?? node.all[0] ?? node.none[0])?.message).join(' | ')}`)
        """;

    private static readonly Lazy<string> Axe = new(ReadAxe);

    private readonly IBrowserContext context;
    private readonly Uri home;

    private WatchedPage(IBrowserContext context, IPage page, Uri home) => (this.context, Page, this.home) = (context, page, home);

    public IPage Page { get; }

    public List<string> Complaints { get; } = [];

    public static Task<WatchedPage> OpenAsync(BrowserApp app, string language, int width) => OpenAsync(app.Browser, app.Address, language, width);

    /// <param name="home">Where the service begins, with a slash at its end.</param>
    public static async Task<WatchedPage> OpenAsync(IBrowser browser, Uri home, string language, int width)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            Locale = language,
            TimezoneId = "Asia/Tokyo",
            ViewportSize = new ViewportSize { Width = width, Height = width < 600 ? 844 : 850 },
        });
        var watched = new WatchedPage(context, await context.NewPageAsync(), home);
        watched.Watch();
        return watched;
    }

    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(AddressOf(path), new PageGotoOptions { WaitUntil = WaitUntilState.NetworkIdle });
    }

    /// <param name="path">From where the service begins.</param>
    public string AddressOf(string path) => new Uri(home, path.TrimStart('/')).AbsoluteUri;

    public async Task SignInAsync(string name = "admin", string password = BrowserApp.Password)
    {
        await GoAsync("/sign-in");
        await Page.FillAsync("#UserName", name);
        await Page.FillAsync("#Password", password);
        await Page.ClickAsync("button.btn-primary");
        await Page.WaitForSelectorAsync("#main");
    }

    /// <summary>The page fits its window: nobody scrolls sideways.</summary>
    public async Task CheckWidthAsync(string path)
    {
        var (wide, room) = (await Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), await Page.EvaluateAsync<int>("document.documentElement.clientWidth"));
        if (wide > room) Complaints.Add($"{path}: {wide} pixels wide in a window of {room}");
    }

    /// <summary>What axe-core calls serious or critical: contrast, labels, names, landmarks.</summary>
    public async Task CheckAccessibilityAsync(string path)
    {
        await Page.EvaluateAsync(Axe.Value);
        foreach (var fault in await Page.EvaluateAsync<string[]>(AxeRun)) Complaints.Add($"{path}: {fault}");
    }

    /// <summary>Keeps a picture in the folder named by the variable SCREENSHOTS, for looking at.</summary>
    /// <param name="whole">False: only what the window shows. Drawn whole, frames of other origins may be left blank.</param>
    public async Task KeepPictureAsync(string name, bool whole = true)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is not { Length: > 0 } folder) return;
        Directory.CreateDirectory(folder);
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), FullPage = whole });
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    private void Watch()
    {
        Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") Complaints.Add($"{Page.Url}: console {message.Type}: {message.Text}");
        };
        Page.PageError += (_, error) => Complaints.Add($"{Page.Url}: {error}");
        Page.RequestFailed += (_, request) =>
        {
            // A page that is left cancels what it was still loading.
            if (request.Failure is not "net::ERR_ABORTED") Complaints.Add($"{Page.Url}: {request.Url} failed: {request.Failure}");
        };
        Page.Request += (_, request) =>
        {
            var address = new Uri(request.Url);
            if (address.Scheme is "http" or "https" && address.Authority != home.Authority) Complaints.Add($"{Page.Url}: asks {address.Authority}");
        };
        Page.Response += (_, response) =>
        {
            if (response.Status >= 400) Complaints.Add($"{Page.Url}: {response.Url} answered {response.Status}");
        };
    }

    private static string ReadAxe()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Automation.sln"))) root = root.Parent ?? throw new InvalidOperationException("Automation.sln is not above the tests.");
        var file = Path.Combine(root.FullName, "src/Automation.Server/ui/node_modules/axe-core/axe.min.js");
        Assert.True(File.Exists(file), "axe-core is missing: run 'npm ci --ignore-scripts' in src/Automation.Server/ui.");
        return File.ReadAllText(file);
    }
}

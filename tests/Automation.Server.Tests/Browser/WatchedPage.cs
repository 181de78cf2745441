using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

/// <summary>A browser page that remembers everything a visitor's browser would complain about.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
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

    public async Task SignInAsync()
    {
        await GoAsync("/sign-in");
        await Page.FillAsync("#UserName", "admin");
        await Page.FillAsync("#Password", BrowserApp.Password);
        await Page.ClickAsync("button.btn-primary");
        await Page.WaitForSelectorAsync("#main");
    }

    /// <summary>The page fits its window: nobody scrolls sideways.</summary>
    public async Task CheckWidthAsync(string path)
    {
        var (wide, room) = (await Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), await Page.EvaluateAsync<int>("document.documentElement.clientWidth"));
        if (wide > room) Complaints.Add($"{path}: {wide} pixels wide in a window of {room}");
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
}

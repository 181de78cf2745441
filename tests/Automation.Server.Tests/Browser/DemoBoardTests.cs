using System.Globalization;
using Automation.Marketing.DemoData;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

/// <summary>The year's board of the demonstration: what a visitor sees first of the calendar.</summary>
[Collection(nameof(BrowserApp))]
public sealed class DemoBoardTests(BrowserApp browser) : IAsyncLifetime
{
    private static readonly string[] Calendars = ["crab-shop", "gift-seasons", "year-end-thanks"];

    private RunningApp app = null!;

    public async Task InitializeAsync()
    {
        app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-09-20 10:00", $"--Setup:Calendars={string.Join(',', Calendars)}");
        await DemoCompany.CreateAsync(app.Server.App.Services.GetRequiredService<IDbContextFactory<AutomationDb>>(), app.Clock.GetUtcNow(), progress: null, default);
    }

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Theory]
    [InlineData("ja", 1366)]
    [InlineData("ja", 390)]
    [InlineData("en", 1366)]
    [InlineData("en", 390)]
    public async Task It_shows_the_demand_every_kind_of_approach_and_last_year_beside_this_one(string language, int width)
    {
        await using var visit = await WatchedPage.OpenAsync(browser.Browser, app.Server.Address, language, width);
        await visit.SignInAsync();
        await visit.GoAsync("/calendar/board?year=2026");
        await visit.CheckWidthAsync("/calendar/board");
        await visit.CheckAccessibilityAsync("/calendar/board");
        var board = visit.Page.Locator(".year");
        foreach (var kind in new[] { "A1", "A2", "A3" }) Assert.NotEqual(0, await board.Locator($".chip.{kind}").CountAsync());
        Assert.InRange(await board.Locator(".year-month.band").CountAsync(), 1, 5);
        Assert.True(await board.Locator(".chip.launched").CountAsync() >= 2, "Nothing has gone out this year.");
        Assert.True(await board.Locator(".chip-past").CountAsync() >= 3, "Last year does not stand beside it.");
        await visit.KeepPictureAsync($"{language}-{width}-demo-board");

        if (width > 600)
        {
            // On paper the twelve months stay side by side and on one sheet.
            await visit.Page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
            await visit.Page.SetViewportSizeAsync(1047, 718);
            var months = await board.Locator(".year-month").AllAsync();
            var boxes = await Task.WhenAll(months.Select(month => month.BoundingBoxAsync()));
            Assert.Single(boxes.Select(box => Math.Round(box!.Y)).Distinct());
            Assert.True(boxes.Max(box => box!.X + box.Width) <= 1047, string.Create(CultureInfo.InvariantCulture, $"The year is {boxes.Max(box => box!.X + box.Width)} wide on a sheet of 1047."));
            await Assertions.Expect(visit.Page.Locator(".navbar-vertical")).ToBeHiddenAsync();
            await visit.KeepPictureAsync($"{language}-print-demo-board");
        }
        Assert.True(visit.Complaints.Count == 0, string.Join(Environment.NewLine, visit.Complaints));
    }
}

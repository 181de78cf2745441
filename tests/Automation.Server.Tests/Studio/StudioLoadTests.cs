using System.Text.Json;
using Automation.Marketing.Storage;
using Automation.Server.Tests.Browser;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace Automation.Server.Tests.Studio;

/// <summary>What it takes to bring the designer to a browser, under a path as behind a company's proxy. The figures are printed, not judged by time.</summary>
[Collection(nameof(BrowserApp))]
public sealed class StudioLoadTests(BrowserApp browser, ITestOutputHelper output)
{
    // What a browser counts for an answer that says: as you have it.
    private const long HeadersOnly = 300;

    [Fact]
    public async Task Under_a_path_of_its_own_the_designer_draws_and_saves_and_the_second_time_comes_from_the_browsers_cache()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00", "--PathBase=/automation");
        var visit = await WatchedPage.OpenAsync(browser.Browser, new Uri(app.Server.Address, "automation/"), "ja", 1600);
        await using var studio = await StudioPage.OpenAsync(visit);
        await studio.Page.AddInitScriptAsync("performance.setResourceTimingBufferSize(5000)");

        await visit.GoAsync("flows/welcome/design");
        await studio.Page.ClickAsync("a[href$='/studio/workflows/definitions/welcome/edit']");
        var first = await LoadAsync(studio);
        await visit.GoAsync("flows/welcome/design");
        await studio.Page.ClickAsync("a[href$='/studio/workflows/definitions/welcome/edit']");
        var second = await LoadAsync(studio);
        output.WriteLine($"first load:  {first}");
        output.WriteLine($"repeat load: {second}");

        Assert.StartsWith("/automation/studio/", new Uri(studio.Page.Url).AbsolutePath, StringComparison.Ordinal);
        Assert.DoesNotContain(second.Fetched, one => IsForEver(one.Address));
        Assert.All(second.Fetched.Where(one => one.Address.Contains("/studio/_", StringComparison.Ordinal)), one => Assert.InRange(one.Bytes, 1, HeadersOnly));
        Assert.True(second.Bytes * 20 < first.Bytes, $"The second time {second.Bytes} bytes came over the wire, of {first.Bytes}.");

        await studio.FillAsync("名前", "ようこそ、新しい名前");
        await RunningApp.EventuallyAsync(async () =>
        {
            await using var db = app.Db();
            return await db.FlowDefinitions.AnyAsync(flow => flow.DefinitionId == "welcome" && flow.IsLatest && flow.Name == "ようこそ、新しい名前");
        });
        Assert.Empty(studio.Complaints);
    }

    // Its name or its version says what is in it: nobody asks for it twice.
    private static bool IsForEver(string address) =>
        address.Contains("?v=", StringComparison.Ordinal) || address.Contains("/_framework/", StringComparison.Ordinal) && !address.EndsWith("/dotnet.js", StringComparison.Ordinal)
        || address.Contains("/designer/", StringComparison.Ordinal);

    // All that was asked for until the drawing stands there, and how much of it came over the wire.
    private static async Task<Load> LoadAsync(StudioPage studio)
    {
        await studio.Page.WaitForURLAsync("**/edit", new() { WaitUntil = WaitUntilState.Commit });
        var drawn = await studio.Page.WaitForFunctionAsync(
            """
            () => document.querySelector(".x6-node") && {
              milliseconds: Math.round(performance.now()),
              asked: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
                .map(one => ({ address: one.name, bytes: one.transferSize })),
            }
            """);
        var found = await drawn.JsonValueAsync<JsonElement>();
        return new Load(
            found.GetProperty("milliseconds").GetInt32(),
            [.. found.GetProperty("asked").EnumerateArray().Select(one => new Asked(one.GetProperty("address").GetString()!, one.GetProperty("bytes").GetInt64()))]);
    }

    private sealed record Asked(string Address, long Bytes);

    private sealed record Load(int Milliseconds, IReadOnlyList<Asked> Asked)
    {
        public IEnumerable<Asked> Fetched => Asked.Where(one => one.Bytes > 0);

        public long Bytes => Asked.Sum(one => one.Bytes);

        public override string ToString() => $"{Asked.Count} requests, {Fetched.Count()} of them over the wire with {Bytes:N0} bytes, {Milliseconds:N0} ms to the drawing";
    }
}

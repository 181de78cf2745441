using System.Net;
using System.Text.RegularExpressions;
using Automation.Marketing.Storage;

namespace Automation.Server.Tests;

/// <summary>Behind a proxy, under a path of its own: every address that a page writes leads there.</summary>
public sealed partial class BasePathTests
{
    private const string Base = "/automation";

    private static readonly string[] Pages =
    [
        "/", "/people", "/mails", "/calendar", "/deals", "/flows", "/flows/new", "/flows/new/welcome", "/flows/welcome", "/flows/welcome/design", "/flows/welcome/report", "/flows/welcome/versions",
        "/flows/welcome/settings", "/templates", "/templates/edit/welcome/day-0", "/broadcasts", "/broadcasts/new", "/mailbox", "/studio/workflows/definitions", "/studio/workflows/definitions/welcome/edit",
    ];

    [Fact]
    public async Task Pages_and_the_designer_work_under_a_path_that_the_proxy_keeps() => await CheckAsync(cutsPath: false);

    [Fact]
    public async Task Pages_and_the_designer_work_behind_a_proxy_that_cuts_the_path_off_and_says_so() => await CheckAsync(cutsPath: true);

    private static async Task CheckAsync(bool cutsPath)
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00", cutsPath ? [] : [$"--PathBase={Base}"]);
        using var http = new HttpClient(new Proxy(cutsPath)) { BaseAddress = app.Server.Address, Timeout = TimeSpan.FromMinutes(2) };
        using var stranger = await http.GetAsync(Base + "/flows");
        Assert.StartsWith(Base + "/sign-in?returnUrl=" + Uri.EscapeDataString(Base + "/flows"), stranger.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        var door = await http.GetStringAsync(Base + "/sign-in");
        using var signedIn = await http.PostAsync(Base + "/sign-in", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["UserName"] = "admin",
            ["Password"] = RunningApp.Password,
            ["__RequestVerificationToken"] = Token().Match(door).Groups[1].Value,
        }));
        Assert.Equal(Base + "/", signedIn.Headers.Location!.OriginalString);

        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var page in Pages)
        {
            using var answer = await http.GetAsync(Base + page);
            var html = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode is HttpStatusCode.OK, $"{page} answered {(int)answer.StatusCode}.");
            foreach (Match match in Address().Matches(html))
            {
                var address = WebUtility.HtmlDecode(match.Groups["to"].Value);
                if (!address.StartsWith('/')) continue;
                Assert.True(address.StartsWith(Base + "/", StringComparison.Ordinal), $"{page} leads to {match.Value}");
                Assert.False(address.StartsWith(Base + Base, StringComparison.Ordinal), $"{page} leads to {match.Value}");
                if (match.Groups["name"].Value is "src" || address.EndsWith(".css", StringComparison.Ordinal)) files.Add(address);
            }
            if (page.StartsWith("/studio", StringComparison.Ordinal)) Assert.Contains($"<base href=\"{Base}/studio/\"", html, StringComparison.Ordinal);
        }
        Assert.InRange(files.Count, 5, 100);
        foreach (var file in files) Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(file)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(Base + "/studio/_framework/blazor.webassembly.js")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(Base + "/elsa/api/workflow-definitions?versionOptions=Latest")).StatusCode);
    }

    /// <summary>What stands between a browser and the service: it knows the path, and the browser keeps its cookies under it.</summary>
    private sealed class Proxy(bool cutsPath) : DelegatingHandler(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false })
    {
        private readonly CookieContainer jar = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var asked = request.RequestUri!;
            if (jar.GetCookieHeader(asked) is { Length: > 0 } cookies) request.Headers.Add("Cookie", cookies);
            if (cutsPath)
            {
                request.RequestUri = new Uri(asked, asked.PathAndQuery[Base.Length..]);
                request.Headers.Add("X-Forwarded-Prefix", Base);
            }
            var answer = await base.SendAsync(request, cancellationToken);
            foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : []) jar.SetCookies(asked, cookie);
            return answer;
        }
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"", RegexOptions.None, 10_000)]
    private static partial Regex Token();

    [GeneratedRegex(" (?<name>href|src|action|formaction|hx-get|hx-post|data-src|data-then)=\"(?<to>[^\"]*)\"", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Address();
}

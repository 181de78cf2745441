using System.Net;
using System.Security.Claims;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Automation.Server.SignIn;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Server.Tests.SignIn;

/// <summary>The table of who may do what, against the routes of the running service.</summary>
public sealed partial class AccessTests : IAsyncLifetime
{
    private RunningApp app = null!;

    public async Task InitializeAsync() => app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Every_route_has_its_line_in_the_table_and_every_line_its_route()
    {
        var asked = await AskedAsync();
        Assert.True(asked.Count > 150, $"Only {asked.Count} routes were found: does the search still see them?");
        var missing = asked.Where(one => !IsInTable(one)).Select(one => one.ToString()).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(missing.Count == 0, $"Closed to everybody until src/Automation.Server/SignIn/Access.cs has a line for:{Environment.NewLine}{string.Join(Environment.NewLine, missing)}");
        var used = asked.Select(RuleOf).ToHashSet();
        Assert.Equal([], Access.Rules.Where(rule => !used.Contains(rule)).ToList());
    }

    [Fact]
    public async Task What_strangers_may_open_is_what_the_table_says()
    {
        var asked = await AskedAsync();
        Assert.Empty(asked.Where(one => RuleOf(one) is { } rule && rule.IsForStrangers != one.IsAnonymous).Select(one => $"{one} needs {(one.IsAnonymous ? "no" : "a")} sign-in, the table says otherwise"));
    }

    // They take a key and no cookie.
    private static bool IsForPrograms(string route) => route.StartsWith("/api/", StringComparison.Ordinal) || route.StartsWith("/workflows/", StringComparison.Ordinal);

    [Fact]
    public async Task Each_role_is_refused_exactly_what_the_table_keeps_from_it()
    {
        var asked = (await AskedAsync()).Where(one => !one.IsAnonymous && !IsForPrograms(one.Route) && !one.Route.StartsWith("/sign-out", StringComparison.Ordinal)).ToList();
        var wrong = new List<string>();
        foreach (var role in RoleNames.Each)
        {
            await using var db = app.Db();
            using var visitor = await Visitor.SignedInAsync(app.Server.Address, db, role);
            foreach (var one in asked) await CheckAsync(visitor.Http, one, role, wrong);
        }
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Theory]
    [InlineData("GET", "/people", null, "viewer designer approver sales steward admin")]
    [InlineData("POST", "/people/{id:guid}", "StopRun", "designer approver steward admin")]
    [InlineData("POST", "/people/{id:guid}", "TaskDone", "sales steward admin")]
    [InlineData("POST", "/deals/{id:guid}", null, "sales admin")]
    [InlineData("POST", "/deals/{id:guid}", "Undo", "sales admin")]
    [InlineData("POST", "/deals/hand-back", null, "sales admin")]
    [InlineData("POST", "/deals/settings", "Stages", "admin")]
    [InlineData("POST", "/people/{id:guid}", "Complaint", "sales steward admin")]
    [InlineData("POST", "/calendar", null, "designer approver admin")]
    [InlineData("POST", "/broadcasts/new", "Create", "designer approver admin")]
    [InlineData("POST", "/templates/edit/{**id}", "Lint", "viewer designer approver sales steward admin")]
    [InlineData("POST", "/templates/edit/{**id}", "Publish", "designer approver admin")]
    [InlineData("POST", "/templates/edit/{**id}", "Bogus", "")]
    [InlineData("POST", "/flows/{definitionId}", "Stop", "designer approver admin")]
    [InlineData("POST", "/api/events", null, "steward admin")]
    [InlineData("POST", "/workflows/{**path}", null, "steward admin")]
    [InlineData("POST", "/api/clock", null, "admin")]
    [InlineData("POST", "/api/deals/{id}/hand-back", null, "sales admin")]
    [InlineData("GET", "/elsa/api/workflow-definitions", null, "viewer designer approver sales steward admin")]
    [InlineData("POST", "/elsa/api/workflow-definitions", null, "designer approver admin")]
    [InlineData("DELETE", "/people/{id:guid}", null, "")]
    [InlineData("GET", "/nowhere-in-the-table", null, "")]
    public void The_table_says_what_the_roles_are_for(string method, string route, string? handler, string roles)
    {
        var may = RoleNames.Each.Where(role => Access.Allows(Person(role), method, route, handler)).Select(role => role.NameOf());
        Assert.Equal(roles, string.Join(' ', may));
    }

    [Fact]
    public async Task A_route_without_a_line_is_closed_even_to_an_administrator()
    {
        var context = new DefaultHttpContext();
        context.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("/made-in-a-hurry"), 0, null, null));
        var asked = new AuthorizationHandlerContext([new AccessRequirement()], Person(Roles.Admin), context);
        await new AccessHandler().HandleAsync(asked);
        Assert.False(asked.HasSucceeded);
    }

    [Theory]
    [InlineData("en", "Marketing designer, Approver, Administrator", "Viewer")]
    [InlineData("ja", "設計者、承認者、管理者", "閲覧者")]
    public async Task A_refusal_is_a_page_that_names_the_role_one_needs_and_the_one_one_has(string language, string needed, string own)
    {
        await using var db = app.Db();
        using var visitor = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Viewer);
        visitor.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        using var answer = await visitor.Http.GetAsync("/templates/new");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains(needed, page, StringComparison.Ordinal);
        Assert.Contains(own, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_designer_is_told_which_role_is_missing_and_offered_only_what_one_may()
    {
        await using var db = app.Db();
        using var viewer = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Viewer);
        using var designer = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Designer);
        Assert.DoesNotContain("publish", await LinksAsync(viewer.Http));
        Assert.Contains("publish", await LinksAsync(designer.Http));

        viewer.Http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        using var answer = await viewer.Http.PostAsync("/elsa/api/workflow-definitions/welcome/retract", null);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("Marketing designer, Approver, Administrator", JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_missing_and_not_forbidden()
    {
        await using var db = app.Db();
        using var viewer = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Viewer);
        Assert.Equal(HttpStatusCode.NotFound, (await viewer.Http.GetAsync("/no-such-page")).StatusCode);
        using var answer = await app.Http.GetAsync("/api/no-such-thing");
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
    }

    private static async Task<IReadOnlyList<string>> LinksAsync(HttpClient http)
    {
        var flow = JsonNode.Parse(await http.GetStringAsync("/elsa/api/workflow-definitions/by-definition-id/welcome?versionOptions=Latest"))!;
        return [.. flow["links"]!.AsArray().Select(link => link!["rel"]!.ToString())];
    }

    private static async Task CheckAsync(HttpClient http, Asked one, Roles role, List<string> wrong)
    {
        using var request = new HttpRequestMessage(new HttpMethod(one.Method), one.Path);
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        // Without a body of the kind it takes, a route is passed over for the one that takes all.
        if (one.Takes is { } kind) request.Content = kind.StartsWith("multipart/", StringComparison.Ordinal) ? new MultipartFormDataContent { { new StringContent("x"), "x" } } : new StringContent("", System.Text.Encoding.UTF8, kind);
        using var answer = await http.SendAsync(request);
        var may = Access.Allows(Person(role), RuleOf(one)!);
        var refused = answer.StatusCode is HttpStatusCode.Forbidden;
        if (refused == may || (int)answer.StatusCode is 500 or (>= 300 and < 400 and not 302)) wrong.Add($"{role} {one}: {(may ? "may" : "may not")}, answered {(int)answer.StatusCode}");
    }

    private static bool IsInTable(Asked one) => RuleOf(one) is { } rule
        // Whatever changes something has a line of its own, be it a handler of a page.
        && (one.Method == "GET" || (!rule.IsArea && (rule.Method == "*" || rule.Handler == one.Handler)));

    private static AccessRule? RuleOf(Asked one) => Access.RuleFor(one.Method, one.Route, one.Handler);

    private static ClaimsPrincipal Person(Roles role) => new(new ClaimsIdentity([new Claim(ClaimTypes.Role, role.NameOf())], "test"));

    private async Task<IReadOnlyList<Asked>> AskedAsync()
    {
        var asked = new List<Asked>();
        var pages = app.Server.App.Services.GetRequiredService<PageLoader>();
        foreach (var endpoint in app.Server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null) continue;
            var (route, open) = (Access.RouteOf(endpoint), endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null);
            if (endpoint.Metadata.GetMetadata<PageActionDescriptor>() is { } page)
            {
                // OnPageHandlerExecuting of a page's base class is taken for one too, of a method PAGE.
                var handlers = (await pages.LoadAsync(page, endpoint.Metadata)).HandlerMethods.Where(handler => handler.HttpMethod != "Page").ToList();
                asked.AddRange(handlers.Select(handler => new Asked(handler.HttpMethod.ToUpperInvariant(), route, handler.Name, open)));
                if (handlers.All(handler => handler.HttpMethod != "Get" || handler.Name is not null)) asked.Add(new Asked("GET", route, null, open));
            }
            else
            {
                var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];
                asked.AddRange((methods.Count == 0 ? Access.Methods : methods.Where(method => method != "HEAD")).Select(method => new Asked(method, route, null, open) { Takes = endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes is [var kind, ..] ? kind : null }));
            }
        }
        return [.. asked.Distinct()];
    }

    /// <summary>Something that may be asked of the service.</summary>
    private sealed record Asked(string Method, string Route, string? Handler, bool IsAnonymous)
    {
        public string? Takes { get; init; }

        public string Path => Parameter().Replace(Route, match => match.Groups[1].Value switch
        {
            "guid" => "00000000-0000-0000-0000-000000000001",
            "int" => "404",
            _ => "none",
        }) + (Handler is null ? "" : "?handler=" + Handler);

        public override string ToString() => $"{Method} {Route}{(Handler is null ? "" : " " + Handler)}";
    }

    [GeneratedRegex(@"\{\*{0,2}\w+(?::(\w+))?\}", RegexOptions.None, 10_000)]
    private static partial Regex Parameter();
}

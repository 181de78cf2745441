using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Automation.Server.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.SignIn;

/// <summary>People, sessions, second factor and keys through the pages, as an administrator and the others meet them.</summary>
public sealed partial class TeamPagesTests : IAsyncLifetime, IDisposable
{
    private const string Good = "correct horse battery";

    private RunningApp app = null!;
    private Visitor admin = null!;

    public async Task InitializeAsync()
    {
        app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 10:00");
        admin = new Visitor(app.Server.Address);
        using var answer = await admin.SignInAsync("admin", RunningApp.Password);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
    }

    public async Task DisposeAsync() => await app.DisposeAsync();

    public void Dispose() => admin.Dispose();

    [Fact]
    public async Task Somebody_invited_chooses_a_password_and_is_in_with_the_role_given()
    {
        var link = await InviteAsync("hanako@example.com", "sales");
        using var hanako = new Visitor(app.Server.Address);
        using var weak = await hanako.PostFormAsync(link, link, ("Password", "hanako@example.com"), ("Again", "hanako@example.com"));
        Assert.Contains("your own name", await weak.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var differs = await hanako.PostFormAsync(link, link, ("Password", Good), ("Again", Good + "!"));
        Assert.Contains("two passwords differ", await differs.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var done = await hanako.PostFormAsync(link, link, ("Password", Good), ("Again", Good));
        Assert.Equal("/", done.Headers.Location!.OriginalString);

        Assert.Equal(HttpStatusCode.OK, (await hanako.Http.GetAsync("/deals")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await hanako.Http.GetAsync("/team")).StatusCode);
        using var stranger = new Visitor(app.Server.Address);
        Assert.Contains("does not work any more", await stranger.Http.GetStringAsync(link), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_never_given_and_a_link_used_up_look_the_same()
    {
        var link = await InviteAsync("jiro@example.com", "viewer");
        using var jiro = new Visitor(app.Server.Address);
        using (await jiro.PostFormAsync(link, link, ("Password", Good), ("Again", Good))) { }
        using var stranger = new Visitor(app.Server.Address);
        Assert.Equal(PlainOf(await stranger.Http.GetStringAsync(link)), PlainOf(await stranger.Http.GetStringAsync("/invite/0123456789abcdef")));
    }

    [Fact]
    public async Task A_link_expires_after_three_days()
    {
        var link = await InviteAsync("late@example.com", "viewer");
        await app.AdvanceAsync(TeamDesk.LinkLasts);
        using var late = new Visitor(app.Server.Address);
        Assert.Contains("does not work any more", await late.Http.GetStringAsync(link), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_role_counts_at_the_next_click_and_a_disabled_person_is_out_at_once()
    {
        using var somebody = await JoinAsync("role@example.com", "viewer");
        var id = await IdOfAsync("role@example.com");
        Assert.Equal(HttpStatusCode.Forbidden, (await somebody.Http.GetAsync("/templates/new")).StatusCode);
        using (await admin.PostFormAsync($"/team/{id}", $"/team/{id}?handler=Role", ("role", "designer"))) { }
        Assert.Equal(HttpStatusCode.OK, (await somebody.Http.GetAsync("/templates/new")).StatusCode);

        using (await admin.PostFormAsync($"/team/{id}", $"/team/{id}?handler=Disable")) { }
        using var out_ = await somebody.Http.GetAsync("/people");
        Assert.Equal((HttpStatusCode.Found, "/sign-in"), (out_.StatusCode, out_.Headers.Location!.AbsolutePath));
        using var again = new Visitor(app.Server.Address);
        using var wrong = await again.SignInAsync("role@example.com", "not the password");
        using var right = await again.SignInAsync("role@example.com", Good);
        Assert.Equal(PlainOf(await wrong.Content.ReadAsStringAsync()), PlainOf(await right.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task The_only_administrator_is_told_why_they_cannot_go()
    {
        var id = await IdOfAsync("admin");
        using (await admin.PostFormAsync($"/team/{id}", $"/team/{id}?handler=Disable")) { }
        Assert.Contains("the only administrator", await admin.Http.GetStringAsync($"/team/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_ended_elsewhere_opens_nothing_and_signing_out_ends_ones_own()
    {
        using var here = await JoinAsync("two@example.com", "viewer");
        using var there = new Visitor(app.Server.Address);
        using (await there.SignInAsync("two@example.com", Good)) { }
        Assert.Equal(HttpStatusCode.OK, (await there.Http.GetAsync("/people")).StatusCode);
        using (await here.PostFormAsync("/account", "/account?handler=EndSessions")) { }
        Assert.Equal(HttpStatusCode.Found, (await there.Http.GetAsync("/people")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await here.Http.GetAsync("/people")).StatusCode);
        using (await here.PostFormAsync("/account", "/sign-out")) { }
        await using var db = app.Db();
        var id = await IdOfAsync("two@example.com");
        Assert.False(await db.UserSessions.AnyAsync(session => session.UserId == id));
    }

    [Fact]
    public async Task A_cookie_kept_from_before_the_sign_out_opens_nothing()
    {
        using var somebody = await JoinAsync("kept@example.com", "viewer");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/people");
        using var signIn = await new Visitor(app.Server.Address).SignInAsync("kept@example.com", Good);
        var cookie = signIn.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("automation=", StringComparison.Ordinal)).Split(';')[0];
        using (await somebody.PostFormAsync("/account", "/account?handler=EndSessions")) { }
        using var thief = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = app.Server.Address };
        request.Headers.Add("Cookie", cookie);
        Assert.Equal(HttpStatusCode.Found, (await thief.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Changing_ones_password_asks_for_the_old_one_and_signs_out_elsewhere()
    {
        using var here = await JoinAsync("change@example.com", "viewer");
        using var there = new Visitor(app.Server.Address);
        using (await there.SignInAsync("change@example.com", Good)) { }
        using var guessed = await here.PostFormAsync("/account", "/account?handler=Password", ("Current", "a guess"), ("Password", "another long one"), ("Again", "another long one"));
        Assert.Contains("not your password", await guessed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var changed = await here.PostFormAsync("/account", "/account?handler=Password", ("Current", Good), ("Password", "another long one"), ("Again", "another long one"));
        Assert.Equal(HttpStatusCode.Found, changed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await here.Http.GetAsync("/people")).StatusCode);
        Assert.Equal(HttpStatusCode.Found, (await there.Http.GetAsync("/people")).StatusCode);
    }

    [Fact]
    public async Task With_a_second_factor_the_password_alone_opens_nothing()
    {
        using var somebody = await JoinAsync("factor@example.com", "viewer");
        var secret = await SetUpFactorAsync(somebody);

        using var again = new Visitor(app.Server.Address);
        using var asked = await again.SignInAsync("factor@example.com", Good);
        var page = await asked.Content.ReadAsStringAsync();
        Assert.Contains("authenticator app", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Found, (await again.Http.GetAsync("/people")).StatusCode);

        using var wrong = await SendCodeAsync(again, page, "000000");
        Assert.Contains("code is not right", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // The code of the next half minute: the one of this has been taken when it was set up.
        using var right = await SendCodeAsync(again, page, Totp.CodeAt(secret, TimeProvider.System.GetUtcNow().AddSeconds(Totp.SecondsAStep)));
        Assert.Equal(HttpStatusCode.Found, right.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await again.Http.GetAsync("/people")).StatusCode);
    }

    [Fact]
    public async Task Wrong_codes_lock_like_wrong_passwords()
    {
        using var somebody = await JoinAsync("codes@example.com", "viewer");
        var secret = await SetUpFactorAsync(somebody);
        using var thief = new Visitor(app.Server.Address);
        using var asked = await thief.SignInAsync("codes@example.com", Good);
        var page = await asked.Content.ReadAsStringAsync();
        for (var time = 0; time < PasswordSignIn.FailuresBeforeLock; time++)
        {
            using (await SendCodeAsync(thief, page, "000000")) { }
            // A right password in between must not start the counting anew.
            if (time == 2) using (await thief.SignInAsync("codes@example.com", Good)) { }
        }
        using var late = await SendCodeAsync(thief, page, Totp.CodeAt(secret, TimeProvider.System.GetUtcNow().AddSeconds(Totp.SecondsAStep)));
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);
        Assert.Equal(HttpStatusCode.Found, (await thief.Http.GetAsync("/people")).StatusCode);
    }

    [Fact]
    public async Task A_key_is_shown_once_does_what_its_role_may_and_is_shut_out_at_once()
    {
        using var made = await admin.PostFormAsync("/keys", "/keys", ("Name", "shop"), ("Role", "steward"));
        var page = await made.Content.ReadAsStringAsync();
        var secret = Secret().Match(page).Value;
        Assert.NotEmpty(secret);
        Assert.DoesNotContain(secret, await admin.Http.GetStringAsync("/keys"), StringComparison.Ordinal);

        using var shop = new HttpClient { BaseAddress = app.Server.Address };
        shop.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        Assert.Equal(HttpStatusCode.Accepted, (await shop.PostAsJsonAsync("/api/events", new { source = "shop", id = "1", type = "x.y", contact = RunningApp.Person("a@example.com") })).StatusCode);
        using var refused = await shop.PostAsJsonAsync("/api/broadcasts", new { });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("Data steward", (await refused.Content.ReadFromJsonAsync<JsonObject>())!["detail"]!.ToString(), StringComparison.Ordinal);

        await using var db = app.Db();
        var key = await db.ApiKeys.AsNoTracking().SingleAsync(one => one.Name == "shop");
        Assert.InRange(key.LastUsedAt!.Value, RunningApp.Tokyo("2026-10-20 10:00"), app.Clock.GetUtcNow());
        using (await admin.PostFormAsync("/keys", $"/keys?handler=Revoke&id={key.Id}")) { }
        Assert.Equal(HttpStatusCode.Unauthorized, (await shop.GetAsync("/api/clock")).StatusCode);
    }

    [Fact]
    public async Task The_audit_trail_tells_who_did_what_from_where_and_is_searched()
    {
        await InviteAsync("seen@example.com", "viewer");
        var page = await admin.Http.GetStringAsync("/audit?search=seen%20invited");
        Assert.Contains("seen@example.com", page, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Signed in", page, StringComparison.Ordinal);
        Assert.Contains("Nothing like this was found", await admin.Http.GetStringAsync("/audit?search=seen%20revoked"), StringComparison.Ordinal);
        await using var db = app.Db();
        using var viewer = await Visitor.SignedInAsync(app.Server.Address, db, Roles.Designer);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.Http.GetAsync("/audit")).StatusCode);
    }

    [Fact]
    public async Task The_openapi_document_and_the_guide_hold_every_route_of_the_api()
    {
        var document = (await app.Http.GetFromJsonAsync<JsonObject>("/api/openapi.json"))!;
        Assert.StartsWith("3.1", document["openapi"]!.ToString(), StringComparison.Ordinal);
        var paths = document["paths"]!.AsObject();
        var guide = await admin.Http.GetStringAsync("/api-guide");
        foreach (var rule in Access.Rules.Where(rule => rule.Route.StartsWith("/api/", StringComparison.Ordinal) && !rule.IsArea && rule.Method != "*" && rule.Route != "/api/openapi.json"))
        {
            Assert.Contains($"{rule.Method} {rule.Route}", guide, StringComparison.Ordinal);
            var path = Constraint().Replace(rule.Route, "{$1}");
            Assert.True(paths[path]?[rule.Method.ToLowerInvariant()]?["summary"]?.ToString() is { Length: > 0 }, $"{rule.Method} {path} has no summary.");
        }
        Assert.NotNull(paths["/api/events"]!["post"]!["requestBody"]!["content"]!["application/json"]!["example"]);
        Assert.Equal(HttpStatusCode.OK, (await admin.Http.GetAsync("/api/openapi.json")).StatusCode);
    }

    private async Task<string> InviteAsync(string email, string role)
    {
        using (await admin.PostFormAsync("/team", "/team", ("Name", "Somebody New"), ("Email", email), ("Role", role))) { }
        return new Uri(LinkAddress().Match(await admin.Http.GetStringAsync("/team")).Groups[1].Value).AbsolutePath;
    }

    private async Task<Visitor> JoinAsync(string email, string role)
    {
        var link = await InviteAsync(email, role);
        var visitor = new Visitor(app.Server.Address);
        using var answer = await visitor.PostFormAsync(link, link, ("Password", Good), ("Again", Good));
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        return visitor;
    }

    private static async Task<string> SetUpFactorAsync(Visitor visitor)
    {
        using var offered = await visitor.PostFormAsync("/account", "/account?handler=Factor");
        var page = await offered.Content.ReadAsStringAsync();
        var (secret, kept) = (ShownSecret().Match(page).Groups[1].Value, Kept().Match(page).Groups[1].Value);
        using var wrong = await visitor.PostFormAsync("/account", "/account?handler=ConfirmFactor", ("Kept", kept), ("Code", "12"));
        Assert.Contains(secret, await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var confirmed = await visitor.PostFormAsync("/account", "/account?handler=ConfirmFactor", ("Kept", kept), ("Code", Totp.CodeAt(secret, TimeProvider.System.GetUtcNow())));
        Assert.Contains("recovery-codes", await confirmed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        return secret;
    }

    private static Task<HttpResponseMessage> SendCodeAsync(Visitor visitor, string page, string code) =>
        visitor.PostFormAsync("/sign-in", "/sign-in?handler=Code", ("Ticket", Ticket().Match(page).Groups[1].Value), ("Code", code));

    private async Task<Guid> IdOfAsync(string name)
    {
        await using var db = app.Db();
        return await db.Users.Where(user => user.UserName == name).Select(user => user.Id).SingleAsync();
    }

    // As the visitor reads it: the form's token differs each time.
    private static string PlainOf(string page) => Inputs().Replace(page, "");

    [GeneratedRegex("""id="link-address" value="([^"]+)["]""", RegexOptions.None, 10_000)]
    private static partial Regex LinkAddress();

    [GeneratedRegex("""id="secret">([A-Z2-7]+)<""", RegexOptions.None, 10_000)]
    private static partial Regex ShownSecret();

    [GeneratedRegex("""name="Kept" value="([^"]+)["]""", RegexOptions.None, 10_000)]
    private static partial Regex Kept();

    [GeneratedRegex("""name="Ticket" value="([^"]+)["]""", RegexOptions.None, 10_000)]
    private static partial Regex Ticket();

    [GeneratedRegex("ak_[A-Za-z0-9]{32}", RegexOptions.None, 10_000)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\{(\w+):\w+\}", RegexOptions.None, 10_000)]
    private static partial Regex Constraint();

    [GeneratedRegex("<input[^>]*>", RegexOptions.None, 10_000)]
    private static partial Regex Inputs();
}

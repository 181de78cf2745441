using System.Net;
using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.SignIn;

/// <summary>Sign-in with the company's own provider, over HTTP from the page to the provider and back.</summary>
public sealed class ProviderSignInTests : IAsyncLifetime
{
    private FakeOpenIdProvider provider = null!;
    private RunningApp app = null!;

    public async Task InitializeAsync()
    {
        provider = await FakeOpenIdProvider.StartAsync();
        app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-10-20 09:00", provider.Settings);
        await AddAsync("hanako@example.com", Roles.Designer);
        Vouch("hanako@example.com");
    }

    public async Task DisposeAsync()
    {
        await app.DisposeAsync();
        await provider.DisposeAsync();
    }

    [Fact]
    public async Task Whom_the_team_invited_comes_in_by_the_verified_address_and_lands_where_they_wanted()
    {
        using var visitor = new Visitor(app.Server.Address);
        Assert.Contains("Example ID", await visitor.Http.GetStringAsync("/sign-in?returnUrl=%2Fpeople"), StringComparison.Ordinal);
        using var landed = await GoThroughAsync(visitor, "/people?search=a");
        Assert.Equal("/people?search=a", landed.Headers.Location!.OriginalString);
        using var page = await visitor.Http.GetAsync("/people");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        await using var db = app.Db();
        Assert.Equal(1, await db.AuditEntries.CountAsync(entry => entry.Action == "user.provider"));
    }

    [Fact]
    public async Task The_person_is_known_by_the_providers_own_name_when_the_address_has_changed()
    {
        using (var first = new Visitor(app.Server.Address)) (await GoThroughAsync(first)).Dispose();
        Vouch("hanako.suzuki@example.com");
        using var second = new Visitor(app.Server.Address);
        using var landed = await GoThroughAsync(second);
        Assert.Equal("/", landed.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Somebody_else_with_the_same_address_does_not_take_the_place_over()
    {
        using (var first = new Visitor(app.Server.Address)) (await GoThroughAsync(first)).Dispose();
        provider.Claims["sub"] = "person-2";
        await RefusedAsync("Stranger");
    }

    [Fact]
    public async Task An_address_that_nobody_on_the_team_has_is_refused_and_adds_nobody()
    {
        Vouch("stranger@example.com");
        var before = await CountUsersAsync();
        await RefusedAsync("Stranger");
        Assert.Equal(before, await CountUsersAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    [InlineData("false")]
    public async Task An_address_that_the_provider_has_not_verified_opens_nothing(object? verified)
    {
        provider.Claims["email_verified"] = verified;
        await RefusedAsync("Stranger");
    }

    [Fact]
    public async Task A_disabled_person_stays_outside_with_and_without_an_earlier_visit()
    {
        using (var first = new Visitor(app.Server.Address)) (await GoThroughAsync(first)).Dispose();
        await using (var db = app.Db())
            await db.Users.Where(user => user.UserName == "hanako@example.com").ExecuteUpdateAsync(set => set.SetProperty(user => user.DisabledAt, TimeProvider.System.GetUtcNow()));
        await RefusedAsync("Stranger");
    }

    [Theory]
    [InlineData("nonce", "of another request")]
    [InlineData("aud", "another-program")]
    [InlineData("iss", "https://elsewhere.example.com")]
    [InlineData("azp", "another-program")]
    [InlineData("sub", "")]
    [InlineData("nonce", null)]
    public async Task A_token_that_says_something_else_is_refused(string claim, string? value)
    {
        provider.Claims[claim] = value;
        await RefusedAsync("Failed");
    }

    [Fact]
    public async Task A_token_that_is_expired_unsigned_or_signed_by_somebody_else_is_refused()
    {
        provider.Lasts = TimeSpan.FromMinutes(-10);
        await RefusedAsync("Failed");
        provider.Lasts = TimeSpan.FromMinutes(5);
        provider.LeavesUnsigned = true;
        await RefusedAsync("Failed");
        provider.LeavesUnsigned = false;
        provider.SignsWithAnotherKey = true;
        await RefusedAsync("Failed");
    }

    [Fact]
    public async Task A_way_back_that_nobody_asked_for_or_that_is_gone_twice_opens_nothing()
    {
        using var visitor = new Visitor(app.Server.Address);
        using var uninvited = await visitor.Http.GetAsync("/sign-in/provider/return?code=x&state=y");
        Assert.Contains("refused=Stale", uninvited.Headers.Location!.OriginalString, StringComparison.Ordinal);
        var back = await ToProviderAsync(visitor, "/");
        using (var other = new Visitor(app.Server.Address))
        using (var planted = await other.Http.GetAsync(back))
            Assert.Contains("refused=Stale", planted.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var right = await visitor.Http.GetAsync(back);
        Assert.Equal("/", right.Headers.Location!.OriginalString);
        using var twice = await visitor.Http.GetAsync(back);
        Assert.Contains("refused=Stale", twice.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://elsewhere.example.com/")]
    [InlineData("//elsewhere.example.com/")]
    [InlineData("/\\elsewhere.example.com")]
    public async Task One_lands_only_on_a_page_of_ours(string wanted)
    {
        using var visitor = new Visitor(app.Server.Address);
        using var landed = await GoThroughAsync(visitor, wanted);
        Assert.Equal("/", landed.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_provider_that_is_down_is_said_in_words_and_one_that_is_not_set_is_not_there()
    {
        await provider.DisposeAsync();
        using (var visitor = new Visitor(app.Server.Address))
        {
            using var answer = await visitor.Http.GetAsync("/sign-in/provider");
            Assert.Contains("refused=Failed", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
            Assert.Contains("Example ID", await visitor.Http.GetStringAsync(answer.Headers.Location), StringComparison.Ordinal);
        }
        await app.RestartAsync();
        using var later = new Visitor(app.Server.Address);
        using var gone = await later.Http.GetAsync("/sign-in/provider");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Theory]
    [InlineData("--OpenIdConnect:Authority=http://id.example.com", "OpenIdConnect:Authority")]
    [InlineData("--OpenIdConnect:Authority=https://id.example.com", "OpenIdConnect:ClientId")]
    public void A_wrong_setting_stops_the_start_and_names_itself(string setting, string named)
    {
        var refused = Assert.Throws<Automation.Marketing.BadInputException>(() => AutomationServer.Build([setting]));
        Assert.Contains(named, refused.ToString(), StringComparison.Ordinal);
    }

    private void Vouch(string email) => (provider.Claims["email"], provider.Claims["email_verified"]) = (email, true);

    private async Task RefusedAsync(string why)
    {
        using var visitor = new Visitor(app.Server.Address);
        using var answer = await GoThroughAsync(visitor);
        Assert.StartsWith($"/sign-in?refused={why}", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var inside = await visitor.Http.GetAsync("/people");
        Assert.Equal(HttpStatusCode.Found, inside.StatusCode);
    }

    private static async Task<HttpResponseMessage> GoThroughAsync(Visitor visitor, string wanted = "/") => await visitor.Http.GetAsync(await ToProviderAsync(visitor, wanted));

    /// <returns>Where the provider sends the browser back to.</returns>
    private static async Task<Uri> ToProviderAsync(Visitor visitor, string wanted)
    {
        using var leaving = await visitor.Http.GetAsync("/sign-in/provider?returnUrl=" + Uri.EscapeDataString(wanted));
        using var there = await visitor.Http.GetAsync(leaving.Headers.Location);
        Assert.Equal(HttpStatusCode.Found, there.StatusCode);
        return there.Headers.Location!;
    }

    private async Task AddAsync(string email, Roles role)
    {
        await using var db = app.Db();
        Assert.True(Automation.Marketing.Contacts.EmailAddress.TryParse(email, out var address));
        await TeamDesk.InviteAsync(db, "鈴木 花子", address, role, "admin", app.Clock.GetUtcNow(), default);
    }

    private async Task<int> CountUsersAsync()
    {
        await using var db = app.Db();
        return await db.Users.CountAsync();
    }
}

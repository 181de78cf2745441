using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Automation.Marketing.Accounts;
using Automation.Server.SignIn;
using Automation.Server.Tests.Browser;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.SignIn;

[Collection(nameof(BrowserApp))]
public sealed partial class SignInTests(BrowserApp app)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/people")]
    [InlineData("/mailbox")]
    public async Task A_page_sends_a_stranger_to_the_sign_in(string path)
    {
        using var http = NewClient();
        using var answer = await http.GetAsync(path);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal($"/sign-in?returnUrl={Uri.EscapeDataString(path)}", answer.Headers.Location!.PathAndQuery);
    }

    [Fact]
    public async Task The_api_answers_a_stranger_with_a_problem_and_never_redirects()
    {
        using var http = NewClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", "a-key-nobody-made");
        using var answer = await http.PostAsJsonAsync("/api/audiences/count", new { });
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_cookie_does_not_open_the_api()
    {
        using var http = NewClient();
        Assert.Equal(HttpStatusCode.Found, (await PostAsync(http, "admin", BrowserApp.Password)).StatusCode);
        using var answer = await http.PostAsJsonAsync("/api/audiences/count", new { });
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("/people?search=a", "/people?search=a")]
    [InlineData("https://elsewhere.example/", "/")]
    [InlineData("//elsewhere.example/", "/")]
    [InlineData("/\\elsewhere.example", "/")]
    public async Task After_sign_in_one_lands_only_on_a_page_of_ours(string wanted, string landed)
    {
        using var http = NewClient();
        using var answer = await PostAsync(http, "admin", BrowserApp.Password, wanted);
        Assert.Equal(landed, answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_wrong_password_a_wrong_name_and_a_locked_user_look_the_same()
    {
        var name = await NewUserAsync();
        using var http = NewClient();
        var unknown = await TextAsync(await PostAsync(http, "nobody-at-all", "wrong"));
        for (var time = 0; time < PasswordSignIn.FailuresBeforeLock; time++)
            Assert.Equal(unknown, await TextAsync(await PostAsync(http, name, "wrong")));
        Assert.Equal(unknown, await TextAsync(await PostAsync(http, name, "right-password")));
    }

    [Fact]
    public async Task A_right_password_forgets_earlier_failures()
    {
        var name = await NewUserAsync();
        for (var round = 0; round < 2; round++)
        {
            using var http = NewClient();
            for (var time = 1; time < PasswordSignIn.FailuresBeforeLock; time++) await PostAsync(http, name, "wrong");
            Assert.Equal(HttpStatusCode.Found, (await PostAsync(http, name, "right-password")).StatusCode);
        }
    }

    [Fact]
    public async Task A_form_without_its_token_is_refused()
    {
        using var http = NewClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["UserName"] = "admin", ["Password"] = BrowserApp.Password });
        using var answer = await http.PostAsync("/sign-in", form);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Cookies_are_out_of_reach_of_scripts_and_pages_run_own_files_only()
    {
        using var http = NewClient();
        using var answer = await PostAsync(http, "admin", BrowserApp.Password);
        Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie =>
        {
            Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("samesite", cookie, StringComparison.OrdinalIgnoreCase);
        });
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_in_the_mailbox_is_served_in_a_sandbox()
    {
        using var http = NewClient();
        await PostAsync(http, "admin", BrowserApp.Password);
        var list = await http.GetStringAsync("/mailbox");
        using var answer = await http.GetAsync(MailLink().Match(list).Value + "?handler=Html");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("sandbox;", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ja", "ページが見つかりません")]
    [InlineData("en", "There is no such page")]
    public async Task A_missing_page_says_so_in_the_visitors_language(string language, string heading)
    {
        using var http = NewClient();
        await PostAsync(http, "admin", BrowserApp.Password);
        http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        using var answer = await http.GetAsync("/people/00000000-0000-0000-0000-000000000001");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains(heading, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, "This could not be read")]
    [InlineData(403, "You may not do this")]
    [InlineData(404, "There is no such page")]
    [InlineData(500, "Something went wrong")]
    public async Task Error_pages_need_no_sign_in(int status, string heading)
    {
        using var http = NewClient();
        using var answer = await http.GetAsync($"/error/{status}");
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(heading, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_start_makes_no_second_administrator_and_no_second_key()
    {
        await using var db = app.OpenDb();
        var users = await db.Users.CountAsync();
        var again = await FirstStart.EnsureAsync(db, (_, _) => "", "another", "another-key", app.Get<TimeProvider>().GetUtcNow());
        Assert.Equal(new FirstStartResult(null, false, false), again);
        Assert.Equal(users, await db.Users.CountAsync());
        Assert.Equal(1, await db.ApiKeys.CountAsync());
    }

    private HttpClient NewClient() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = app.Address };

    private async Task<string> NewUserAsync()
    {
        await using var db = app.OpenDb();
        var user = new User { Id = Guid.CreateVersion7(), UserName = $"user-{Guid.NewGuid():N}", DisplayName = "Somebody", Role = "viewer" };
        user.PasswordHash = new PasswordHasher<User>().HashPassword(user, "right-password");
        db.Users.Add(user);
        await db.SaveChangesAsync();
        return user.UserName;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string name, string password, string returnUrl = "")
    {
        var page = await http.GetStringAsync("/sign-in");
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["UserName"] = name,
            ["Password"] = password,
            ["ReturnUrl"] = returnUrl,
            ["__RequestVerificationToken"] = Token().Match(page).Groups[1].Value,
        });
        return await http.PostAsync("/sign-in", form);
    }

    // The page as the visitor reads it: what they typed and the form's token differ each time.
    private static async Task<string> TextAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Inputs().Replace(await answer.Content.ReadAsStringAsync(), "");
    }

    [GeneratedRegex("""name="__RequestVerificationToken" type="hidden" value="([^"]+)["]""", RegexOptions.None, 10_000)]
    private static partial Regex Token();

    [GeneratedRegex("<input[^>]*>", RegexOptions.None, 10_000)]
    private static partial Regex Inputs();

    [GeneratedRegex("""/mailbox/[^"?]+""", RegexOptions.None, 10_000)]
    private static partial Regex MailLink();
}

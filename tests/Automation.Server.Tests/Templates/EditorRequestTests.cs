using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Server.Tests.Browser;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.Templates;

[Collection(nameof(BrowserApp))]
public sealed class EditorRequestTests(BrowserApp app)
{
    private const string Template = "welcome/day-7";

    public static TheoryData<string> Handlers => ["Lint", "Render", "Frame", "Save", "Publish", "Text", "Test", "Discard"];

    [Theory, MemberData(nameof(Handlers))]
    public async Task A_stranger_is_sent_to_the_sign_in(string handler)
    {
        using var stranger = EditorClient.Stranger(app.Address.AbsoluteUri);
        using var answer = await stranger.AskAsync(Template, handler, JsonContent.Create(new { }), token: null);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
    }

    [Theory, MemberData(nameof(Handlers))]
    public async Task A_request_from_a_page_that_is_not_ours_is_refused(string handler)
    {
        using var client = await SignInAsync();
        using var answer = await client.AskAsync(Template, handler, JsonContent.Create(new { }), token: null);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("Lint", "")]
    [InlineData("Lint", "null")]
    [InlineData("Lint", "[]")]
    [InlineData("Lint", "{\"class\":\"Nonsense\"}")]
    [InlineData("Lint", "{\"parts\":{}}")]
    [InlineData("Lint", "{\"approach\":\"A1\",\"parts\":{\"fr\":{}}}")]
    [InlineData("Lint", "{\"approach\":\"A1\",\"parts\":{\"ja\":{\"subject\":\"a\\u0000b\"}}}")]
    [InlineData("Lint", "{\"approach\":\"A1\",\"parts\":{\"ja\":{\"subject\":\"\\ud800\"}}}")]
    [InlineData("Lint", "{\"approach\":\"A1\",\"topics\":[null],\"parts\":{\"ja\":null}}")]
    [InlineData("Save", "{}")]
    [InlineData("Save", "{\"content\":{\"approach\":\"None\",\"parts\":{\"ja\":{}}},\"basedOn\":0}")]
    [InlineData("Save", "{\"content\":null,\"stamp\":\"x\"}")]
    [InlineData("Render", "{\"sample\":\"Nobody\"}")]
    [InlineData("Publish", "{\"stamp\":null}")]
    [InlineData("Test", "{\"address\":\"a@b\"}")]
    public async Task What_cannot_be_read_or_kept_is_answered_with_a_problem_and_changes_nothing(string handler, string body)
    {
        using var client = await SignInAsync();
        var editor = await client.OpenAsync(Template);
        using var answer = await client.AskAsync(Template, handler, new StringContent(body, Encoding.UTF8, "application/json"), editor.Token);
        Assert.InRange((int)answer.StatusCode, 400, 409);
        Assert.NotNull((await answer.Content.ReadFromJsonAsync<JsonObject>())!["problem"]);
        await using var db = app.OpenDb();
        Assert.Empty(await db.TemplateDrafts.Where(draft => draft.TemplateId == Template).ToListAsync());
    }

    [Fact]
    public async Task Lint_and_preview_change_nothing()
    {
        using var client = await SignInAsync();
        var editor = await client.OpenAsync(Template);
        using var lint = await client.AskAsync(editor, "Lint", editor.Written("{{ contact.nmae }}"));
        Assert.Contains((await lint.Content.ReadFromJsonAsync<JsonObject>())!["findings"]!.AsArray(), finding => finding!["part"]!.GetValue<string>() == "subject");
        using var render = await client.AskAsync(editor, "Render", new JsonObject { ["content"] = editor.Written("題"), ["language"] = "ja" });
        Assert.Equal("題", (await render.Content.ReadFromJsonAsync<JsonObject>())!["subject"]!.GetValue<string>());
        await using var db = app.OpenDb();
        Assert.Empty(await db.TemplateDrafts.Where(draft => draft.TemplateId == Template).ToListAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_frame_may_run_and_reach_nothing_but_pictures_that_were_asked_for(bool images)
    {
        using var client = await SignInAsync();
        var editor = await client.OpenAsync(Template);
        var wish = new JsonObject { ["content"] = editor.Written("題"), ["language"] = "ja", ["images"] = images, ["dark"] = true };
        var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["wish"] = wish.ToJsonString() });
        using var answer = await client.AskAsync(Template, "Frame", form, editor.Token);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("sandbox; default-src 'none';", policy, StringComparison.Ordinal);
        Assert.Equal(images, policy.Contains("https:", StringComparison.Ordinal));
        Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("prefers-color-scheme", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/templates/edit/no/such-template")]
    [InlineData("/templates/edit/../../etc/passwd")]
    [InlineData("/templates/edit/_partials/no-such")]
    [InlineData("/templates/edit/")]
    [InlineData("/templates/versions/no/such-template")]
    [InlineData("/templates/versions/welcome/day-0?left=99&right=0")]
    [InlineData("/templates/versions/welcome/day-0?left=x")]
    public async Task What_does_not_exist_is_not_found(string path)
    {
        using var client = await SignInAsync();
        using var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task The_link_of_a_test_mail_unsubscribes_nobody()
    {
        await using var db = app.OpenDb();
        var links = await app.Get<Marketing.Mail.Delivery.LinkFactory>().ForAsync(db, default);
        var entries = await db.ConsentEntries.CountAsync();
        using var http = new HttpClient();
        var token = links.Token(Marketing.Mail.Content.MailLinks.Nobody, Marketing.Mail.Content.MailLinks.Nobody);
        using var answer = await http.PostAsync(new Uri(app.Address, $"u/{token}"), content: null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(entries, await db.ConsentEntries.CountAsync());
    }

    private Task<EditorClient> SignInAsync() => EditorClient.SignInAsync(app.Address.AbsoluteUri, BrowserApp.Password);
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Marketing;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests;

/// <summary>Every fault is named with its place, and nothing is half applied.</summary>
public sealed class BadInputTests
{
    private const string Person = """ "contact":{"email":"ada@example.com"} """;

    [Theory]
    [InlineData("/api/events", "{\"source\":", "(1,")]
    [InlineData("/api/events", "[]", "(body)")]
    [InlineData("/api/events", "{\"id\":\"1\",\"type\":\"t\"," + Person + "}", "source")]
    [InlineData("/api/events", "{\"source\":\"s\",\"id\":\"1\",\"type\":\"t\",\"contact\":{\"email\":\"nonsense\"}}", "contact.email")]
    [InlineData("/api/events", "{\"source\":\"s\",\"id\":\"1\",\"type\":\"t\",\"contact\":{\"email\":\"ada@example.com\",\"mood\":\"good\"}}", "contact.mood")]
    [InlineData("/api/events", "{\"source\":\"s\",\"id\":\"1\",\"type\":\"t\",\"contact\":{\"name\":\"Ada\"}}", "contact")]
    [InlineData("/api/events", "{\"source\":\"s\",\"id\":\"1\",\"type\":\"t\",\"occurredAt\":\"yesterday\"," + Person + "}", "occurredAt")]
    [InlineData("/api/events", "{\"source\":\"s\",\"id\":\"1\",\"type\":\"t\",\"contact\":{\"email\":\"a@example.com\",\"consent\":{\"basis\":\"hope\",\"evidence\":\"e\"}}}", "contact.consent.basis")]
    [InlineData("/api/events", "{\"source\":\"s\",\"id\":\"\\ud800\",\"type\":\"t\"," + Person + "}", "id")]
    [InlineData("/api/events/batch", "{\"events\":[{\"source\":\"s\",\"id\":\"1\",\"type\":\"t\"," + Person + "},{\"source\":\"s\"}]}", "events[1].type")]
    [InlineData("/api/broadcasts", "{\"name\":\"n\",\"template\":\"no/such\"}", "template")]
    [InlineData("/api/broadcasts", "{\"name\":\"n\",\"template\":\"newsletter/monthly\",\"audience\":{\"tagz\":[]}}", "audience")]
    [InlineData("/api/broadcasts", "{\"name\":\"n\",\"template\":\"newsletter/monthly\",\"audience\":{\"bought\":{\"lastDays\":2147483647}}}", "audience.bought.lastDays")]
    [InlineData("/api/broadcasts", "{\"name\":\"n\",\"template\":\"newsletter/monthly\",\"audience\":{\"due\":{\"withinDays\":7}}}", "audience.due.category")]
    [InlineData("/api/audiences/count", "{\"notBought\":{\"lastDays\":2147483647}}", "notBought.lastDays")]
    [InlineData("/api/audiences/count", "{\"due\":{\"category\":\"rice\",\"withinDays\":-1}}", "due.withinDays")]
    [InlineData("/api/deals/D-1/hand-back", "{\"reason\":\"bored\"}", "reason")]
    public async Task A_bad_request_gets_a_problem_that_names_the_field_and_changes_nothing(string path, string body, string field)
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-06-01 10:00");
        var answer = await app.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.StartsWith(field, problem["field"]!.GetValue<string>(), StringComparison.Ordinal);
        await using var db = app.Db();
        Assert.Equal((0, 0, 0), (await db.Contacts.CountAsync(), await db.LeadEvents.CountAsync(), await db.Broadcasts.CountAsync()));
    }

    [Fact]
    public async Task Without_a_key_there_is_no_answer_but_how_to_get_one()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-06-01 10:00");
        using var stranger = new HttpClient { BaseAddress = app.Server.Address };
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync($"/api/contacts/{Guid.NewGuid()}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("/health")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsync("/webhooks/sendgrid", new StringContent("[]"))).StatusCode);
    }

    [Theory]
    [InlineData("bad.json", "{ \"definitionId\": ", "bad.json(")]
    [InlineData("unknown.json", """{"id":"x","definitionId":"x","root":{"id":"f","type":"Elsa.Flowchart","activities":[{"id":"a","type":"Automation.Juggle","version":1}],"connections":[]}}""", "activity 'a'")]
    [InlineData("mail.json", """{"id":"x","definitionId":"x","root":{"id":"f","type":"Elsa.Flowchart","activities":[{"id":"a","type":"Automation.SendEmail","version":1,"template":{"typeName":"String","expression":{"type":"Literal","value":"no/such"}}}],"connections":[]}}""", "no/such")]
    public async Task A_broken_workflow_file_stops_the_start_and_is_named(string name, string text, string says)
    {
        var folder = Directory.CreateTempSubdirectory("automation-bad-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "workflows"));
            await File.WriteAllTextAsync(Path.Combine(folder, "workflows", name), text);
            await using var server = AutomationServer.Build(["--urls", "http://127.0.0.1:0", $"--contentRoot={folder}"]);
            var fault = await Assert.ThrowsAsync<BadInputException>(() => server.StartAsync());
            Assert.Contains(says, fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_broken_template_stops_the_start_and_its_line_is_named()
    {
        var folder = Directory.CreateTempSubdirectory("automation-bad-").FullName;
        try
        {
            var home = Path.Combine(folder, "templates", "welcome");
            Directory.CreateDirectory(home);
            await File.WriteAllTextAsync(Path.Combine(home, "template.json"), """{ "class": "marketing", "approach": "A2" }""");
            foreach (var part in new[] { "subject", "text" }) await File.WriteAllTextAsync(Path.Combine(home, part + ".ja.sbn"), "ok");
            await File.WriteAllTextAsync(Path.Combine(home, "html.ja.sbn"), "<p>\n{{ if }}</p>");
            await using var server = AutomationServer.Build(["--urls", "http://127.0.0.1:0", $"--contentRoot={folder}"]);
            var fault = await Assert.ThrowsAsync<BadInputException>(() => server.StartAsync());
            Assert.StartsWith("welcome/html.ja.sbn(2,", fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("--Database:Provider=Oracle", "Database:Provider")]
    [InlineData("--PublicUrl=ftp://x", "PublicUrl")]
    [InlineData("--Clock:Start=soon", "Clock:Start")]
    public void A_wrong_setting_names_itself(string setting, string named)
    {
        var fault = Assert.Throws<BadInputException>(() => AutomationServer.Build([setting]));
        Assert.Equal(named, fault.Place);
    }

    [Fact]
    public void A_moved_clock_never_sends_real_mail() =>
        Assert.Throws<BadInputException>(() => AutomationServer.Build(["--Clock:Start=2026-01-01T00:00:00Z", "--SendGrid:ApiKey=SG.key"]));
}

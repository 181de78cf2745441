using System.Net.Http.Headers;
using System.Net.Http.Json;
using Automation.Marketing.Journeys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

/// <summary>The pages around the designer, as a marketer goes through them.</summary>
[Collection(nameof(BrowserApp))]
public sealed class FlowPagesInBrowserTests(BrowserApp app)
{
    [Theory]
    [InlineData("ja", 1366)]
    [InlineData("ja", 390)]
    [InlineData("en", 1366)]
    [InlineData("en", 390)]
    public async Task Every_page_of_a_flow_shows_itself_without_complaints_and_fits_its_window(string language, int width)
    {
        await using var visit = await WatchedPage.OpenAsync(app, language, width);
        await visit.SignInAsync();
        foreach (var (name, path) in await PathsAsync())
        {
            await visit.GoAsync(path);
            Assert.False(string.IsNullOrWhiteSpace(await visit.Page.InnerTextAsync("h1")), $"{path} has no heading.");
            await visit.CheckWidthAsync(path);
            await visit.KeepPictureAsync($"{language}-{width}-{name}");
        }
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_ready_made_flow_is_published_from_one_page_and_a_person_goes_through_it()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/flows");
        await visit.Page.ClickAsync("a[href='/flows/new']");
        await visit.Page.ClickAsync("a[href='/flows/new/welcome']");
        await Assertions.Expect(visit.Page.Locator("#text-First")).ToContainTextAsync("A3");
        await visit.Page.SelectOptionAsync("#Form_First", "");
        await visit.Page.ClickAsync("#ready .btn-primary");
        await Assertions.Expect(visit.Page.Locator(".field-validation-error")).ToContainTextAsync("choose a template");
        await using var db = app.OpenDb();
        Assert.Equal(0, await db.FlowDefinitions.CountAsync(flow => flow.Name == "A club's welcome"));

        await visit.Page.FillAsync("#Form_Name", "A club's welcome");
        await visit.Page.SelectOptionAsync("#Form_Event", "document.downloaded");
        await visit.Page.SelectOptionAsync("#Form_First", "welcome/day-0");
        await visit.Page.SelectOptionAsync("#Form_Third", "");
        await visit.Page.ClickAsync("#ready .btn-primary");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("It runs.");
        await Assertions.Expect(visit.Page.Locator(".map .step")).ToHaveCountAsync(4);
        var flow = await db.FlowDefinitions.SingleAsync(one => one.Name == "A club's welcome");
        Assert.True(flow.IsPublished);

        using (var http = new HttpClient { BaseAddress = app.Address })
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningApp.ApiKey);
            (await http.PostAsJsonAsync("/api/events", new { source = "test", id = "club-1", type = "document.downloaded", contact = RunningApp.Person("club@example.com", "会田 一"), data = new { } })).EnsureSuccessStatusCode();
        }
        await app.SettleAsync();
        await visit.GoAsync($"/flows/{flow.DefinitionId}");
        await visit.Page.ClickAsync("td a[href*='/runs/']");
        await Assertions.Expect(visit.Page.Locator(".step.here")).ToHaveCountAsync(1);
        await Assertions.Expect(visit.Page.Locator(".step.done")).ToHaveCountAsync(2);
        await Assertions.Expect(visit.Page.Locator(".line")).ToContainTextAsync("Sent");
        await visit.KeepPictureAsync("en-1366-flow-run");
        await visit.GoAsync($"/flows/{flow.DefinitionId}/report");
        await Assertions.Expect(visit.Page.Locator("#step-mail-1")).ToContainTextAsync("Sent");

        await ChangeAndMoveAsync(visit, flow.DefinitionId);
        Assert.Empty(visit.Complaints);
    }

    // Settings become a draft, the draft is told apart from what counts, published, and the person inside is moved to it.
    private async Task ChangeAndMoveAsync(WatchedPage visit, string flow)
    {
        await visit.GoAsync($"/flows/{flow}/settings");
        await visit.Page.FillAsync("#Form_Priority", "70");
        await visit.Page.FillAsync("#Form_GoalWhere", "event.data.total >");
        await visit.Page.ClickAsync("main .btn-primary");
        await Assertions.Expect(visit.Page.Locator(".field-validation-error")).ToContainTextAsync("cannot be read");
        await visit.Page.FillAsync("#Form_GoalWhere", "event.data.total > 5000");
        await visit.Page.ClickAsync("main .btn-primary");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("Saved in the draft of version 2");
        await visit.Page.ClickAsync(".alert-info a");
        await Assertions.Expect(visit.Page.Locator("#changes li")).ToHaveCountAsync(2);
        await Assertions.Expect(visit.Page.Locator("#changes")).ToContainTextAsync("Priority: 50 → 70");
        await visit.KeepPictureAsync("en-1366-flow-versions-two");
        await visit.GoAsync($"/flows/{flow}/design");
        await visit.Page.ClickAsync("form[action*=Publish] button");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("Published as version 2");

        await visit.GoAsync($"/flows/{flow}/migrate?from=1");
        await Assertions.Expect(visit.Page.Locator("#counts")).ToHaveTextAsync("Moving: 1 person. Staying: 0 people.");
        await visit.Page.SelectOptionAsync("select[name=choices]", "");
        await visit.Page.ClickAsync("button[formaction*=Count]");
        await Assertions.Expect(visit.Page.Locator("#counts")).ToHaveTextAsync("Moving: 0 people. Staying: 1 person.");
        await visit.Page.SelectOptionAsync("select[name=choices]", "wait-2");
        await visit.Page.ClickAsync("button[formaction*=Count]");
        await Assertions.Expect(visit.Page.Locator("#counts")).ToHaveTextAsync("Moving: 1 person. Staying: 0 people.");
        await visit.KeepPictureAsync("en-1366-flow-migrate");
        await visit.Page.ClickAsync("button[formaction*=Move]");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("version 2");
        await app.SettleAsync();
        await using var db = app.OpenDb();
        Assert.Equal([flow + ":2"], await db.FlowInstances.Where(run => run.DefinitionId == flow).Select(run => run.DefinitionVersionId).ToListAsync());
    }

    private async Task<IReadOnlyList<(string Name, string Path)>> PathsAsync()
    {
        await using var db = app.OpenDb();
        var run = await db.FlowInstances.Where(one => one.DefinitionId == "re-nurture").OrderBy(one => one.Id).Select(one => one.Id).FirstAsync();
        if (await FlowDefinitions.FindAsync(db, "browsed", VersionOptions.Latest, default) is null)
            await app.Get<FlowDefinitions>().SaveDraftAsync(db, new FlowDraft(Faulty), "admin", app.Get<TimeProvider>().GetUtcNow(), default);
        return
        [
            ("flows", "/flows"), ("flow-new", "/flows/new"), ("flow-new-welcome", "/flows/new/welcome"), ("flow-new-hand-back", "/flows/new/hand-back"), ("flow-new-season", "/flows/new/season"), ("flow-new-thanks", "/flows/new/thanks"),
            ("flow-design", "/flows/re-nurture/design"), ("flow-design-faulty", "/flows/browsed/design"), ("flow-people", "/flows/re-nurture"), ("flow-run", $"/flows/re-nurture/runs/{run}"),
            ("flow-report", "/flows/re-nurture/report"), ("flow-report-none", "/flows/browsed/report"), ("flow-versions", "/flows/re-nurture/versions"), ("flow-settings", "/flows/re-nurture/settings"),
            ("flow-migrate-none", "/flows/browsed/migrate?from=1"),
        ];
    }

    // A mail without a template that sells without a goal, and a step that nothing leads to.
    private const string Faulty = """
        {"definitionId":"browsed","name":"下書きのシナリオ / A draft","customProperties":{"automation":{"approach":"A2"}},
         "root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
           {"id":"begin","name":"EventReceived1","type":"Automation.EventReceived","version":1,"customProperties":{"canStartWorkflow":true},"eventType":{"typeName":"String","expression":{"type":"Literal","value":"form.submitted"}}},
           {"id":"mail","name":"SendEmail1","type":"Automation.SendEmail","version":1,"template":{"typeName":"String","expression":{"type":"Literal","value":"welcome/day-3"}}},
           {"id":"again","name":"SendEmail2","type":"Automation.SendEmail","version":1,"template":{"typeName":"String","expression":{"type":"Literal","value":"there/is/none"}}},
           {"id":"alone","name":"AddTag1","type":"Automation.AddTag","version":1,"tag":{"typeName":"String","expression":{"type":"Literal","value":"x"}}}],
         "connections":[{"source":{"activity":"begin","port":"Done"},"target":{"activity":"mail","port":"In"}},{"source":{"activity":"mail","port":"Sent"},"target":{"activity":"again","port":"In"}}]}}
        """;
}

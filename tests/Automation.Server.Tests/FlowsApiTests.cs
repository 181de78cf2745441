using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests;

public sealed class FlowsApiTests
{
    [Fact]
    public async Task A_flow_and_a_run_are_paused_resumed_and_ended_over_the_api()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-16 10:00");
        var ada = await app.PostEventAsync("1", "lead.created", RunningApp.Person("ada@example.com"));
        await app.SettleAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.PutAsync("/api/flows/welcome/pause", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.PutAsync("/api/flows/welcome/pause", null)).StatusCode);
        await app.PostEventAsync("2", "lead.created", RunningApp.Person("bob@example.com"));
        await app.AdvanceAsync(TimeSpan.FromDays(4));
        Assert.Equal(["welcome/day-0 Sent"], await app.StoryAsync(ada));
        var view = (await app.Http.GetFromJsonAsync<JsonObject>("/api/flows/welcome"))!;
        Assert.Equal((1, 1, "api:setup"), (view["held"]!.GetValue<int>(), view["inside"]!.GetValue<int>(), view["pausedBy"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.DeleteAsync("/api/flows/welcome/pause?held=perhaps")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.DeleteAsync("/api/flows/welcome/pause?held=drop")).StatusCode);
        await app.SettleAsync();
        Assert.Equal(["welcome/day-0 Sent", "welcome/day-3 Sent"], await app.StoryAsync(ada));
        Guid run;
        await using (var db = app.Db()) run = await db.FlowInstances.Select(one => one.Id).SingleAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.DeleteAsync($"/api/flows/revisit/runs/{run}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.PutAsync($"/api/flows/welcome/runs/{run}/pause", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.DeleteAsync($"/api/flows/welcome/runs/{run}/pause")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.DeleteAsync($"/api/flows/welcome/runs/{run}")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.DeleteAsync($"/api/flows/welcome/runs/{run}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("/api/flows/none")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.PutAsync("/api/flows/none/pause", null)).StatusCode);
    }

    [Fact]
    public async Task A_migration_is_shown_before_it_is_done_and_bad_requests_name_their_field()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-16 10:00");
        await app.PostEventAsync("1", "lead.created", RunningApp.Person("ada@example.com"));
        await app.SettleAsync();
        var same = new { from = 1, to = 1, steps = new Dictionary<string, string> { ["wait-3-days"] = "wait-3-days" } };
        var preview = await (await app.Http.PostAsJsonAsync("/api/flows/welcome/migrations/preview", same)).Content.ReadFromJsonAsync<JsonObject>();
        Assert.Equal((1, 0), (preview!["moving"]!.GetValue<int>(), preview["staying"]!.GetValue<int>()));
        Assert.Equal("wait-3-days", preview["steps"]![0]!["target"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.PostAsJsonAsync("/api/flows/welcome/migrations", same)).StatusCode);
        foreach (var (body, field) in new (object, string)[] { (new { to = 2, steps = new { } }, "from"), (new { from = 1, to = 2 }, "steps"), (new { from = "a", to = 2, steps = new { } }, "from") })
        {
            var answer = await app.Http.PostAsJsonAsync("/api/flows/welcome/migrations", body);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal(field, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["field"]!.GetValue<string>());
        }
    }
}

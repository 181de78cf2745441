using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests.Outgoing;

public sealed class CrmApiTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_deal_is_made_changed_and_won_once_each_and_each_is_told(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-11-16 10:00");
        await using var hooks = await HookReceiver.StartAsync();
        await using (var db = app.Db()) await hooks.IsToldOfAsync(db, app.Clock.GetUtcNow(), "deal.opened", "deal.changed", "deal.won", "deal.lost");
        var ada = await app.PostEventAsync("1", "lead.created", new { email = "ada@example.com", externalId = "C-1" });
        var body = new { contact = new { externalId = "C-1" }, stage = "見積", owner = "tanaka", amount = 480000.5m, nextActionOn = "2027-04-01" };

        var made = await app.Http.PutAsJsonAsync("/api/deals/D-1", body);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var again = await app.Http.PutAsJsonAsync("/api/deals/D-1", body);
        Assert.Equal((HttpStatusCode.OK, made.Headers.ETag), (again.StatusCode, again.Headers.ETag));
        var view = (await app.Http.GetFromJsonAsync<JsonObject>("/api/deals/D-1"))!;
        Assert.Equal(
            (ada, "Open", "見積", "tanaka", 480000.5m, "2027-04-01"),
            (view["contact"]!["id"]!.GetValue<Guid>(), Text(view, "status"), Text(view, "stage"), Text(view, "owner"), view["amount"]!.GetValue<decimal>(), Text(view, "nextActionOn")));

        // Somebody else changes it; what was read before may not overwrite that, by header or by instant.
        var changed = await app.Http.PutAsJsonAsync("/api/deals/D-1", new { owner = (string?)null, stage = "提案" });
        Assert.NotEqual(made.Headers.ETag, changed.Headers.ETag);
        foreach (var late in new[] { Request("/api/deals/D-1", new { stage = "見積" }, made.Headers.ETag!.ToString()), Request("/api/deals/D-1", new { stage = "見積", updatedAt = Text(view, "updatedAt") }) })
        {
            var refused = await app.Http.SendAsync(late);
            Assert.Equal((HttpStatusCode.PreconditionFailed, changed.Headers.ETag), (refused.StatusCode, refused.Headers.ETag));
        }
        Assert.Equal(HttpStatusCode.OK, (await app.Http.SendAsync(Request("/api/deals/D-1/won", new { }, changed.Headers.ETag!.ToString()))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.PutAsync("/api/deals/D-1/won", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.PutAsJsonAsync("/api/deals/D-1/lost", new { reason = "budget" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PutAsync("/api/deals/none/won", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("/api/deals/none")).StatusCode);

        await app.SettleAsync();
        Assert.Equal(["deal.opened", "deal.changed", "deal.won"], hooks.Posts.Select(post => Text(post, "type")));
        Assert.Equal("""["stage","owner"]""", hooks.Posts.ElementAt(1)["data"]!["changed"]!.ToJsonString());
        Assert.Empty(hooks.Complaints);
        await using (var db = app.Db()) Assert.Equal((LifecycleStage.Won, false), await db.Contacts.Select(one => new ValueTuple<LifecycleStage, bool>(one.Stage, one.SalesOwned)).SingleAsync());
        Assert.Equal(
            ["Lead", "Qualified", "Accepted", "Deal", "Won"],
            (await app.Http.GetFromJsonAsync<JsonObject>("/api/lifecycle?since=2026-11-16T00:00:00Z"))!["items"]!.AsArray().Select(step => Text(step!.AsObject(), "to")));
        Assert.Equal("Won", Text((await app.Http.GetFromJsonAsync<JsonObject>($"/api/contacts/{ada}"))!, "stage"));
    }

    [Fact]
    public async Task A_lost_deal_frees_its_person_and_wrong_input_names_its_field_and_changes_nothing()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-16 10:00");
        await app.PostEventAsync("1", "lead.created", new { email = "ada@example.com", externalId = "C-1" });
        await app.PostEventAsync("2", "lead.created", new { email = "bob@example.com", externalId = "C-2" });
        foreach (var (body, field) in new (object, string)[]
        {
            (new { contact = new { externalId = "C-9" } }, "contact"),
            (new { contact = new { externalId = "C-1", email = "bob@example.com" } }, "contact"),
            (new { contact = new { phone = "1" } }, "contact.phone"),
            (new { contact = new { externalId = "C-1" }, amount = "much" }, "amount"),
            (new { contact = new { externalId = "C-1" }, nextActionOn = "tomorrow" }, "nextActionOn"),
            (new { contact = new { externalId = "C-1" }, status = "Won" }, "status"),
            (new { contact = new { externalId = "C-1" }, stage = new string('x', 201) }, "stage"),
            (new { contact = new { externalId = "C-1" }, updatedAt = "yesterday" }, "updatedAt"),
        })
        {
            var answer = await app.Http.PutAsJsonAsync("/api/deals/D-1", body);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal(field, Text((await answer.Content.ReadFromJsonAsync<JsonObject>())!, "field"));
        }
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.PutAsJsonAsync("/api/deals/D-1", new { stage = "見積" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.GetAsync("/api/deals?status=Perhaps")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.GetAsync("/api/deals?after=x")).StatusCode);
        await using (var db = app.Db()) Assert.Equal((0, 0), (await db.Deals.CountAsync(), await db.LifecycleChanges.CountAsync()));

        (await app.Http.PutAsJsonAsync("/api/deals/D-1", new { contact = new { email = "ada@example.com" }, stage = "見積" })).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.PutAsJsonAsync("/api/deals/D-1", new { contact = new { externalId = "C-2" } })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.PutAsJsonAsync("/api/deals/D-1/lost", new { reason = "bored" })).StatusCode);
        (await app.Http.PutAsJsonAsync("/api/deals/D-1/lost", new { reason = "budget" })).EnsureSuccessStatusCode();
        await using (var db = app.Db())
        {
            var ada = await db.Contacts.SingleAsync(one => one.ExternalId == "C-1");
            Assert.Equal((LifecycleStage.Lost, false), (ada.Stage, ada.SalesOwned));
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Lists_are_walked_page_by_page_without_loss_or_repetition(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-11-16 10:00");
        for (var number = 0; number < 23; number++)
        {
            await app.PostEventAsync($"{number}", "lead.created", new { email = $"p{number}@example.com", externalId = $"C-{number}" });
            (await app.Http.PutAsJsonAsync($"/api/deals/D-{number}", new { contact = new { externalId = $"C-{number}" }, owner = number % 2 == 0 ? "tanaka" : "suzuki" })).EnsureSuccessStatusCode();
        }
        foreach (var (list, count, id) in new[] { ("deals?", 23, "key"), ("deals?owner=tanaka&", 12, "key"), ("deals?status=Open&", 23, "key"), ("deals?status=Won&", 0, "key"), ("contacts?updatedSince=2026-11-16T00:00:00Z&", 23, "externalId"), ("lifecycle?", 92, "id") })
        {
            var (met, after, since) = (new List<string>(), "", "");
            do
            {
                var page = (await app.Http.GetFromJsonAsync<JsonObject>($"/api/{list}take=5&after={after}"))!;
                met.AddRange(page["items"]!.AsArray().Select(item => Text(item!.AsObject(), id)!));
                (after, since) = (Text(page, "next") ?? "", Text(page, "asOf")!);
            }
            while (after.Length > 0);
            Assert.Equal((count, count), (met.Count, met.Distinct().Count()));
            Assert.InRange(DateTimeOffset.Parse(since, null), app.Clock.GetUtcNow().AddMinutes(-2), app.Clock.GetUtcNow());
        }
        await app.AdvanceAsync(TimeSpan.FromHours(1));
        (await app.Http.PutAsJsonAsync("/api/deals/D-7", new { owner = "ito" })).EnsureSuccessStatusCode();
        var changed = (await app.Http.GetFromJsonAsync<JsonObject>("/api/deals?updatedSince=2026-11-16T01:50:00Z"))!["items"]!.AsArray();
        Assert.Equal(["D-7"], changed.Select(item => Text(item!.AsObject(), "key")));
    }

    private static HttpRequestMessage Request(string path, object body, string? tag = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(body) };
        if (tag is not null) request.Headers.TryAddWithoutValidation("If-Match", tag);
        return request;
    }

    private static string? Text(JsonObject json, string field) => json[field]?.GetValue<string>();
}

using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Server.Tests;

public sealed class FlowRequestsTests
{
    private const string Flow = """
        {"definitionId": "in", "name": "in", "version": 1, "customProperties": {"automation": {"approach": "None", "reentry": {"mode": "after-exit", "coolDown": "PT0S"}}},
         "root": {"id": "flow", "type": "Elsa.Flowchart", "version": 1, "start": "in",
          "activities": [
           {"id": "in", "type": "Elsa.HttpEndpoint", "version": 1, "customProperties": {"canStartWorkflow": true}, "path": {"typeName": "String", "expression": {"type": "Literal", "value": "orders/new"}},
            "supportedMethods": {"typeName": "Object", "expression": {"type": "Object", "value": "[\"POST\",\"GET\"]"}}},
           {"id": "tag", "type": "Automation.AddTag", "version": 1, "tag": {"typeName": "String", "expression": {"type": "Scriban", "value": "event.data.body.kind ?? event.data.query.kind"}}}],
          "connections": [{"source": {"activity": "in", "port": "Done"}, "target": {"activity": "tag", "port": "In"}}]}}
        """;

    [Fact]
    public async Task A_request_from_outside_begins_a_flow_for_the_person_it_names()
    {
        await using var app = await GivenAsync();
        using var order = new HttpRequestMessage(HttpMethod.Post, "/workflows/Orders/new") { Content = JsonContent.Create(new { email = "ada@example.com", kind = "gift" }) };
        order.Headers.Add("Idempotency-Key", "order-1");
        var answer = await app.Http.SendAsync(order);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var ada = (await answer.Content.ReadFromJsonAsync<JsonObject>())!["contactId"]!.GetValue<Guid>();
        Assert.Equal(HttpStatusCode.Accepted, (await app.Http.GetAsync("/workflows/orders/new?externalId=K-9&kind=visit")).StatusCode);
        await app.SettleAsync();
        await using var db = app.Db();
        Assert.Equal(["gift", "visit"], await db.ContactTags.OrderBy(tag => tag.Tag).Select(tag => tag.Tag).ToListAsync());
        using var again = new HttpRequestMessage(HttpMethod.Post, "/workflows/orders/new") { Content = JsonContent.Create(new { email = "ada@example.com", kind = "twice" }) };
        again.Headers.Add("Idempotency-Key", "order-1");
        var repeated = await (await app.Http.SendAsync(again)).Content.ReadFromJsonAsync<JsonObject>();
        Assert.Equal((ada, true), (repeated!["contactId"]!.GetValue<Guid>(), repeated["duplicate"]!.GetValue<bool>()));
        await app.SettleAsync();
        Assert.Equal(2, await db.FlowInstances.CountAsync());
        Assert.Equal("http.request", (await db.LeadEvents.SingleAsync(one => one.SourceId == "order-1")).Type);
    }

    [Fact]
    public async Task Who_has_no_key_names_nobody_or_goes_where_nobody_waits_changes_nothing()
    {
        await using var app = await GivenAsync();
        using var stranger = new HttpClient { BaseAddress = app.Server.Address };
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsJsonAsync("/workflows/orders/new", new { email = "ada@example.com" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PostAsJsonAsync("/workflows/orders/old", new { email = "ada@example.com" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PutAsJsonAsync("/workflows/orders/new", new { email = "ada@example.com" })).StatusCode);
        foreach (var body in new[]
        {
            "{}", "[]", "nonsense", """{"email": "nobody"}""", """{"email": "a@example.com", "email": "b@example.com"}""", """{"email": "a@example.com", "x": "\ud800"}""",
            """{"contact": {"email": "a@example.com", "shoe": 42}}""", $$"""{"email": "a@example.com", "deep": {{new string('[', 40)}}{{new string(']', 40)}}}""",
        })
        {
            var answer = await app.Http.PostAsync("/workflows/orders/new", new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.True(answer.StatusCode is HttpStatusCode.BadRequest, $"{body} gave {answer.StatusCode}");
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
        var large = await app.Http.PostAsJsonAsync("/workflows/orders/new", new { email = "a@example.com", text = new string('x', 70_000) });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        await using var db = app.Db();
        Assert.Equal((0, 0), (await db.Contacts.CountAsync(), await db.LeadEvents.CountAsync()));
    }

    private static async Task<RunningApp> GivenAsync()
    {
        var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-16 10:00");
        var flows = app.Server.App.Services.GetRequiredService<FlowDefinitions>();
        await using var db = app.Db();
        await flows.ImportAsync(db, Flow, "ada", app.Clock.GetUtcNow(), default);
        var publication = await flows.PublishAsync(db, "in", "ada", app.Clock.GetUtcNow(), default);
        Assert.True(publication.Published, string.Join('\n', publication.Findings));
        return app;
    }
}

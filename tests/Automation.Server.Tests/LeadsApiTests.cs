using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests;

public sealed class LeadsApiTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task A_hot_lead_is_listed_accepted_once_and_another_returned(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-05 15:00");   // a Friday
        await using (var db = app.Db())
        {
            db.Users.Add(new User { Id = Guid.CreateVersion7(), UserName = "kojima@example.com", Email = "kojima@example.com", DisplayName = "小島 里奈", PasswordHash = "none", Role = "sales", CreatedAt = app.Clock.GetUtcNow() });
            await db.SaveChangesAsync();
        }
        var hot = await app.PostEventAsync("1", "quote.requested", RunningApp.Person("hot@example.com"));
        var other = await app.PostEventAsync("2", "quote.requested", RunningApp.Person("other@example.com"));
        await app.SettleAsync();
        var listed = (await app.Http.GetFromJsonAsync<JsonArray>("/api/leads"))!;
        Assert.Equal(2, listed.Count);
        var lead = (await app.Http.GetFromJsonAsync<JsonObject>($"/api/leads/{hot}"))!;
        Assert.Equal((60.0, true, "waiting", "小島 里奈"), (Math.Round(lead["score"]!.GetValue<double>()), lead["hot"]!.GetValue<bool>(), lead["handOff"]!["state"]!.GetValue<string>(), lead["handOff"]!["owner"]!.GetValue<string>()));
        // Friday afternoon: Monday afternoon.
        Assert.Equal(3, (lead["handOff"]!["dueAt"]!.GetValue<DateTimeOffset>() - lead["handOff"]!["at"]!.GetValue<DateTimeOffset>()).TotalDays);

        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.PostAsJsonAsync($"/api/leads/{hot}/acceptance", new { who = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PostAsJsonAsync($"/api/leads/{Guid.NewGuid()}/acceptance", new { })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.PostAsJsonAsync($"/api/leads/{hot}/acceptance", new { owner = "小島 里奈" })).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.PostAsJsonAsync($"/api/leads/{hot}/acceptance", new { })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.Http.PostAsJsonAsync($"/api/leads/{other}/rejection", new { reason = "bored" })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.PostAsJsonAsync($"/api/leads/{other}/rejection", new { reason = "no-fit" })).StatusCode);
        Assert.Equal("rejected", (await app.Http.GetFromJsonAsync<JsonObject>($"/api/leads/{other}"))!["handOff"]!["state"]!.GetValue<string>());
        Assert.Single((await app.Http.GetFromJsonAsync<JsonArray>("/api/leads"))!);
        await using var after = app.Db();
        // The colleague was mailed of each, outside the books.
        Assert.Equal(2, await after.Notices.CountAsync(notice => notice.MailedAt != null));
        Assert.Equal(0, await after.OutboxMessages.CountAsync());
    }
}

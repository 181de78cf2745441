using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Tests;

/// <summary>Broadcasts over the API: everything that the page can ask for, and what became of it.</summary>
public sealed class BroadcastsApiTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task What_was_asked_for_is_told_and_everyone_is_accounted_for(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-11-05 20:00");
        await PeopleAsync(app, 40);
        const string Asked = """
            {"name":"開幕","template":"newsletter/monthly","audience":{"notTags":["staff"]},"overCap":"defer","validUntil":"2026-11-20T00:00:00Z","priority":40,"collapseKey":"opening",
             "options":{"local":{"at":"2026-11-06T10:00:00","past":"leaveOut"},"perHour":600,"test":{"of":"subject","a":"","b":"The season opens","share":50,"hours":2,"by":"clicks","least":1},"holdOutPercent":20,"onPaper":true}}
            """;
        var made = await PostAsync(app, Asked);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var first = (await app.Http.GetFromJsonAsync<JsonObject>(made.Headers.Location))!;
        foreach (var field in new[] { "name", "audience", "options", "priority", "collapseKey" })
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Asked)![field], first[field]), $"{field} is {first[field]?.ToJsonString()}");
        Assert.Equal(("Defer", "A1", "2026-11-20T00:00:00+00:00"), (Text(first, "overCap"), Text(first, "approach"), Text(first, "validUntil")));
        // By the first clock on earth it is ten o'clock on the evening before.
        Assert.Equal(DateTimeOffset.Parse("2026-11-05T20:00:00Z", System.Globalization.CultureInfo.InvariantCulture), first["sendAt"]!.GetValue<DateTimeOffset>());
        Assert.Null(first["report"]);

        // The rest get the better subject at the next ten o'clock.
        await app.AdvanceToAsync("2026-11-07 13:00");
        var after = (await app.Http.GetFromJsonAsync<JsonObject>(made.Headers.Location))!;
        Assert.Equal(("Done", "A"), (Text(after, "state"), Text(after, "winner")));
        var account = after["account"]!.AsArray().ToDictionary(line => $"{line!["state"]} {line["rule"]}".Trim(), line => line!["count"]!.GetValue<int>());
        Assert.Equal((41, 41), (after["recipients"]!.GetValue<int>(), account.Values.Sum()));
        Assert.Equal(1, account["OnPaper"]);
        Assert.True(account["HeldOut"] > 0 && account["Sent"] > 0, after.ToJsonString());
        var report = after["report"]!;
        Assert.Equal(account["Sent"], report["versions"]!.AsArray().Sum(line => line!["sent"]!.GetValue<int>()));
        Assert.Equal(account["Sent"], report["zones"]!.AsArray().Sum(line => line!["sent"]!.GetValue<int>()));
        Assert.Equal(account["HeldOut"], report["holdOut"]!["heldOut"]!.GetValue<int>());
        Assert.Equal(1, report["paper"]!["toPost"]!.GetValue<int>());
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_by_its_field_and_nothing_is_made()
    {
        await using var app = await RunningApp.StartAsync(DatabaseProvider.Sqlite, "2026-11-05 20:00");
        foreach (var (more, field) in new[]
                 {
                     (""" "overCap":"exit" """, "overCap"), (""" "overCap":"drop" """, "overCap"), (""" "approach":"None" """, "approach"), (""" "priority":101 """, "priority"),
                     (""" "validUntil":"2026-11-01T00:00:00Z" """, "validUntil"), (""" "capacity":5 """, "capacity"),
                     (""" "sendAt":"2026-11-06T00:00:00Z","options":{"local":{"at":"2026-11-06T10:00"}} """, "sendAt"),
                     (""" "options":{"local":{}} """, "options.local.at"), (""" "options":{"local":{"at":"2026-11-06T10:00:00Z"}} """, "options.local.at"),
                     (""" "options":{"local":{"at":"2026-11-06T10:00:00+09:00"}} """, "options.local.at"), (""" "options":{"local":{"at":"9999-12-31T23:00"}} """, "options.local.at"),
                     (""" "options":{"local":{"at":"2026-11-04T10:00"}} """, "options.local.at"), (""" "options":{"local":{"at":"2026-11-06T10:00","past":"never"}} """, "options.local.past"),
                     (""" "options":{"local":{"at":"2026-11-06T10:00","zone":"Asia/Tokyo"}} """, "options.local"),
                     (""" "options":{"perHour":0} """, "options.perHour"), (""" "options":{"perHour":"many"} """, "options.perHour"), (""" "options":{"holdOutPercent":-1} """, "options.holdOutPercent"),
                     (""" "options":{"test":{}} """, "options.test.a"), (""" "options":{"test":{"of":"colour","a":"x","b":"y"}} """, "options.test.of"),
                     (""" "options":{"test":{"of":"subject","a":"x","b":"x"}} """, "options.test.b"), (""" "options":{"test":{"of":"template","a":"newsletter/monthly","b":"no/such"}} """, "options.test.b"),
                     (""" "options":{"test":{"of":"time","a":"10:00","b":"25:00"}} """, "options.test.b"), (""" "options":{"test":{"of":"subject","a":"x","b":"y","share":1}} """, "options.test.share"),
                     (""" "options":{"test":{"of":"channel","a":"mail","b":"paper","hours":96}} """, "options.test.by"), (""" "options":{"test":{"of":"channel","a":"mail","b":"paper","by":"orders"}} """, "options.test.hours"),
                     (""" "options":{"test":{"of":"channel","a":"paper","b":"mail","by":"orders","hours":96}} """, "options.test.a"),
                     (""" "options":{"test":{"of":"subject","a":"x","b":"y","hours":0}} """, "options.test.hours"), (""" "options":{"winner":"A"} """, "options"),
                 })
        {
            using var answer = await PostAsync(app, $$"""{"name":"n","template":"newsletter/monthly",{{more}}}""");
            Assert.True(answer.StatusCode is HttpStatusCode.BadRequest, $"{more}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            var named = Text((await answer.Content.ReadFromJsonAsync<JsonObject>())!, "field");
            Assert.True(named == field || named.StartsWith(field + ".", StringComparison.Ordinal), $"{more}: {named}");
        }
        await using var db = app.Db();
        Assert.Equal(0, await db.Broadcasts.CountAsync());
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Over_a_limit_people_are_skipped_or_wait_as_was_asked(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-11-06 10:00");
        await PeopleAsync(app, 3);
        var location = new Dictionary<string, Uri>();
        await PostAsync(app, """{"name":"first","template":"newsletter/monthly"}""");
        await app.SettleAsync();
        foreach (var overCap in new[] { "skip", "defer" })
            location[overCap] = (await PostAsync(app, $$"""{"name":"{{overCap}}","template":"newsletter/monthly","overCap":"{{overCap}}"}""")).Headers.Location!;
        await app.SettleAsync();
        Assert.Equal(["Skipped"], await StatesAsync(app, location["skip"]));
        Assert.Equal(["Deferred"], await StatesAsync(app, location["defer"]));
        await app.AdvanceAsync(TimeSpan.FromDays(2));
        Assert.Equal(["Skipped"], await StatesAsync(app, location["skip"]));
        Assert.Equal(["Sent"], await StatesAsync(app, location["defer"]));
    }

    private static async Task<string[]> StatesAsync(RunningApp app, Uri broadcast) =>
        [.. (await app.Http.GetFromJsonAsync<JsonObject>(broadcast))!["account"]!.AsArray().Select(line => line!["state"]!.GetValue<string>()).Distinct()];

    private static Task<HttpResponseMessage> PostAsync(RunningApp app, string json) =>
        app.Http.PostAsync("/api/broadcasts", new StringContent(json, Encoding.UTF8, "application/json"));

    private static async Task PeopleAsync(RunningApp app, int count)
    {
        var people = Enumerable.Range(0, count).Select(at => new { source = "test", id = $"p{at}", type = "imported.contact", contact = RunningApp.Person($"p{at}@example.com") });
        (await app.Http.PostAsJsonAsync("/api/events/batch", new { events = people })).EnsureSuccessStatusCode();
        await using var db = app.Db();
        var onPaper = Marketing.Contacts.Contact.Create(Guid.CreateVersion7(), app.Clock.GetUtcNow());
        (onPaper.Name, onPaper.Address) = ("山田 太郎", "福井市1-1");
        db.Contacts.Add(onPaper);
        await db.SaveChangesAsync();
        await app.SettleAsync();
    }

    private static string Text(JsonObject from, string field) => from[field]?.ToString() ?? "";
}

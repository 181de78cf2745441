using System.Net.Http.Json;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace Automation.Server.Tests;

public sealed class WakingTests(ITestOutputHelper output)
{
    private const int Waiting = 600;
    private const int Batches = 12;
    private const int NoiseABatch = 150;
    private const int WokenABatch = 10;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task An_event_among_many_wakes_its_run_within_five_seconds_by_the_services_own_records(DatabaseProvider provider)
    {
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        await PublishAsync(app);
        await PostAsync(app, "go", Enumerable.Range(0, Waiting).Select(number => ("wait.go", number)));
        await RunningApp.EventuallyAsync(async () => await CountAsync(app, "SELECT COUNT(*) FROM flow_bookmarks") == Waiting);
        for (var batch = 0; batch < Batches; batch++)
        {
            // Half of the noise starts another flow; the runs to be woken are the last of each batch.
            var noise = Enumerable.Range(0, NoiseABatch).Select(number => (number % 2 == 0 ? "noise.go" : "noise.idle", number));
            await PostAsync(app, $"batch-{batch}", [.. noise, .. Enumerable.Range(batch * WokenABatch, WokenABatch).Select(number => ("wait.end", number))]);
        }
        await RunningApp.EventuallyAsync(async () => await CountAsync(app, "SELECT COUNT(*) FROM stimuli") == 0);
        await using var db = app.Db();
        var waited = await db.QueryAsync(
            """
            SELECT e.received_at, s.at FROM lead_events e JOIN flow_steps s ON s.contact_id = e.contact_id
            WHERE e.type = 'wait.end' AND s.activity_id = 'wait' AND s.happened = 'Completed'
            """,
            row => row.Instant(1) - row.Instant(0), default);
        output.WriteLine($"{waited.Count} runs woken, the slowest after {waited.Max().TotalSeconds:F2} s");
        Assert.Equal(Batches * WokenABatch, waited.Count);
        Assert.InRange(waited.Max(), TimeSpan.Zero, Within);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Deals_handed_back_start_their_flows_within_five_seconds_by_the_services_own_records(DatabaseProvider provider)
    {
        const int Deals = 20;
        await using var app = await RunningApp.StartAsync(provider, "2026-06-01 10:00");
        for (var number = 0; number < Deals; number++)
        {
            var person = await app.PostEventAsync($"{number}", "page.viewed", RunningApp.Person($"p{number}@example.com"));
            await using var db = app.Db();
            await DealDesk.OpenAsync(db, new NewDeal(person, $"D-{number}", new DealEdit("見積", null, null, null, null)), "sales", app.Clock.GetUtcNow(), default);
        }
        for (var number = 0; number < Deals; number++)
            (await app.Http.PostAsJsonAsync($"/api/deals/D-{number}/hand-back", new { reason = "budget" })).EnsureSuccessStatusCode();
        const string Started = "FROM hand_backs h JOIN flow_instances i ON i.contact_id = h.contact_id WHERE i.definition_id = 're-nurture'";
        await RunningApp.EventuallyAsync(async () => await CountAsync(app, "SELECT COUNT(*) " + Started) == Deals);
        await using var after = app.Db();
        var waited = await after.QueryAsync($"SELECT h.at, i.started_at {Started}", row => row.Instant(1) - row.Instant(0), default);
        output.WriteLine($"{waited.Count} flows began, the slowest after {waited.Max().TotalSeconds:F2} s");
        Assert.InRange(waited.Max(), TimeSpan.Zero, Within);
    }

    private static async Task PublishAsync(RunningApp app)
    {
        var files = Directory.CreateTempSubdirectory("automation-flows-");
        await File.WriteAllTextAsync(
            Path.Combine(files.FullName, "waits.json"),
            new FlowSketch("waits").Step("go", "Automation.EventReceived", ("eventType", "wait.go")).Step("wait", "Automation.WaitForEvent", ("eventType", "wait.end"))
                .Line("go", "Done", "wait").ToJson());
        await File.WriteAllTextAsync(
            Path.Combine(files.FullName, "noise.json"),
            new FlowSketch("noise").Step("go", "Automation.EventReceived", ("eventType", "noise.go")).Step("told", "Automation.NotifyOwner", ("message", "noise"))
                .Line("go", "Done", "told").ToJson());
        await using var db = app.Db();
        await app.Server.App.Services.GetRequiredService<FlowDefinitions>().PublishFolderAsync(db, files.FullName, app.Clock.GetUtcNow(), default);
        files.Delete(recursive: true);
    }

    private static async Task PostAsync(RunningApp app, string prefix, IEnumerable<(string Type, int Number)> events) =>
        (await app.Http.PostAsJsonAsync("/api/events/batch", new
        {
            events = events.Select((one, index) => new { source = "test", id = $"{prefix}-{index}", type = one.Type, contact = new { externalId = $"p{one.Number}" } }),
        })).EnsureSuccessStatusCode();

    private static async Task<int> CountAsync(RunningApp app, string sql)
    {
        await using var db = app.Db();
        return (await db.QueryAsync(sql, row => row.Int(0), default))[0];
    }
}

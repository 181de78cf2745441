using System.Globalization;
using System.Net.Http.Json;

namespace Automation.Benchmarks;

/// <summary>Lead events over HTTP, one by one and in batches, beside raw prepared inserts of the same rows with the same commits.</summary>
internal static class IntakeBenchmark
{
    private const int Singles = 2_000;
    private const int Batches = 20;
    private const int BatchSize = 1_000;
    private const int Connections = 8;
    private const int Measured = 5;

    public static async Task<int> RunAsync()
    {
        await using var app = await BenchmarkedApp.StartAsync();
        using var raw = new RawRows(Path.Combine(app.Folder, "automation.db"), Path.Combine(app.Folder, "floor.db"));
        await Rounds.CompareAsync(
            "intake, one event a request", Singles, Measured,
            round => Parallel.ForAsync(0, Singles, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (number, cancellation) =>
                (await app.Http.PostAsJsonAsync("/api/events", Event($"s{round}-{number}"), cancellation)).EnsureSuccessStatusCode()),
            round => FloorAsync(raw, $"s{round}", Singles, 1));
        await Rounds.CompareAsync(
            "intake, 1,000 events a request", Batches * BatchSize, Measured,
            async round =>
            {
                for (var batch = 0; batch < Batches; batch++)
                {
                    var events = Enumerable.Range(0, BatchSize).Select(number => Event($"b{round}-{batch}-{number}")).ToArray();
                    (await app.Http.PostAsJsonAsync("/api/events/batch", new { events })).EnsureSuccessStatusCode();
                }
            },
            round => FloorAsync(raw, $"b{round}", Batches * BatchSize, BatchSize));
        return 0;
    }

    private static object Event(string id) => new
    {
        source = "benchmark",
        id,
        type = "page.viewed",
        contact = new { email = $"{id}@example.com", name = "山田 花子", consent = new { basis = "opt-in", evidence = "form v1" } },
        data = new { page = "/crab" },
    };

    // The rows that one event of a new person makes.
    private static Task FloorAsync(RawRows raw, string prefix, int count, int aCommit)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        for (var first = 0; first < count; first += aCommit)
        {
            using var transaction = raw.Begin();
            for (var number = first; number < first + aCommit; number++)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number}");
                var contact = NewId();
                raw.Insert(
                    transaction, "contacts", "id, email, email_key, name, custom, sales_owned, created_at, updated_at",
                    contact, $"{id}@example.com", $"{id}@example.com", "山田 花子", "{}", 0L, now, now);
                raw.Insert(
                    transaction, "lead_events", "id, source, source_id, type, contact_id, occurred_at, received_at, data",
                    NewId(), "benchmark", id, "page.viewed", contact, now, now, """{"page":"/crab"}""");
                raw.Insert(transaction, "contact_sources", "contact_id, source, first_seen_at, last_seen_at", contact, "api:benchmark", now, now);
                raw.Insert(
                    transaction, "consent_entries", "id, contact_id, channel, topic, state, basis, source, evidence, actor, at",
                    NewId(), contact, "email", "", "Granted", "OptIn", "api:benchmark", "form v1", "api:setup", now);
                raw.Insert(
                    transaction, "stimuli", "name, key, contact_id, payload, created_at, failures",
                    "Automation.EventReceived", "page.viewed", contact, """{"type":"page.viewed","data":{"page":"/crab"}}""", now, 0L);
            }
            transaction.Commit();
        }
        return Task.CompletedTask;
    }

    private static string NewId() => Guid.CreateVersion7().ToString().ToUpperInvariant();
}

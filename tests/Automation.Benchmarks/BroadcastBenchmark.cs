using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.SendGrid;

namespace Automation.Benchmarks;

/// <summary>
/// A broadcast of 20,000 from the request to the last acceptance on record, beside its floor: posting as many prepared
/// requests of the same size to the same stand-in, plus inserting the same rows by prepared statements in batches.
/// </summary>
internal static class BroadcastBenchmark
{
    private const int People = 20_000;
    private const int Connections = 16;
    private const int RowsACommit = 500;
    private const int Measured = 5;

    // Far enough that no cap of the round before holds anyone back.
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromDays(50);

    public static async Task<int> RunAsync()
    {
        await using var app = await BenchmarkedApp.StartAsync();
        await app.AddPeopleAsync(People);
        using var raw = new RawRows(Path.Combine(app.Folder, "automation.db"), Path.Combine(app.Folder, "floor.db"));
        using var poster = new HttpClient { BaseAddress = app.StandInAddress };
        poster.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "stand-in");
        var request = Prepared();
        await Rounds.CompareAsync(
            $"broadcast of {People:N0}", People, Measured,
            round => SendAsync(app, round),
            async round =>
            {
                await Parallel.ForAsync(0, People, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (_, cancellation) =>
                {
                    using var content = new ReadOnlyMemoryContent(request);
                    content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                    (await poster.PostAsync("/v3/mail/send", content, cancellation)).EnsureSuccessStatusCode();
                });
                InsertRows(raw, round);
            });
        return 0;
    }

    private static async Task SendAsync(BenchmarkedApp app, int round)
    {
        app.Clock.MoveTo(app.Clock.GetUtcNow() + BetweenRounds);
        var made = await app.Http.PostAsJsonAsync("/api/broadcasts", new { name = $"round {round}", template = "newsletter/monthly" });
        var id = (await made.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!["id"]!.GetValue<Guid>();
        while (await app.CountAsync($"SELECT COUNT(*) FROM outbox_messages WHERE origin_id = '{id:N}' AND state = 'Sent'") < People) await Task.Delay(20);
    }

    // About what the newsletter weighs, made by the product's own client types.
    private static byte[] Prepared() => new MailSendRequest
    {
        From = new MailAddress("info@shop.example.com", "越前みなと水産"),
        Personalizations =
        [
            new Personalization
            {
                To = [new MailAddress("p1@example.com", "山田 1")],
                Subject = "今月のおたより",
                Headers = new Dictionary<string, string> { ["List-Unsubscribe"] = "<https://shop.example.com/u/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx>", ["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click" },
                CustomArgs = new Dictionary<string, string> { ["automation_message_id"] = Guid.NewGuid().ToString() },
            },
        ],
        Content = [new MailContent("text/plain", new string('あ', 700)), new MailContent("text/html", new string('x', 7000))],
        Categories = ["newsletter/monthly"],
        TrackingSettings = TrackingSettings.None,
    }.ToUtf8Json();

    private static void InsertRows(RawRows raw, int round)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var broadcast = NewId();
        for (var first = 0; first < People; first += RowsACommit)
        {
            using var transaction = raw.Begin();
            for (var number = first; number < first + RowsACommit; number++)
            {
                var (id, contact) = (NewId(), NewId());
                raw.Insert(transaction, "broadcast_recipients", "broadcast_id, contact_id, decided", broadcast, contact, 1L);
                raw.Insert(
                    transaction, "outbox_messages",
                    "id, identity, contact_id, origin, origin_id, node_id, recipient, template, class, approach, topics, over_cap, priority, context, state, "
                    + "requested_at, due_at, rule, decision, slot, slot_at, attempt, provider_message_id, subject, sent_at, delivered_count, bounced_count, "
                    + "opens_total, opens_unique, clicks_total, clicks_unique",
                    id, $"b/{round}/{contact}", contact, "Broadcast", broadcast, "", "p1@example.com", "newsletter/monthly", "Marketing", "A1", "", "Skip", 30L,
                    """{"campaign":{"name":"round"},"season":{}}""", "Sent", now, now, "", "{}", "Spent", now, 1L, "abcdefghijklmnopqrstuv", "今月のおたより", now,
                    0L, 0L, 0L, 0L, 0L, 0L);
                foreach (var state in new[] { "Queued", "Sending", "Sent" })
                    raw.Insert(transaction, "message_changes", "message_id, at, state, detail", id, now, state, "");
            }
            transaction.Commit();
        }
    }

    private static string NewId() => Guid.CreateVersion7().ToString().ToUpperInvariant();
}

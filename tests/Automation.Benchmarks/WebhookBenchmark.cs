using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Automation.Marketing.Storage;
using Automation.SendGrid;
using Automation.Server.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Benchmarks;

/// <summary>Signed bodies of 2,000 events about mails that were sent, from the post to the last event worked through, beside raw prepared inserts of the same events.</summary>
internal static class WebhookBenchmark
{
    private const int Bodies = 10;
    private const int InOneBody = 2_000;
    private const int Measured = 5;
    private const int Events = Bodies * InOneBody;

    public static async Task<int> RunAsync()
    {
        await using var app = await BenchmarkedApp.StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        app.Server.App.Services.GetRequiredService<WebhookKeys>().Keys = [WebhookKey.Parse(Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()))];
        using var raw = new RawRows(Path.Combine(app.Folder, "automation.db"), Path.Combine(app.Folder, "floor.db"));
        var messages = await SentAsync(app);
        var bodies = new Dictionary<int, List<byte[]>>();
        var ratio = await Rounds.CompareAsync(
            "webhook events", Events, Measured,
            async round =>
            {
                foreach (var body in bodies[round]) await PostAsync(app, key, body);
                while (await app.CountAsync("SELECT COUNT(*) FROM webhook_batches") > 0) await Task.Delay(10);
            },
            round => FloorAsync(raw, round, messages),
            round =>
            {
                bodies[round] = [.. messages.Chunk(InOneBody).Select(some => BodyOf(round, some))];
                return Task.CompletedTask;
            });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"webhook events: {1 / ratio:F2} of raw prepared inserts"));
        return 0;
    }

    // Mails to as many people, as they stand once they are sent.
    private static async Task<List<Guid>> SentAsync(BenchmarkedApp app)
    {
        await app.AddPeopleAsync(Events);
        await using var db = await app.Dbs.CreateDbContextAsync();
        var now = app.Clock.GetUtcNow();
        var people = await db.QueryAsync("SELECT id FROM contacts", row => row.Guid(0), default);
        var messages = people.ConvertAll(_ => Guid.CreateVersion7(now));
        await using var transaction = await db.BeginWriteAsync(default);
        await db.InsertManyAsync(
            "outbox_messages",
            [
                "id", "identity", "contact_id", "origin", "origin_id", "node_id", "recipient", "template", "class", "approach", "topics", "over_cap", "priority", "context", "state",
                "requested_at", "due_at", "rule", "decision", "slot", "slot_at", "attempt", "sent_at", "delivered_count", "bounced_count", "opens_total", "opens_unique", "clicks_total", "clicks_unique",
            ],
            [
                .. messages.Select((id, number) => new object?[]
                {
                    id, $"b/webhook/{number}", people[number], "Broadcast", "webhook", "", $"p{number}@example.com", "newsletter/monthly", "Marketing", "A1", "", "Skip", 30, "{}", "Sent",
                    now, now, "", "{}", "Spent", now, 1, now, 0, 0, 0, 0, 0, 0,
                }),
            ],
            "", default);
        await transaction.CommitAsync(default);
        return messages;
    }

    // Half of what comes is delivered, the rest is opens and clicks.
    private static byte[] BodyOf(int round, Guid[] messages)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(1_767_600_000 + round * 86_400).ToUnixTimeSeconds();
        return Encoding.UTF8.GetBytes($"[{string.Join(",\r\n", messages.Select((id, number) => Json(round, id, number, at)))}]\r\n");
    }

    private static string Json(int round, Guid id, int number, long at) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"email":"p{{number}}@example.com","timestamp":{{at + number % 4 * 60}},"event":"{{KindOf(number)}}","sg_event_id":"{{round}}-{{id:N}}","sg_message_id":"abcdefghijklmnopqrstuv.recvd-1-2.{{number}}","smtp-id":"<{{number}}@ismtpd>","ip":"192.0.2.1","useragent":"Mozilla/5.0","automation_message_id":"{{id}}"{{(KindOf(number) == "click" ? ",\"url\":\"https://shop.example.com/\"" : "")}}}""");

    private static string KindOf(int number) => (number % 4) switch { 2 => "open", 3 => "click", _ => "delivered" };

    private static async Task PostAsync(BenchmarkedApp app, ECDsa key, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json;charset=utf-8");
        content.Headers.Add(WebhookSignature.TimestampHeader, "1767600999");
        content.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Sign(key, "1767600999", body));
        (await app.Http.PostAsync("/webhooks/sendgrid", content)).EnsureSuccessStatusCode();
    }

    private static Task FloorAsync(RawRows raw, int round, List<Guid> messages)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var some in messages.Chunk(InOneBody))
        {
            using var transaction = raw.Begin();
            for (var number = 0; number < some.Length; number++)
            {
                raw.Insert(
                    transaction, "delivery_events", "id, event_key, natural_key, message_id, contact_id, kind, at, url, machine, received_at, raw",
                    NewId(), $"{round}-{some[number]:N}", Convert.ToHexString(SHA256.HashData(some[number].ToByteArray().Append((byte)round).ToArray())), NewId(), NewId(), KindOf(number), now,
                    KindOf(number) == "click" ? "https://shop.example.com/" : null, 0L, now, Json(round, some[number], number, now / 1000));
            }
            transaction.Commit();
        }
        return Task.CompletedTask;
    }

    private static string NewId() => Guid.CreateVersion7().ToString().ToUpperInvariant();
}

using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Automation.SendGrid;
using Automation.Server.Mailbox;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Benchmarks;

/// <summary>
/// A broadcast from the request to the last acceptance on record, and its floor (architecture §9): posting the same requests,
/// prepared, to the same stand-in, plus inserting the same rows by prepared statements in batches.
/// </summary>
internal sealed class BroadcastRun : IDisposable
{
    private const int Connections = 16;
    private const int RowsACommit = 500;

    // Far enough that no cap of the round before holds anyone back.
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromDays(50);

    private readonly BenchmarkedApp app;
    private readonly int people;
    private readonly string template;
    private readonly RawRows raw;
    private readonly HttpClient poster;
    private readonly RequestSample sample;

    public BroadcastRun(BenchmarkedApp app, int people, string template)
    {
        (this.app, this.people, this.template) = (app, people, template);
        raw = new RawRows(Path.Combine(app.Folder, "automation.db"), Path.Combine(app.Folder, "floor.db"));
        poster = new HttpClient { BaseAddress = app.StandInAddress };
        poster.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "stand-in");
        var carrier = app.Server.App.Services.GetRequiredService<MailCarrier>();
        sample = new RequestSample(SendGridClient.Create(new SendGridOptions { ApiKey = "stand-in", BaseAddress = app.StandInAddress }, app.Clock));
        carrier.Connect(sample, carrier.StandIn);
    }

    public async Task SendAsync(int round)
    {
        app.Clock.MoveTo(app.Clock.GetUtcNow() + BetweenRounds);
        var made = await app.Http.PostAsJsonAsync("/api/broadcasts", new { name = $"round {round}", template });
        var id = (await made.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!["id"]!.GetValue<Guid>();
        // Looked up, not counted: the look must cost nothing beside what is measured.
        while (await app.CountAsync($"SELECT COUNT(*) FROM broadcasts WHERE id = '{id.ToString().ToUpperInvariant()}' AND state = 'Done'") == 0
            || await app.CountAsync($"SELECT EXISTS (SELECT 1 FROM outbox_messages WHERE origin_id = '{id:N}' AND state IN ('Deferred', 'Queued', 'Sending'))") > 0) await Task.Delay(50);
        var sent = await app.CountAsync($"SELECT COUNT(*) FROM outbox_messages WHERE origin_id = '{id:N}' AND state = 'Sent'");
        if (sent != people) throw new InvalidOperationException($"{sent} of {people} mails were sent.");
    }

    public async Task FloorAsync(int round)
    {
        var requests = sample.Requests;
        var count = (int)Math.Ceiling((double)people / sample.MailsARequest);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (number, cancellation) =>
        {
            using var content = new ReadOnlyMemoryContent(requests[number % requests.Length]);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            (await poster.PostAsync("/v3/mail/send", content, cancellation)).EnsureSuccessStatusCode();
        });
        InsertRows(round);
    }

    public string Describe() =>
        $"{sample.MailsARequest:F1} mails and {sample.Requests.Average(request => request.Length) / 1024:F0} KiB a request";

    public void Dispose()
    {
        poster.Dispose();
        raw.Dispose();
    }

    private void InsertRows(int round)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var broadcast = NewId();
        for (var first = 0; first < people; first += RowsACommit)
        {
            using var transaction = raw.Begin();
            for (var number = first; number < Math.Min(people, first + RowsACommit); number++)
            {
                var (id, contact) = (NewId(), NewId());
                raw.Insert(transaction, "broadcast_recipients", "broadcast_id, contact_id", broadcast, contact);
                raw.Insert(
                    transaction, "outbox_messages",
                    "id, identity, contact_id, origin, origin_id, node_id, recipient, template, class, approach, topics, over_cap, priority, context, state, "
                    + "requested_at, due_at, rule, decision, slot, slot_at, attempt, provider_message_id, subject, sent_at, delivered_count, bounced_count, "
                    + "opens_total, opens_unique, clicks_total, clicks_unique",
                    id, $"b/{round}/{contact}", contact, "Broadcast", broadcast, "", "p1@example.com", template, "Marketing", "A1", "", "Skip", 30L,
                    """{"campaign":{"name":"round"},"season":{}}""", "Sent", now, now, "", "{}", "Spent", now, 1L, "abcdefghijklmnopqrstuv", "今月のおたより", now,
                    0L, 0L, 0L, 0L, 0L, 0L);
                foreach (var state in new[] { "Queued", "Sending", "Sent" })
                    raw.Insert(transaction, "message_changes", "message_id, at, state, detail", id, now, state, "");
            }
            transaction.Commit();
        }
    }

    private static string NewId() => Guid.CreateVersion7().ToString().ToUpperInvariant();

    /// <summary>Keeps some of the requests that the product makes, to be posted again as the floor.</summary>
    private sealed class RequestSample(ISendGridClient inner) : ISendGridClient
    {
        private const int Kept = 40;
        private readonly ConcurrentQueue<byte[]> kept = new();
        private long requests;
        private long mails;

        public byte[][] Requests => [.. kept];

        public double MailsARequest => (double)Interlocked.Read(ref mails) / Interlocked.Read(ref requests);

        public Task<SendResult> SendAsync(MailSendRequest request, CancellationToken cancellation)
        {
            Interlocked.Increment(ref requests);
            Interlocked.Add(ref mails, request.Personalizations.Count);
            if (kept.Count < Kept) kept.Enqueue(request.ToUtf8Json());
            return inner.SendAsync(request, cancellation);
        }

        public Task<SendResult> SendAsync(ReadOnlyMemory<byte> json, CancellationToken cancellation) => inner.SendAsync(json, cancellation);
    }
}

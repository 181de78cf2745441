using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.SendGrid;
using Automation.SendGrid.StandIn.Tests;
using Automation.SendGrid.Tests.Webhooks;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace Automation.Server.Tests.Sending;

/// <summary>The Event Webhook over HTTP: what is taken, what is refused, what takes effect.</summary>
public sealed class WebhookTests(ITestOutputHelper output)
{
    private const int InOneBody = 2_000;

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory, MemberData(nameof(Both))]
    public async Task Each_recorded_post_is_taken_or_refused_as_expected_and_each_event_is_believed_once(DatabaseProvider provider)
    {
        if (SharedFiles.Folder("sendgrid/samples/webhook") is not { } folder) return;
        var samples = WebhookSample.All(folder);
        Assert.Equal(WebhookSample.Expected, samples.Count);
        await using var given = await RunningApp.StartAsync(provider, "2026-01-02 10:00", $"--SendGrid:Webhook:PublicKeys:0={WebhookSample.PublicKey(folder)}");
        foreach (var sample in samples)
        {
            var before = await EventsAsync(given);
            var status = await PostAsync(given, sample.Body, sample.Timestamp, sample.Signature);
            Assert.True(sample.IsTaken == ((int)status is >= 200 and < 300), $"{sample.File}: {status}");
            await given.SettleAsync();
            Assert.True(sample.NewEvents == await EventsAsync(given) - before, $"{sample.File}: {await EventsAsync(given) - before} new events");
        }
        output.WriteLine($"{samples.Count} posts behave as expected on {provider}");
        await using var db = given.Db();
        Assert.Equal(0, (await db.QueryAsync("SELECT COUNT(*) FROM webhook_batches", row => row.Int(0), default))[0]);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_body_of_2000_events_with_bad_ones_among_them_is_taken_whole_and_twice_changes_nothing(DatabaseProvider provider)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var given = await RunningApp.StartAsync(
            provider, "2026-01-02 10:00", $"--SendGrid:Webhook:PublicKeys:0={Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}");
        var body = Encoding.UTF8.GetBytes($"[{string.Join(",\r\n", Enumerable.Range(0, InOneBody).Select(Event))},7,{{\"event\":null}},\"x\"]\r\n");
        for (var times = 0; times < 2; times++)
        {
            Assert.Equal(HttpStatusCode.NoContent, await PostAsync(given, body, "1767225999", WebhookSignature.Sign(key, "1767225999", body)));
            await given.SettleAsync();
            Assert.Equal(InOneBody, await EventsAsync(given));
        }
    }

    private static string Event(int number) =>
        $$"""{"email":"p{{number}}@example.com","timestamp":1767225605,"event":"delivered","sg_event_id":"e{{number}}","sg_message_id":"m.{{number}}"}""";

    private static async Task<HttpStatusCode> PostAsync(RunningApp given, byte[] body, string? timestamp, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(given.Server.Address, "webhooks/sendgrid")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json;charset=utf-8");
        if (timestamp is not null) request.Headers.TryAddWithoutValidation(WebhookSignature.TimestampHeader, timestamp);
        if (signature is not null) request.Headers.TryAddWithoutValidation(WebhookSignature.SignatureHeader, signature);
        using var http = new HttpClient();
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<int> EventsAsync(RunningApp given)
    {
        await using var db = given.Db();
        return await db.DeliveryEvents.CountAsync();
    }
}

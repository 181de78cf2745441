using System.Text;
using System.Text.Json;

namespace Automation.SendGrid.Tests.Webhooks;

/// <summary>One recorded post: headers, raw body and what a receiver is expected to do with it.</summary>
internal sealed record WebhookSample(string File, string? Timestamp, string? Signature, byte[] Body, bool IsTaken, int NewEvents)
{
    public const int Expected = 17;

    public static string PublicKey(string folder) => System.IO.File.ReadAllText(Path.Combine(folder, "test-only-public-key.txt")).Trim();

    public static List<WebhookSample> All(string folder)
    {
        using var expectations = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(folder, "expectations.json")));
        return [.. expectations.RootElement.GetProperty("cases").EnumerateArray().Select(one => Read(folder, one))];
    }

    private static WebhookSample Read(string folder, JsonElement one)
    {
        var file = one.GetProperty("file").GetString()!;
        using var sample = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(folder, file)));
        var headers = sample.RootElement.GetProperty("headers");
        var expect = one.GetProperty("expect");
        return new WebhookSample(
            file,
            Header(headers, WebhookSignature.TimestampHeader),
            Header(headers, WebhookSignature.SignatureHeader),
            Encoding.UTF8.GetBytes(sample.RootElement.GetProperty("body").GetString()!),
            expect.GetProperty("http").GetString() == "2xx",
            expect.GetProperty("events").GetInt32());
    }

    private static string? Header(JsonElement headers, string name) => headers.TryGetProperty(name, out var value) ? value.GetString() : null;
}

using System.Text.Json;

namespace Automation.SendGrid;

/// <summary>Reads what the Event Webhook posts, loosely: unknown kinds and properties are kept, bad elements are reported, the rest is read.</summary>
public static class WebhookEvents
{
    /// <summary>The custom argument that carries the sender's own message id.</summary>
    public const string MessageIdArgument = "automation_message_id";
    private static readonly JsonDocumentOptions Loose = new() { MaxDepth = 256 };

    /// <param name="body">UTF-8, already verified.</param>
    /// <param name="messageIdArgument">Custom argument that identifies a message in <see cref="WebhookEvent.NaturalKey"/>.</param>
    /// <exception cref="WebhookFormatException">The body is not a JSON array.</exception>
    public static WebhookBatch Read(ReadOnlyMemory<byte> body, string messageIdArgument = MessageIdArgument)
    {
        using var json = Parse(body);
        if (json.RootElement.ValueKind is not JsonValueKind.Array)
            throw new WebhookFormatException($"An array of events is expected; the body is a JSON {json.RootElement.ValueKind}.");
        var events = new List<WebhookEvent>(json.RootElement.GetArrayLength());
        var errors = new List<WebhookEventError>();
        foreach (var element in json.RootElement.EnumerateArray())
        {
            var index = events.Count + errors.Count;
            var (read, fault) = new WebhookElement(element, index, messageIdArgument).Read();
            if (read is not null) events.Add(read);
            else errors.Add(new WebhookEventError(index, fault!, LooseJson.Raw(element)));
        }

        return new WebhookBatch(events, errors);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, Loose);
        }
        catch (JsonException broken)
        {
            throw new WebhookFormatException(
                $"The body is not JSON: line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}.", broken);
        }
    }
}

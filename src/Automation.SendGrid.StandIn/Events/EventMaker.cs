using System.Buffers;
using System.Buffers.Text;
using System.Collections.Frozen;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Automation.SendGrid.StandIn;

/// <summary>What an event says beside its mail.</summary>
/// <param name="Type">As in <see cref="EventKinds"/>.</param>
/// <param name="At">When it happened.</param>
/// <param name="Url">Of a click.</param>
/// <param name="Machine">An open by a mail program's privacy proxy.</param>
/// <param name="WithoutIds">Leaves <c>sg_event_id</c> and <c>sg_message_id</c> out.</param>
internal sealed record EventWish(string Type, DateTimeOffset At, string? Url = null, bool Machine = false, bool WithoutIds = false);

/// <summary>Writes events as SendGrid does: custom arguments at the top level, whole seconds, a message id that begins with the request's.</summary>
internal static class EventMaker
{
    private const string Browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36";
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // SendGrid's own value wins over an argument of the same name.
    private static readonly FrozenSet<string> Reserved = FrozenSet.Create(
        "email", "timestamp", "event", "smtp-id", "category", "sg_event_id", "sg_message_id", "asm_group_id", "reason", "status", "response",
        "attempt", "type", "bounce_classification", "useragent", "ip", "url", "url_offset", "sg_machine_open", "sg_content_type", "tls", "send_at");

    public static (RecordedEvent Event, byte[] Json) Make(RecordedMail mail, EventWish wish, long number)
    {
        var id = Id(mail, wish.Type, number);
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            Common(json, mail, wish, id);
            Particular(json, mail, wish);
            Arguments(json, mail);
            json.WriteEndObject();
        }

        return (new RecordedEvent(wish.Type, wish.At, number, wish.Url), bytes.WrittenSpan.ToArray());
    }

    /// <summary><c>sg_event_id</c>: different for every event ever made.</summary>
    public static string Id(RecordedMail mail, string type, long number) =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{type}-{mail.Index}-{number}-{mail.Request.Id}-0"));

    private static void Common(Utf8JsonWriter json, RecordedMail mail, EventWish wish, string id)
    {
        json.WriteString("email"u8, mail.To);
        json.WriteNumber("timestamp"u8, wish.At.ToUnixTimeSeconds());
        json.WriteString("smtp-id"u8, $"<{mail.Request.Id}@stand-in>");
        json.WriteString("event"u8, EventKinds.All[wish.Type].Event);
        if (mail.Request.Categories is { } categories)
        {
            json.WritePropertyName("category"u8);
            json.WriteRawValue(categories, skipInputValidation: true);
        }

        if (mail.Request.AsmGroupId is { } group) json.WriteNumber("asm_group_id"u8, group);
        if (wish.WithoutIds) return;
        json.WriteString("sg_event_id"u8, id);
        json.WriteString("sg_message_id"u8, $"{mail.Request.Id}.recvd-standin-1-{mail.Request.At.ToUnixTimeSeconds():X}-{mail.Index}.0");
    }

    private static void Particular(Utf8JsonWriter json, RecordedMail mail, EventWish wish)
    {
        switch (wish.Type)
        {
            case "delivered":
                json.WriteString("response"u8, "250 2.0.0 OK");
                json.WriteString("ip"u8, "192.0.2.10");
                json.WriteNumber("tls"u8, 1);
                break;
            case "deferred":
                json.WriteString("response"u8, "451 4.7.1 try later");
                json.WriteString("attempt"u8, (mail.Events.Count(before => before.Type == "deferred") + 1).ToString());
                break;
            case "bounce": Failure(json, "550 5.1.1 user unknown", "5.1.1", "Invalid Address", "bounce"); break;
            case "blocked": Failure(json, "452 4.2.2 mailbox full", "4.2.2", "Mailbox Unavailable", "blocked"); break;
            case "dropped":
                json.WriteString("reason"u8, "Bounced Address");
                json.WriteString("status"u8, "5.0.0");
                break;
            case "open":
                Reader(json, wish);
                json.WriteBoolean("sg_machine_open"u8, wish.Machine);
                json.WriteString("sg_content_type"u8, "html");
                break;
            case "click" or "group_unsubscribe" or "group_resubscribe":
                Reader(json, wish);
                json.WriteString("url"u8, wish.Url ?? "");
                break;
            case "unsubscribe": Reader(json, wish); break;
            default: break;
        }
    }

    private static void Failure(Utf8JsonWriter json, string reason, string status, string classification, string type)
    {
        json.WriteString("reason"u8, reason);
        json.WriteString("status"u8, status);
        json.WriteString("bounce_classification"u8, classification);
        json.WriteString("type"u8, type);
        json.WriteString("ip"u8, "192.0.2.10");
    }

    private static void Reader(Utf8JsonWriter json, EventWish wish)
    {
        json.WriteString("useragent"u8, wish.Machine ? "Mozilla/5.0" : Browser);
        json.WriteString("ip"u8, "198.51.100.7");
    }

    private static void Arguments(Utf8JsonWriter json, RecordedMail mail)
    {
        if (mail.CustomArgs is not { } arguments) return;
        using var parsed = JsonDocument.Parse(arguments);
        foreach (var argument in parsed.RootElement.EnumerateObject())
            if (!Reserved.Contains(argument.Name)) argument.WriteTo(json);
    }
}

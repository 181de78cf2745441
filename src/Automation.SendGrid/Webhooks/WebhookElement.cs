using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Automation.SendGrid;

/// <summary>One element of the array on its way to a <see cref="WebhookEvent"/>.</summary>
internal sealed class WebhookElement(JsonElement element, int index, string messageIdArgument)
{
    private const long LatestUnixSecond = 253_402_300_799;   // end of year 9999, the last a DateTimeOffset can hold

    // SendGrid's own properties that nothing here needs: not to be taken for custom arguments.
    private static readonly FrozenSet<string> OtherOwnNames = FrozenSet.Create(
        "smtp-id", "send_at", "pool", "tls", "cert_err", "url_offset", "sg_content_type", "sg_template_id", "sg_template_name",
        "newsletter", "marketing_campaign_id", "marketing_campaign_name");

    private readonly Dictionary<string, string> _arguments = [];
    private readonly List<string> _categories = [];
    private string? _name, _email, _eventId, _messageId, _url, _reason, _response, _status, _type, _classification, _userAgent, _ip;
    private long? _timestamp, _group, _attempt;
    private bool _machineOpen;

    public (WebhookEvent? Event, string? Fault) Read()
    {
        if (element.ValueKind is not JsonValueKind.Object) return (null, $"An object is expected, not {element.ValueKind}.");
        foreach (var property in element.EnumerateObject()) Take(property);
        if (string.IsNullOrEmpty(_name)) return (null, "The property event is missing.");
        if (_timestamp is not (>= 0 and <= LatestUnixSecond)) return (null, "The property timestamp is not in Unix seconds.");
        return (Event(), null);
    }

    private void Take(JsonProperty property)
    {
        if (Name(property) is not { } name) return;
        var value = property.Value;
        switch (name)
        {
            case "event": _name = LooseJson.Text(value); break;
            case "email": _email = LooseJson.Text(value); break;
            case "timestamp": _timestamp = LooseJson.Whole(value); break;
            case "sg_event_id": _eventId = NotEmpty(value); break;
            case "sg_message_id": _messageId = NotEmpty(value); break;
            case "url": _url = LooseJson.Text(value); break;
            case "reason": _reason = LooseJson.Text(value); break;
            case "response": _response = LooseJson.Text(value); break;
            case "status": _status = LooseJson.Text(value); break;
            case "type": _type = LooseJson.Text(value); break;
            case "bounce_classification": _classification = LooseJson.Text(value); break;
            case "useragent": _userAgent = LooseJson.Text(value); break;
            case "ip": _ip = LooseJson.Text(value); break;
            case "sg_machine_open": _machineOpen = LooseJson.Truth(value); break;
            case "asm_group_id": _group = LooseJson.Whole(value); break;
            case "attempt": _attempt = LooseJson.Whole(value); break;
            case "category": Categories(value); break;
            default:
                if (!OtherOwnNames.Contains(name) && LooseJson.Text(value) is { } text) _arguments[name] = text;
                break;
        }
    }

    private static string? Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;   // a name that is no text names nothing we know; it stays in Raw
        }
    }

    private static string? NotEmpty(JsonElement value) => LooseJson.Text(value) is { Length: > 0 } text ? text : null;

    private void Categories(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Array)
            _categories.AddRange(value.EnumerateArray().Select(LooseJson.Text).OfType<string>());
        else if (LooseJson.Text(value) is { } one)
            _categories.Add(one);
    }

    private WebhookEvent Event() => new()
    {
        Index = index,
        Kind = Kind(),
        Name = _name!,
        Timestamp = DateTimeOffset.FromUnixTimeSeconds(_timestamp!.Value),
        Email = _email,
        EventId = _eventId,
        ProviderMessageId = _messageId,
        Url = _url,
        Reason = _reason ?? _response,
        Status = _status,
        BounceType = _type,
        Classification = _classification,
        UserAgent = _userAgent,
        Ip = _ip,
        MachineOpen = _machineOpen,
        AsmGroupId = _group is >= int.MinValue and <= int.MaxValue ? (int)_group : null,
        Attempt = _attempt is >= 0 and <= int.MaxValue ? (int)_attempt : null,
        Categories = _categories,
        CustomArgs = _arguments,
        Raw = LooseJson.Raw(element),
        NaturalKey = NaturalKey(),
    };

    private WebhookEventKind Kind() => _name switch
    {
        "processed" => WebhookEventKind.Processed,
        "deferred" => WebhookEventKind.Deferred,
        "delivered" => WebhookEventKind.Delivered,
        "bounce" when string.Equals(_type, "blocked", StringComparison.OrdinalIgnoreCase) => WebhookEventKind.Blocked,
        "bounce" => WebhookEventKind.Bounce,
        "blocked" => WebhookEventKind.Blocked,
        "dropped" => WebhookEventKind.Dropped,
        "open" => WebhookEventKind.Open,
        "click" => WebhookEventKind.Click,
        "spamreport" => WebhookEventKind.SpamReport,
        "unsubscribe" => WebhookEventKind.Unsubscribe,
        "group_unsubscribe" => WebhookEventKind.GroupUnsubscribe,
        "group_resubscribe" => WebhookEventKind.GroupResubscribe,
        _ => WebhookEventKind.Other,
    };

    private string NaturalKey()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(sha, _name);
        Append(sha, _arguments.GetValueOrDefault(messageIdArgument) ?? _messageId);
        Append(sha, _email?.ToLowerInvariant());
        Append(sha, _timestamp.ToString());
        Append(sha, _url);
        Append(sha, _group.ToString());
        return Convert.ToHexStringLower(sha.GetHashAndReset().AsSpan(0, 16));
    }

    // Lengths go in first, so that no two different lists of fields give the same bytes.
    private static void Append(IncrementalHash sha, string? field)
    {
        var bytes = Encoding.UTF8.GetBytes(field ?? "");
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        sha.AppendData(length);
        sha.AppendData(bytes);
    }
}

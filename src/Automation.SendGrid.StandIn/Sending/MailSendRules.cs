using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Automation.SendGrid.StandIn;

/// <summary>
/// What SendGrid refuses in a <c>mail/send</c> body: the shape of every property and the documented limits. Unknown properties are
/// refused as well, which the live API does not do, so that a misspelt one of ours does not go unnoticed.
/// </summary>
internal sealed class MailSendRules
{
    private readonly List<SendGridError> _errors = [];
    private readonly long _latestSendAt;
    private bool _hasFrom, _hasPersonalizations, _hasContent, _hasSubject, _everyoneHasSubject = true, _hasSubstitutions;
    private bool _hasReplyTo, _hasReplyToList;
    private string? _template;
    private int _recipients;
    private int _sharedArgumentBytes;

    private MailSendRules(DateTimeOffset now) => _latestSendAt = (now + MailSendLimits.FurthestAhead).ToUnixTimeSeconds();

    public static IReadOnlyList<SendGridError> Check(JsonElement request, DateTimeOffset now)
    {
        var rules = new MailSendRules(now);
        rules.Request(request);
        return rules._errors;
    }

    private void Request(JsonElement request)
    {
        if (request.ValueKind is not JsonValueKind.Object)
        {
            Add(null, "The request must be a JSON object.");
            return;
        }

        // Message-level arguments count against every personalization, which may stand before them.
        if (request.TryGetProperty("custom_args"u8, out var shared)) _sharedArgumentBytes = Arguments(shared, "custom_args", 0);
        foreach (var property in request.EnumerateObject()) Property(property.Name, property.Value);
        Whole();
    }

    private void Property(string name, JsonElement value)
    {
        switch (name)
        {
            case "personalizations": _hasPersonalizations = true; Personalizations(value); break;
            case "from": _hasFrom = true; Address(value, name); break;
            case "reply_to": _hasReplyTo = true; Address(value, name); break;
            case "reply_to_list": _hasReplyToList = true; ReplyToList(value); break;
            case "subject": _hasSubject = true; Text(value, name, least: 1); break;
            case "content": _hasContent = true; Content(value); break;
            case "attachments": Each(value, name, Attachment); break;
            case "template_id": if (Text(value, name)) _template = value.GetString(); break;
            case "headers": Headers(value, name); break;
            case "categories": Categories(value); break;
            case "custom_args": break;
            case "send_at": SendAt(value, name); break;
            case "batch_id": Text(value, name); break;
            case "asm": Asm(value); break;
            case "ip_pool_name": Text(value, name, MailSendLimits.PoolNameShortest, MailSendLimits.PoolNameLongest); break;
            case "mail_settings": Settings(value, name, MailSettings); break;
            case "tracking_settings": Settings(value, name, TrackingSettings); break;
            default: Unknown(name); break;
        }
    }

    private void Whole()
    {
        if (!_hasFrom) Add("from", "The sender is required.");
        if (!_hasPersonalizations) Add("personalizations", "At least one personalization is required.");
        if (!_hasContent && _template is null) Add("content", "Content is required unless a template is named.");
        if (!_hasSubject && !_everyoneHasSubject && _template is null)
            Add("subject", "A subject is required for the message or for every personalization.");
        if (_hasReplyTo && _hasReplyToList) Add("reply_to", "reply_to and reply_to_list exclude each other.");
        if (_recipients > MailSendLimits.Recipients)
            Add("personalizations", $"The request has {_recipients} recipients; the limit is {MailSendLimits.Recipients}.");
        if (_hasSubstitutions && _template is ['d', '-', ..])
            Add("personalizations.0.substitutions", "A dynamic template takes dynamic_template_data, not substitutions.");
    }

    private void Personalizations(JsonElement all)
    {
        if (!Array(all, "personalizations")) return;
        var count = all.GetArrayLength();
        if (count is 0 or > MailSendLimits.Personalizations)
            Add("personalizations", $"There are {count} personalizations; 1 to {MailSendLimits.Personalizations} are taken.");
        if (count > MailSendLimits.Personalizations) return;
        var index = 0;
        foreach (var one in all.EnumerateArray()) Personalization(one, $"personalizations.{index++}");
    }

    private void Personalization(JsonElement one, string field)
    {
        if (!Object(one, field)) return;
        bool hasTo = false, hasSubject = false;
        foreach (var property in one.EnumerateObject())
        {
            var value = property.Value;
            switch (property.Name)
            {
                case "to": hasTo = true; Recipients(value, $"{field}.to", least: 1); break;
                case "cc": Recipients(value, $"{field}.cc"); break;
                case "bcc": Recipients(value, $"{field}.bcc"); break;
                case "from": Address(value, $"{field}.from"); break;
                case "subject": hasSubject = true; Text(value, $"{field}.subject", least: 1); break;
                case "headers": Headers(value, $"{field}.headers"); break;
                case "substitutions": Substitutions(value, $"{field}.substitutions"); break;
                case "dynamic_template_data": Object(value, $"{field}.dynamic_template_data"); break;
                case "custom_args": Arguments(value, $"{field}.custom_args", _sharedArgumentBytes); break;
                case "send_at": SendAt(value, $"{field}.send_at"); break;
                default: Unknown($"{field}.{property.Name}"); break;
            }
        }

        _everyoneHasSubject &= hasSubject;
        if (!hasTo) Add($"{field}.to", "At least one recipient is required.");
        else Twice(one, field);
    }

    private void Recipients(JsonElement list, string field, int least = 0)
    {
        if (!Array(list, field)) return;
        var count = list.GetArrayLength();
        _recipients += count;
        if (count < least) Add(field, "At least one recipient is required.");
        if (count > MailSendLimits.Recipients) Add(field, $"At most {MailSendLimits.Recipients} recipients.");
        var index = 0;
        foreach (var address in list.EnumerateArray())
        {
            var place = $"{field}.{index++}";
            Address(address, place);
            if (TextOf(address, "name"u8) is { } name && name.AsSpan().IndexOfAny(';', ',') >= 0)
                Add($"{place}.name", "A recipient's name has no semicolon or comma.");
        }
    }

    private void Twice(JsonElement one, string field)
    {
        var addresses = MailFacts.Addresses(one);
        if (addresses.Count < 2) return;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (!addresses.All(seen.Add)) Add(field, "An address may appear once over to, cc and bcc.");
    }

    private void Address(JsonElement address, string field)
    {
        if (!Object(address, field)) return;
        var hasEmail = false;
        foreach (var property in address.EnumerateObject())
        {
            if (property.NameEquals("email"u8))
            {
                hasEmail = true;
                Email(property.Value, $"{field}.email");
            }
            else if (property.NameEquals("name"u8))
            {
                Text(property.Value, $"{field}.name");
            }
            else
            {
                Unknown($"{field}.{property.Name}");
            }
        }

        if (!hasEmail) Add($"{field}.email", "The address is required.");
    }

    private void Email(JsonElement value, string field)
    {
        if (!Text(value, field)) return;
        var email = value.GetString()!;
        if (email.Length > MailSendLimits.AddressCharacters)
            Add(field, $"An address has at most {MailSendLimits.AddressCharacters} characters.");
        else if (!AddressSyntax.IsPlausible(email))
            Add(field, "Not a valid address.");
    }

    private void ReplyToList(JsonElement list)
    {
        Each(list, "reply_to_list", Address);
        if (list.ValueKind is not JsonValueKind.Array) return;
        if (list.GetArrayLength() > MailSendLimits.Recipients) Add("reply_to_list", $"At most {MailSendLimits.Recipients} addresses.");
        var seen = new HashSet<(string?, string?)>();
        if (!list.EnumerateArray().All(address => seen.Add((TextOf(address, "email"u8), TextOf(address, "name"u8)))))
            Add("reply_to_list", "Addresses must differ.");
    }

    private void Content(JsonElement list)
    {
        if (!Array(list, "content")) return;
        if (list.GetArrayLength() == 0) Add("content", "At least one content block is required.");
        int index = 0, before = 0;
        foreach (var block in list.EnumerateArray())
        {
            var field = $"content.{index++}";
            Fields(block, field, ["type", "value"], (name, value) => Text(value, $"{field}.{name}", least: 1), "type", "value");
            var rank = TextOf(block, "type"u8) switch { "text/plain" => 0, "text/html" => 1, _ => 2 };
            if (rank < before) Add("content", "The order is text/plain, then text/html, then other types.");
            before = rank;
        }
    }

    private void Attachment(JsonElement attachment, string field) =>
        Fields(attachment, field, ["content", "filename"], (name, value) => AttachmentField(name, value, $"{field}.{name}"),
            "content", "type", "filename", "disposition", "content_id");

    private void AttachmentField(string name, JsonElement value, string field)
    {
        if (!Text(value, field, least: name is "content" or "type" ? 1 : 0)) return;
        if (name == "content" && !System.Buffers.Text.Base64.IsValid(value.GetString())) Add(field, "The content must be Base64.");
        if (name == "disposition" && value.GetString() is not ("inline" or "attachment"))
            Add(field, "The disposition is inline or attachment.");
    }

    private void Headers(JsonElement headers, string field)
    {
        if (!Object(headers, field)) return;
        foreach (var header in headers.EnumerateObject())
        {
            var name = header.Name;
            if (name.Length == 0 || name.AsSpan().ContainsAnyExceptInRange('!', '~') || name.Contains(':'))
                Add(field, "Header names are ASCII without blanks or colons.");
            else if (MailSendLimits.ReservedHeaders.Contains(name))
                Add(field, $"The header {name} is reserved.");
            if (header.Value.ValueKind is not JsonValueKind.String) Add(field, $"The header {name} must be a string.");
        }
    }

    private void Substitutions(JsonElement map, string field)
    {
        if (!Object(map, field)) return;
        _hasSubstitutions = true;
        var bytes = 0;
        foreach (var one in map.EnumerateObject())
        {
            if (Text(one.Value, $"{field}.{one.Name}")) bytes += Encoding.UTF8.GetByteCount(one.Name) + Utf8Length(one.Value);
        }

        if (bytes > MailSendLimits.SubstitutionsBytes)
            Add(field, $"Substitutions have {bytes} bytes; the limit is {MailSendLimits.SubstitutionsBytes}.");
    }

    private int Arguments(JsonElement map, string field, int bytesBefore)
    {
        if (!Object(map, field)) return 0;
        int bytes = 0, count = 0;
        foreach (var one in map.EnumerateObject())
        {
            count++;
            if (one.Value.ValueKind is JsonValueKind.String) bytes += Encoding.UTF8.GetByteCount(one.Name) + Utf8Length(one.Value);
            else Add(field, "Custom arguments are strings.");
        }

        if (count == 0) Add(field, "Custom arguments must not be empty.");
        if (bytes + bytesBefore > MailSendLimits.CustomArgsBytes)
            Add(field, $"Custom arguments have {bytes + bytesBefore} bytes; the limit is {MailSendLimits.CustomArgsBytes}.");
        return bytes;
    }

    private void Categories(JsonElement list)
    {
        if (!Array(list, "categories")) return;
        if (list.GetArrayLength() > MailSendLimits.Categories) Add("categories", $"At most {MailSendLimits.Categories} categories.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var category in list.EnumerateArray())
        {
            var field = $"categories.{index++}";
            if (!Text(category, field, least: 1, most: MailSendLimits.CategoryCharacters)) continue;
            var text = category.GetString()!;
            if (text.AsSpan().ContainsAnyExceptInRange(' ', '~')) Add(field, "A category is printable ASCII.");
            if (!seen.Add(text)) Add("categories", "Categories must differ.");
        }
    }

    private void SendAt(JsonElement value, string field)
    {
        if (Integer(value, field) is { } at && at > _latestSendAt) Add(field, "Sending can be at most 72 hours ahead.");
    }

    private void Asm(JsonElement asm) => Fields(asm, "asm", ["group_id"], AsmField, "group_id", "groups_to_display");

    private void AsmField(string name, JsonElement value)
    {
        if (name == "group_id")
        {
            Integer(value, "asm.group_id");
            return;
        }

        Each(value, "asm.groups_to_display", (group, field) => Integer(group, field));
        if (value.ValueKind is JsonValueKind.Array && value.GetArrayLength() > MailSendLimits.GroupsToDisplay)
            Add("asm.groups_to_display", $"At most {MailSendLimits.GroupsToDisplay} groups.");
    }

    // Each setting: its texts; all have "enable", some a second switch.
    private static readonly Dictionary<string, string[]> MailSettings = new()
    {
        ["bypass_list_management"] = [],
        ["bypass_spam_management"] = [],
        ["bypass_bounce_management"] = [],
        ["bypass_unsubscribe_management"] = [],
        ["footer"] = ["text", "html"],
        ["sandbox_mode"] = [],
    };

    private static readonly Dictionary<string, string[]> TrackingSettings = new()
    {
        ["click_tracking"] = [],
        ["open_tracking"] = ["substitution_tag"],
        ["subscription_tracking"] = ["text", "html", "substitution_tag"],
        ["ganalytics"] = ["utm_source", "utm_medium", "utm_term", "utm_content", "utm_campaign"],
    };

    private void Settings(JsonElement settings, string field, Dictionary<string, string[]> known)
    {
        if (!Object(settings, field)) return;
        foreach (var setting in settings.EnumerateObject())
        {
            if (known.TryGetValue(setting.Name, out var texts)) Setting(setting.Value, $"{field}.{setting.Name}", setting.Name, texts);
            else Unknown($"{field}.{setting.Name}");
        }
    }

    private void Setting(JsonElement setting, string field, string name, string[] texts)
    {
        if (!Object(setting, field)) return;
        foreach (var property in setting.EnumerateObject())
        {
            var place = $"{field}.{property.Name}";
            if (property.Name == "enable" || (property.Name == "enable_text" && name == "click_tracking")) Boolean(property.Value, place);
            else if (texts.Contains(property.Name)) Text(property.Value, place);
            else Unknown(place);
        }
    }

    private void Fields(JsonElement value, string field, string[] required, Action<string, JsonElement> check, params string[] known)
    {
        if (!Object(value, field)) return;
        foreach (var property in value.EnumerateObject())
        {
            if (known.Contains(property.Name)) check(property.Name, property.Value);
            else Unknown($"{field}.{property.Name}");
        }

        foreach (var name in required)
            if (!value.TryGetProperty(name, out _)) Add($"{field}.{name}", "The property is required.");
    }

    private void Each(JsonElement list, string field, Action<JsonElement, string> check)
    {
        if (!Array(list, field)) return;
        var index = 0;
        foreach (var item in list.EnumerateArray()) check(item, $"{field}.{index++}");
    }

    private bool Object(JsonElement value, string field) => Is(value.ValueKind is JsonValueKind.Object, field, "an object");

    private bool Array(JsonElement value, string field) => Is(value.ValueKind is JsonValueKind.Array, field, "an array");

    private void Boolean(JsonElement value, string field) =>
        Is(value.ValueKind is JsonValueKind.True or JsonValueKind.False, field, "true or false");

    private long? Integer(JsonElement value, string field)
    {
        if (value.ValueKind is JsonValueKind.Number)
        {
            if (value.TryGetInt64(out var whole)) return whole;
            if (value.TryGetDouble(out var real) && Math.Floor(real) == real) return real > 0 ? long.MaxValue : long.MinValue;
        }

        Is(false, field, "an integer");
        return null;
    }

    private bool Text(JsonElement value, string field, int least = 0, int most = int.MaxValue)
    {
        if (!Is(value.ValueKind is JsonValueKind.String, field, "a string")) return false;
        if (least == 1 && most == int.MaxValue)   // the long texts: no need to make a string of them to see that they are not empty
        {
            if (JsonMarshal.GetRawUtf8Value(value).Length > 2) return true;
        }
        else if (least == 0 && most == int.MaxValue)
        {
            return true;
        }
        else
        {
            var length = value.GetString()!.EnumerateRunes().Count();
            if (length >= least && length <= most) return true;
        }

        Add(field, most == int.MaxValue ? "At least one character is required." : $"{least} to {most} characters are taken.");
        return false;
    }

    private bool Is(bool holds, string field, string expected)
    {
        if (!holds) Add(field, $"The value must be {expected}.");
        return holds;
    }

    // An escape-free value is as long as its bytes between the quotes.
    private static int Utf8Length(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        return raw.Contains((byte)'\\') ? Encoding.UTF8.GetByteCount(value.GetString()!) : raw.Length - 2;
    }

    private static string? TextOf(JsonElement value, ReadOnlySpan<byte> name) =>
        value.ValueKind is JsonValueKind.Object && value.TryGetProperty(name, out var found) && found.ValueKind is JsonValueKind.String
            ? found.GetString()
            : null;

    private void Unknown(string field) => Add(field, "There is no such property.");

    private void Add(string? field, string message) => _errors.Add(new SendGridError(message, field));
}

using System.Globalization;
using System.Text.Json;
using Automation.Marketing.Contacts.Consent;

namespace Automation.Marketing.Contacts;

/// <summary>A lead event as a source sends it, checked.</summary>
public sealed record LeadEventInput(
    string Source, string Id, string Type, DateTimeOffset? OccurredAt, ContactInput Contact, string Data, IReadOnlyList<OrderLineInput> OrderLines)
{
    /// <summary>Longest JSON text of <c>data</c>, in characters.</summary>
    public const int MaxData = 64_000;

    /// <summary>Deepest nesting of <c>data</c>: what wraps it on its way to a template must still be readable JSON.</summary>
    public const int MaxDataDepth = 32;

    /// <summary>The method and path of the request by which it came (<see cref="Stimuli.RequestKey"/>): flows that wait for that request are told. Null: none does.</summary>
    public string? Request { get; init; }

    /// <summary>The event that also records a purchase.</summary>
    public const string OrderPlaced = "order.placed";

    /// <summary>Reads <c>{source, id, type, occurredAt?, contact:{…}, data:{…}}</c>.</summary>
    /// <param name="place">What errors begin with, e.g. <c>events[3]</c>; empty for a single one.</param>
    /// <exception cref="BadInputException">A field is missing, unknown, or wrong; it is named.</exception>
    public static LeadEventInput Read(JsonElement json, string place)
    {
        var fields = new JsonFields(json, place, "source", "id", "type", "occurredAt", "contact", "data");
        var type = fields.Required("type", LeadEvent.MaxName);
        var data = fields.Object("data");
        return new LeadEventInput(
            fields.Required("source", LeadEvent.MaxName),
            fields.Required("id", LeadEvent.MaxName),
            type,
            fields.Instant("occurredAt"),
            ContactInput.Read(fields.RequiredObject("contact"), fields.Place("contact")),
            Bounded(data, fields.Place("data")),
            type == OrderPlaced && data is { } order ? OrderLineInput.ReadAll(order, fields.Place("data")) : []);
    }

    private static string Bounded(JsonElement? data, string place)
    {
        var text = data?.GetRawText() ?? "{}";
        if (text.Length > MaxData) throw new BadInputException(place, $"is longer than {MaxData} characters.");
        try
        {
            return data is null || Depth(data.Value) <= MaxDataDepth ? text : throw new BadInputException(place, $"is nested deeper than {MaxDataDepth} levels.");
        }
        catch (InvalidOperationException)
        {
            throw new BadInputException(place, "holds text that is not well-formed.");
        }
    }

    // Reads every name and text on the way: broken UTF-16 shows only then.
    private static int Depth(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return 1 + value.EnumerateObject().Select(field => (field.Name, Depth: Depth(field.Value))).Select(field => field.Depth).DefaultIfEmpty().Max();
            case JsonValueKind.Array:
                return 1 + value.EnumerateArray().Select(Depth).DefaultIfEmpty().Max();
            case JsonValueKind.String:
                _ = value.GetString();
                return 0;
            default:
                return 0;
        }
    }
}

/// <summary>What an event says about the person. Absent fields change nothing.</summary>
public sealed record ContactInput(
    EmailAddress? Email, string? ExternalId, string? Name, string? Kana, string? Company, string? PostalCode, string? Prefecture,
    string? Address, string? Phone, DateOnly? BirthDate, string? Language, string? TimeZone, IReadOnlyList<string> Tags, ConsentInput? Consent)
{
    private static readonly string[] Known =
    [
        "email", "externalId", "name", "kana", "company", "postalCode", "prefecture", "address", "phone", "birthDate", "language", "timeZone", "tags", "consent",
    ];

    internal static ContactInput Read(JsonElement json, string place)
    {
        var fields = new JsonFields(json, place, Known);
        EmailAddress? email = null;
        if (fields.Text("email", EmailAddress.MaxLength * 2) is { } text)
            email = EmailAddress.TryParse(text, out var parsed) ? parsed : throw new BadInputException(fields.Place("email"), "is not an email address.");
        var externalId = fields.Text("externalId", 100);
        if (email is null && externalId is null) throw new BadInputException(place, "needs 'email' or 'externalId'.");
        var language = fields.Text("language", 8);
        if (language is not (null or "ja" or "en")) throw new BadInputException(fields.Place("language"), "must be 'ja' or 'en'.");
        var zone = fields.Text("timeZone", 64);
        if (zone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            throw new BadInputException(fields.Place("timeZone"), "is not an IANA time zone.");
        return new ContactInput(
            email, externalId, fields.Text("name", Contact.MaxText), fields.Text("kana", Contact.MaxText), fields.Text("company", Contact.MaxText),
            fields.Text("postalCode", 16), fields.Text("prefecture", 32), fields.Text("address", Contact.MaxText), fields.Text("phone", 32),
            fields.Date("birthDate"), language, zone, fields.Words("tags", ContactTag.MaxLength),
            fields.Object("consent") is { } consent ? ConsentInput.Read(consent, fields.Place("consent")) : null);
    }
}

/// <summary>That the person agreed to be mailed, with what proves it.</summary>
public sealed record ConsentInput(ConsentBasis Basis, string Evidence)
{
    internal static ConsentInput Read(JsonElement json, string place)
    {
        var fields = new JsonFields(json, place, "basis", "evidence");
        var word = fields.Required("basis", 32);
        return ConsentBases.TryParse(word, out var basis)
            ? new ConsentInput(basis, fields.Required("evidence", Contact.MaxText))
            : throw new BadInputException(fields.Place("basis"), $"must be one of {string.Join(", ", ConsentBases.Words)}.");
    }
}

/// <summary>One line of an order in <c>order.placed</c>: <c>data: {order_id, currency?, lines: [{product, category?, quantity?, net, cost?}]}</c>.</summary>
public sealed record OrderLineInput(string OrderId, int Line, string? Product, string? Category, decimal Quantity, decimal Net, decimal? Cost, string Currency)
{
    private const int MaxLines = 500;

    internal static IReadOnlyList<OrderLineInput> ReadAll(JsonElement data, string place)
    {
        if (!data.TryGetProperty("order_id", out var id) || !data.TryGetProperty("lines", out var lines)) return [];
        var orderId = JsonFields.TextOf(id) is { Length: > 0 and <= 100 } text
            ? text
            : throw new BadInputException($"{place}.order_id", "must be a text of 1 to 100 characters.");
        if (lines.ValueKind is not JsonValueKind.Array || lines.GetArrayLength() > MaxLines)
            throw new BadInputException($"{place}.lines", $"must be a list of at most {MaxLines} lines.");
        var currency = !data.TryGetProperty("currency", out var code) || code.ValueKind is JsonValueKind.Null ? "JPY"
            : JsonFields.TextOf(code) is { Length: 3 } iso ? iso
            : throw new BadInputException($"{place}.currency", "must be a code of three letters such as JPY.");
        return [.. lines.EnumerateArray().Select((line, index) => ReadOne(line, orderId, index + 1, currency, $"{place}.lines[{index}]"))];
    }

    private static OrderLineInput ReadOne(JsonElement line, string orderId, int number, string currency, string place)
    {
        var fields = new JsonFields(line, place, "product", "category", "quantity", "net", "cost");
        return new OrderLineInput(
            orderId, number, fields.Text("product", Contact.MaxText), fields.Text("category", Contact.MaxText),
            fields.Number("quantity") ?? 1, fields.Number("net") ?? throw new BadInputException(fields.Place("net"), "is missing."),
            fields.Number("cost"), currency);
    }
}

/// <summary>The fields of one JSON object, each error with its place.</summary>
internal sealed class JsonFields
{
    private readonly JsonElement json;
    private readonly string place;

    public JsonFields(JsonElement json, string place, params ReadOnlySpan<string> known)
    {
        (this.json, this.place) = (json, place);
        if (json.ValueKind is not JsonValueKind.Object) throw new BadInputException(place.Length == 0 ? "(body)" : place, "must be an object.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in json.EnumerateObject())
        {
            var name = NameOf(field);
            if (!known.Contains(name)) throw new BadInputException(Place(name), "is not a declared field.");
            if (!seen.Add(name)) throw new BadInputException(Place(name), "is given twice.");
        }
    }

    /// <summary>The text; null when the value is none, is not well-formed or holds a NUL, which no database takes.</summary>
    public static string? TextOf(JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.String) return null;
        try
        {
            var text = value.GetString()!.Trim();
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public string Place(string field) => place.Length == 0 ? field : $"{place}.{field}";

    public string? Text(string field, int maxLength)
    {
        if (Value(field) is not { } value) return null;
        if (value.ValueKind is not JsonValueKind.String) throw new BadInputException(Place(field), "must be a text.");
        string text;
        try
        {
            text = value.GetString()!.Trim();
        }
        catch (InvalidOperationException)
        {
            throw new BadInputException(Place(field), "is not well-formed text.");
        }
        if (text.Length > maxLength) throw new BadInputException(Place(field), $"is longer than {maxLength} characters.");
        if (text.Contains('\0', StringComparison.Ordinal)) throw new BadInputException(Place(field), "contains a NUL character.");
        return text.Length == 0 ? null : text;
    }

    public string Required(string field, int maxLength) => Text(field, maxLength) ?? throw new BadInputException(Place(field), "is missing.");

    public JsonElement? Object(string field) => Value(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => value,
        _ => throw new BadInputException(Place(field), "must be an object."),
    };

    public JsonElement RequiredObject(string field) => Object(field) ?? throw new BadInputException(Place(field), "is missing.");

    public decimal? Number(string field) => Value(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDecimal(out var number) && Math.Abs(number) < 1_000_000_000_000m => number,
        _ => throw new BadInputException(Place(field), "must be a number below 10^12."),
    };

    public DateTimeOffset? Instant(string field) => Text(field, 40) switch
    {
        null => null,
        var text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) => instant.ToUniversalTime(),
        _ => throw new BadInputException(Place(field), "is not an ISO 8601 instant."),
    };

    public DateOnly? Date(string field) => Text(field, 10) switch
    {
        null => null,
        var text when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) => date,
        _ => throw new BadInputException(Place(field), "is not a date like 2026-11-06."),
    };

    public IReadOnlyList<string> Words(string field, int maxLength)
    {
        if (Value(field) is not { } value) return [];
        if (value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() > 100)
            throw new BadInputException(Place(field), "must be a list of at most 100 words.");
        return
        [
            .. value.EnumerateArray().Select((word, index) =>
                TextOf(word) is { Length: > 0 } text && text.Length <= maxLength
                    ? text
                    : throw new BadInputException($"{Place(field)}[{index}]", $"must be a word of 1 to {maxLength} characters.")).Distinct(StringComparer.Ordinal),
        ];
    }

    private string NameOf(JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException)
        {
            throw new BadInputException(place.Length == 0 ? "(body)" : place, "has a field whose name is not well-formed text.");
        }
    }

    private JsonElement? Value(string field) =>
        json.TryGetProperty(field, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;
}

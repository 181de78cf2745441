using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.Workflows.Runtime;

/// <summary>Values as workflows carry them: null, text, bool, whole and broken numbers, times, lists and dictionaries.</summary>
public static class PlainValue
{
    // Times keep their kind over a suspend although JSON has none: {"$time": "o:2026-…"}.
    private const string TimeKey = "$time";
    private const int MaxDepth = 64;

    public static object? FromJson(JsonNode? node) => node switch
    {
        null => null,
        JsonArray list => list.Select(FromJson).ToList(),
        JsonObject shape when shape.Count == 1 && shape[TimeKey] is JsonValue time => ReadTime(time.ToString()),
        JsonObject shape => shape.ToDictionary(pair => pair.Key, pair => FromJson(pair.Value)),
        _ => FromScalar(node),
    };

    public static object? FromJson(JsonElement element) => FromJson(element.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(element),
        JsonValueKind.Array => JsonArray.Create(element),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => JsonValue.Create(element),
    });

    public static JsonNode? ToJson(object? value) => ToJson(value, 0, tagged: false);

    /// <summary>Like <see cref="ToJson(object?)"/>, with times marked so that <see cref="FromJson(JsonNode?)"/> gives them back as times.</summary>
    internal static JsonNode? ToStateJson(object? value) => ToJson(value, 0, tagged: true);

    private static JsonNode? ToJson(object? value, int depth, bool tagged)
    {
        if (depth > MaxDepth) throw new InvalidOperationException($"A value is nested more than {MaxDepth} levels deep.");
        switch (value)
        {
            case null: return null;
            case JsonNode node: return node.DeepClone();
            case JsonElement element: return JsonNode.Parse(element.GetRawText());
            case string text: return JsonValue.Create(text);
            case bool flag: return JsonValue.Create(flag);
            case int number: return JsonValue.Create(number);
            case long number: return JsonValue.Create(number);
            case double number: return double.IsFinite(number) ? JsonValue.Create(number) : null;
            case decimal number: return JsonValue.Create(number);
            case DateTimeOffset or DateTime or TimeSpan when tagged: return new JsonObject { [TimeKey] = WriteTime(value) };
            case DateTimeOffset at: return JsonValue.Create(at);
            case DateTime at: return JsonValue.Create(at);
            case TimeSpan span: return JsonValue.Create(span.ToString("c", CultureInfo.InvariantCulture));
            case Enum name: return JsonValue.Create(name.ToString());
            case System.Collections.IDictionary map:
                var result = new JsonObject();
                foreach (System.Collections.DictionaryEntry entry in map)
                    result[Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? ""] = ToJson(entry.Value, depth + 1, tagged);
                return result;
            case IEnumerable<KeyValuePair<string, object?>> pairs:
                var shape = new JsonObject();
                foreach (var (key, item) in pairs) shape[key] = ToJson(item, depth + 1, tagged);
                return shape;
            case System.Collections.IEnumerable list:
                var array = new JsonArray();
                foreach (var item in list) array.Add(ToJson(item, depth + 1, tagged));
                return array;
            default:
                return JsonSerializer.SerializeToNode(value, value.GetType(), ObjectOptions);
        }
    }

    internal static readonly JsonSerializerOptions ObjectOptions = new()
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
        PropertyNameCaseInsensitive = true,
    };

    private static object? FromScalar(JsonNode node)
    {
        var value = node.AsValue();
        switch (value.GetValueKind())
        {
            case JsonValueKind.String: return value.TryGetValue<string>(out var text) ? text : value.ToString();
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.Number:
                if (value.TryGetValue<int>(out var whole)) return whole;
                if (value.TryGetValue<long>(out var large)) return large;
                return value.TryGetValue<double>(out var number) ? number : double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
            default: return null;
        }
    }

    private static string WriteTime(object value) => value switch
    {
        DateTimeOffset at => "o:" + at.ToString("O", CultureInfo.InvariantCulture),
        DateTime at => "d:" + at.ToString("O", CultureInfo.InvariantCulture),
        TimeSpan span => "s:" + span.ToString("c", CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    private static object ReadTime(string text) => text[..2] switch
    {
        "o:" => DateTimeOffset.Parse(text[2..], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        "d:" => DateTime.Parse(text[2..], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        "s:" => TimeSpan.Parse(text[2..], CultureInfo.InvariantCulture),
        _ => text,
    };
}

using System.Text.Json;
using System.Text.RegularExpressions;

namespace Automation.SendGrid.StandIn.Tests;

/// <summary>As much of JSON Schema 2020-12 as the strict schema uses; a keyword it does not know is an exception, not a pass.</summary>
internal sealed class StrictSchema(JsonElement schema)
{
    private static readonly Dictionary<string, Regex> Patterns = [];

    public bool Takes(JsonElement value) => Takes(schema, value);

    private static bool Takes(JsonElement schema, JsonElement value) => schema.EnumerateObject().All(keyword => Holds(schema, keyword, value));

    private static bool Holds(JsonElement schema, JsonProperty keyword, JsonElement value) => keyword.Name switch
    {
        "$schema" or "$comment" or "title" or "description" or "default" => true,
        "type" => IsOf(keyword.Value.GetString()!, value),
        "properties" => value.ValueKind is not JsonValueKind.Object || keyword.Value.EnumerateObject()
            .All(property => !value.TryGetProperty(property.Name, out var found) || Takes(property.Value, found)),
        "additionalProperties" => value.ValueKind is not JsonValueKind.Object || value.EnumerateObject()
            .Where(property => !schema.TryGetProperty("properties", out var known) || !known.TryGetProperty(property.Name, out _))
            .All(property => keyword.Value.ValueKind is JsonValueKind.Object && Takes(keyword.Value, property.Value)),
        "propertyNames" => value.ValueKind is not JsonValueKind.Object || value.EnumerateObject()
            .All(property => Takes(keyword.Value, JsonSerializer.SerializeToElement(property.Name))),
        "required" => value.ValueKind is not JsonValueKind.Object || keyword.Value.EnumerateArray()
            .All(name => value.TryGetProperty(name.GetString()!, out _)),
        "minProperties" => value.ValueKind is not JsonValueKind.Object || value.EnumerateObject().Count() >= keyword.Value.GetInt32(),
        "maxProperties" => value.ValueKind is not JsonValueKind.Object || value.EnumerateObject().Count() <= keyword.Value.GetInt32(),
        "items" => value.ValueKind is not JsonValueKind.Array || value.EnumerateArray().All(item => Takes(keyword.Value, item)),
        "minItems" => value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() >= keyword.Value.GetInt32(),
        "maxItems" => value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() <= keyword.Value.GetInt32(),
        "uniqueItems" => value.ValueKind is not JsonValueKind.Array || !keyword.Value.GetBoolean() || AllDiffer(value),
        "minLength" => Length(value) is not { } length || length >= keyword.Value.GetInt32(),
        "maxLength" => Length(value) is not { } length || length <= keyword.Value.GetInt32(),
        "pattern" => value.ValueKind is not JsonValueKind.String || Pattern(keyword.Value.GetString()!).IsMatch(value.GetString()!),
        "format" => value.ValueKind is not JsonValueKind.String || IsEmail(value.GetString()!),
        "enum" => keyword.Value.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)),
        "allOf" => keyword.Value.EnumerateArray().All(one => Takes(one, value)),
        "anyOf" => keyword.Value.EnumerateArray().Any(one => Takes(one, value)),
        "not" => !Takes(keyword.Value, value),
        _ => throw new NotSupportedException(keyword.Name),
    };

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind is JsonValueKind.Object,
        "array" => value.ValueKind is JsonValueKind.Array,
        "string" => value.ValueKind is JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind is JsonValueKind.Number && Math.Floor(value.GetDouble()) == value.GetDouble(),
        _ => throw new NotSupportedException(type),
    };

    private static bool AllDiffer(JsonElement array)
    {
        var items = array.EnumerateArray().ToList();
        return !items.Where((one, index) => items.Take(index).Any(before => JsonElement.DeepEquals(before, one))).Any();
    }

    private static int? Length(JsonElement value) =>
        value.ValueKind is JsonValueKind.String ? value.GetString()!.EnumerateRunes().Count() : null;

    private static Regex Pattern(string text) => Patterns.TryGetValue(text, out var known)
        ? known
        : Patterns[text] = new Regex(text.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    // Dot-atom and a host name with a dot.
    private static bool IsEmail(string text) => Pattern(
        "^[A-Za-z0-9!#\\x24%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#\\x24%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\\.)+[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$")
        .IsMatch(text);
}

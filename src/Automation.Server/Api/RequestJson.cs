using System.Globalization;
using System.Text.Json;
using Automation.Marketing;

namespace Automation.Server.Api;

/// <summary>Reads a request's JSON so that every fault is named with its place.</summary>
internal static class RequestJson
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32 };

    /// <exception cref="JsonException">The body is no JSON.</exception>
    /// <exception cref="BadInputException">The body is not declared as JSON.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!request.HasJsonContentType()) throw new BadInputException("Content-Type", "must be application/json.");
        return await JsonDocument.ParseAsync(request.Body, Strict, cancellation);
    }

    /// <param name="place">Before the fields' names, e.g. <c>contact.</c>; empty: it is the body itself.</param>
    /// <returns>The object itself.</returns>
    /// <exception cref="BadInputException">It is no object, or has a field that is not among the known ones.</exception>
    public static JsonElement Declared(this JsonElement json, string[] known, string place = "")
    {
        if (json.ValueKind is not JsonValueKind.Object) throw new BadInputException(place.Length == 0 ? "(body)" : place.TrimEnd('.'), "must be an object.");
        foreach (var field in json.EnumerateObject())
        {
            if (!known.Contains(field.Name)) throw new BadInputException(place + field.Name, "is not a declared field.");
        }
        return json;
    }

    /// <returns>Null: it is left out, or null.</returns>
    /// <exception cref="BadInputException">It is no text, too long, or holds what no database takes.</exception>
    public static string? Text(this JsonElement json, string field, int most = 300)
    {
        if (!json.TryGetProperty(field, out var value) || value.ValueKind is JsonValueKind.Null) return null;
        if (value.ValueKind is not JsonValueKind.String) throw new BadInputException(field, "must be a text.");
        var text = value.GetString()!;
        if (text.Length > most) throw new BadInputException(field, $"is longer than {most} characters.");
        return text.Contains('\0', StringComparison.Ordinal) ? throw new BadInputException(field, "holds a NUL.") : text;
    }

    /// <returns>Null: it is left out, or null.</returns>
    /// <exception cref="BadInputException">It is not a day.</exception>
    public static DateOnly? Date(this JsonElement json, string field) => json.Text(field) switch
    {
        null => null,
        var text when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) => date,
        _ => throw new BadInputException(field, "is not a date like 2027-04-01."),
    };
}

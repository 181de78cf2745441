using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Automation.SendGrid;

/// <summary>Reads values that may come as another JSON type than agreed, or in bytes that are not quite UTF-8.</summary>
internal static class LooseJson
{
    /// <summary>As posted; bytes that are not UTF-8 become U+FFFD.</summary>
    public static string Raw(JsonElement element) => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element));

    /// <summary>Null when there is no text in it: null, an object or an array.</summary>
    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => String(value),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => Raw(value),
        _ => null,
    };

    public static long? Whole(JsonElement value)
    {
        if (Text(value) is not { } text) return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return whole;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var part) && Math.Abs(part) < 1e15
            ? (long)Math.Floor(part)
            : null;
    }

    public static bool Truth(JsonElement value) =>
        value.ValueKind is JsonValueKind.True || (Text(value) is { } text && text is "1" or "true" or "True");

    // A receiving server's words can hold anything; losing a bounce over a bad byte in its reason would be worse than a U+FFFD.
    private static string String(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Raw(value)[1..^1];
        }
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.Templates.Rendering;

namespace Automation.Templates.Functions;

/// <summary>The group <c>string</c>.</summary>
internal sealed class StringFunctions : FunctionGroup
{
    public StringFunctions() : base(64)
    {
        DefineParts();
        DefineChanges();
        DefineTests();
        DefineNumbersAndCodes();
    }

    public static CallFault TooLong(in Call call) => new($"The resulting string length exceeds the configured LimitToString `{call.Context.LongestText}`.");

    /// <summary>Text with quotes, backslashes and control characters escaped as in a literal.</summary>
    public static string Escaped(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && text.AsSpan().IndexOfAny('"', '\\', '\u007f') < 0) return text;
        var result = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => result.Append("\\\""),
                '\\' => result.Append("\\\\"),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                '\b' => result.Append("\\b"),
                '\f' => result.Append("\\f"),
                '\v' => result.Append("\\v"),
                '\0' => result.Append("\\0"),
                < ' ' => result.Append("\\x").Append(((int)c).ToString("x2", CultureInfo.InvariantCulture)),
                _ => result.Append(c),
            };
        }
        return result.ToString();
    }

    private void Define(string name, string parameters, BuiltinBody body, BuiltinWriter? writer = null) => Define("string", name, parameters, body, writer);

    private void DefineParts()
    {
        Define("escape", "text", static (in Call call) => call.TextOrNull(0) is { } text ? Escaped(text) : null);
        Define("append", "text with", static (in Call call) => Joined(call, call.Text(0), call.Text(1)));
        Define("capitalize", "text", static (in Call call) => call.Text(0) is { Length: > 0 } text ? string.Concat([char.ToUpperInvariant(text[0])], text.AsSpan(1)) : "");
        Define("capitalizewords", "text", static (in Call call) => CapitalizeWords(call.Text(0)));
        Define("prepend", "text by", static (in Call call) => Joined(call, call.Text(1), call.Text(0)));
        Define("slice", "text start length?", static (in Call call) => Slice(call, call[2] is null ? call.Text(0).Length : call.Int(2)));
        Define("slice1", "text start length?", static (in Call call) => Slice(call, call.Has(2) ? call.Int(2) : 1));
        Define("split", "text match", static (in Call call) => Split(call));
        Define("truncate", "text length ellipsis?", static (in Call call) => Truncate(call));
        Define("truncatewords", "text count ellipsis?", static (in Call call) => TruncateWords(call));
    }

    private void DefineChanges()
    {
        Define("downcase", "text", static (in Call call) => call.TextOrNull(0)?.ToLowerInvariant());
        Define("upcase", "text", static (in Call call) => call.TextOrNull(0)?.ToUpperInvariant());
        Define("handleize", "text", static (in Call call) => Handleize(call.Text(0)));
        Define("literal", "text", static (in Call call) => call.TextOrNull(0) is { } text ? $"\"{Escaped(text)}\"" : null);
        Define("lstrip", "text", static (in Call call) => call.TextOrNull(0)?.TrimStart());
        Define("rstrip", "text", static (in Call call) => call.TextOrNull(0)?.TrimEnd());
        Define("strip", "text", static (in Call call) => call.TextOrNull(0)?.Trim());
        Define("strip_newlines", "text", static (in Call call) => StripNewLines(call.Text(0)));
        Define("pad_left", "text width", static (in Call call) => call.Text(0).PadLeft(Width(call)));
        Define("pad_right", "text width", static (in Call call) => call.Text(0).PadRight(Width(call)));
        Define("remove", "text remove", static (in Call call) => Replace(call, ""));
        Define("remove_first", "text remove", static (in Call call) => ReplaceOnce(call, "", fromEnd: false));
        Define("remove_last", "text remove", static (in Call call) => ReplaceOnce(call, "", fromEnd: true));
        Define("replace", "text match replace", static (in Call call) => Replace(call, call.Text(2)));
        Define("replace_first", "text match replace from_end?", static (in Call call) => ReplaceOnce(call, call.Text(2), call.Bool(3)));
    }

    private void DefineTests()
    {
        Define("contains", "text value", static (in Call call) => Boxes.Of(call.Text(1) is { Length: > 0 } value && call.Text(0).Contains(value, StringComparison.Ordinal)));
        Define("empty", "text", static (in Call call) => Boxes.Of(call.Text(0).Length == 0));
        Define("whitespace", "text", static (in Call call) => Boxes.Of(string.IsNullOrWhiteSpace(call.Text(0))));
        Define("ends_with", "text value", static (in Call call) => Boxes.Of(call.Text(1) is { Length: > 0 } value && call.Text(0).EndsWith(value, StringComparison.InvariantCulture)));
        Define("starts_with", "text value", static (in Call call) => Boxes.Of(call.Text(1) is { Length: > 0 } value && call.Text(0).StartsWith(value, StringComparison.InvariantCulture)));
        Define("equals_ignore_case", "text value", static (in Call call) => Boxes.Of(call[0] is not null && call[1] is not null && call.Text(0).Equals(call.Text(1), StringComparison.OrdinalIgnoreCase)));
        Define("index_of", "text search start_index? count? string_comparison?", static (in Call call) => IndexOf(call));
        Define("size", "text", static (in Call call) => Boxes.Of(call.Text(0).Length));
        Define("pluralize", "number singular plural", static (in Call call) => call.Int(0) == 1 ? call[1] : call[2]);
    }

    private void DefineNumbersAndCodes()
    {
        Define("to_int", "text", static (in Call call) => int.TryParse(call.Text(0), NumberStyles.Integer, call.Context.Culture, out var number) ? Boxes.Of(number) : null);
        Define("to_long", "text", static (in Call call) => long.TryParse(call.Text(0), NumberStyles.Integer, call.Context.Culture, out var number) ? number : null);
        Define("to_float", "text", static (in Call call) => float.TryParse(call.Text(0), NumberStyles.Float, call.Context.Culture, out var number) ? number : null);
        Define("to_double", "text", static (in Call call) => double.TryParse(call.Text(0), NumberStyles.Float, call.Context.Culture, out var number) ? number : null);
        Define("md5", "text", static (in Call call) => Hex(MD5Of(Bytes(call, 0))));
        Define("sha1", "text", static (in Call call) => Hex(SHA1Of(Bytes(call, 0))));
        Define("sha256", "text", static (in Call call) => Hex(SHA256.HashData(Bytes(call, 0))));
        Define("sha512", "text", static (in Call call) => Hex(SHA512.HashData(Bytes(call, 0))));
        Define("hmac_sha1", "text secretKey", static (in Call call) => Hex(HmacSHA1Of(Bytes(call, 1), Bytes(call, 0))));
        Define("hmac_sha256", "text secretKey", static (in Call call) => Hex(HMACSHA256.HashData(Bytes(call, 1), Bytes(call, 0))));
        Define("hmac_sha512", "text secretKey", static (in Call call) => Hex(HMACSHA512.HashData(Bytes(call, 1), Bytes(call, 0))));
        Define("base64_encode", "text", static (in Call call) => Convert.ToBase64String(Bytes(call, 0)));
        Define("base64_decode", "text", static (in Call call) => Encoding.UTF8.GetString(Convert.FromBase64String(call.Text(0))));
    }

    private static byte[] Bytes(in Call call, int index) => Encoding.UTF8.GetBytes(call.Text(index));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

#pragma warning disable CA5350, CA5351 // Weak, but part of the language: templates sign for services that still ask for them.
    private static byte[] MD5Of(byte[] bytes) => MD5.HashData(bytes);

    private static byte[] SHA1Of(byte[] bytes) => SHA1.HashData(bytes);

    private static byte[] HmacSHA1Of(byte[] key, byte[] bytes) => HMACSHA1.HashData(key, bytes);
#pragma warning restore CA5350, CA5351

    private static string Joined(in Call call, string first, string second) =>
        (long)first.Length + second.Length > call.Context.LongestText ? throw TooLong(call) : string.Concat(first, second);

    private static string CapitalizeWords(string text)
    {
        return string.Create(text.Length, text, static (room, text) =>
        {
            var startsWord = true;
            for (var i = 0; i < room.Length; i++)
            {
                room[i] = startsWord ? char.ToUpperInvariant(text[i]) : text[i];
                startsWord = char.IsWhiteSpace(text[i]);
            }
        });
    }

    private static string Slice(in Call call, int length)
    {
        var text = call.Text(0);
        var start = call.Int(1);
        if (length < 0) throw new CallFault("The length must not be negative (Parameter 'length')", 2);
        if (start < 0) start += text.Length;
        // A window that begins before the text keeps its end: (-5, 3) over "test" is "te".
        var end = Math.Min((long)start + length, text.Length);
        start = Math.Max(0, start);
        return end > start ? text[start..(int)end] : "";
    }

    private static object Split(in Call call)
    {
        var text = call.Text(0);
        var parts = text.Split(call.Text(1), StringSplitOptions.RemoveEmptyEntries);
        call.Context.Charge(parts.Length, call.Site.At);
        return new LazySequence(() => parts);
    }

    private static string Truncate(in Call call)
    {
        var (text, length) = (call.Text(0), call.Int(1));
        var ellipsis = call.TextOrNull(2) ?? "...";
        if (text.Length <= length) return text;
        return string.Concat(text.AsSpan(0, Math.Max(0, length - ellipsis.Length)), ellipsis);
    }

    private static string TruncateWords(in Call call)
    {
        var words = call.Text(0).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return "";
        return string.Join(' ', words.Take(Math.Max(0, call.Int(1)))) + "...";
    }

    private static string Handleize(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c)) result.Append(char.ToLowerInvariant(c));
            else if (result.Length == 0 || result[^1] != '-') result.Append('-');
        }
        if (result.Length > 0 && result[^1] == '-') result.Length--;
        return result.ToString();
    }

    private static string StripNewLines(string text) => text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);

    private static int Width(in Call call)
    {
        var width = call.Int(1);
        if (width > call.Context.LongestText) throw new CallFault($"Padding width `{width}` exceeds the configured LimitToString `{call.Context.LongestText}`. (Parameter 'width')", 1);
        return Math.Max(0, width);
    }

    private static string? Replace(in Call call, string by)
    {
        var (text, match) = (call.TextOrNull(0), call.TextOrNull(1));
        if (text is null || match is null) return text;
        var limit = call.Context.LongestText;
        if (by.Length > match.Length && match.Length > 0 && (long)text.Length / match.Length * by.Length > limit)
        {
            var times = text.AsSpan().Count(match);
            if (text.Length + ((long)times * (by.Length - match.Length)) > limit) throw TooLong(call);
        }
        return text.Replace(match, by, StringComparison.Ordinal);
    }

    private static string? ReplaceOnce(in Call call, string by, bool fromEnd)
    {
        var (text, match) = (call.TextOrNull(0), call.TextOrNull(1));
        if (string.IsNullOrEmpty(text) || string.IsNullOrEmpty(match)) return text;
        var at = fromEnd ? text.LastIndexOf(match, StringComparison.OrdinalIgnoreCase) : text.IndexOf(match, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return text;
        if ((long)text.Length - match.Length + by.Length > call.Context.LongestText) throw TooLong(call);
        return string.Concat(text.AsSpan(0, at), by, text.AsSpan(at + match.Length));
    }

    private static object IndexOf(in Call call)
    {
        var text = call.Text(0);
        var start = call.Int(2);
        var count = call[3] is null ? text.Length - start : call.Int(3);
        var comparison = StringComparison.InvariantCulture;
        if (call.TextOrNull(4) is { } name && !Enum.TryParse(name, ignoreCase: true, out comparison)) throw new CallFault($"Unknown string comparison `{name}`", 4);
        return Boxes.Of(text.IndexOf(call.Text(1), start, count, comparison));
    }
}

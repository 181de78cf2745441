using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Automation.Templates.Rendering;

namespace Automation.Templates.Functions;

/// <summary>The group <c>html</c>.</summary>
internal sealed partial class HtmlFunctions : FunctionGroup
{
    // The five characters with a name, Latin-1 beyond ASCII, and surrogates; everything else is written as it is.
    private static readonly SearchValues<char> s_mustEscape = SearchValues.Create(
        "&<>\"'" + string.Concat(Enumerable.Range(0xA0, 0x60).Select(c => (char)c)) + string.Concat(Enumerable.Range(0xD800, 0x800).Select(c => (char)c)));

    public HtmlFunctions() : base(5)
    {
        Define("html", "strip", "text", static (in Call call) => call.TextOrNull(0) is { } text ? Strip(call, text) : null);
        Define("html", "escape", "text", static (in Call call) => call[0] is null ? null : call.Context.AsWrittenValue(Escape(call.Text(0))), WriteEscape);
        Define("html", "newline_to_br", "text", static (in Call call) => call[0] is null ? null : WithBreaks(call));
        Define("html", "url_encode", "text", static (in Call call) => call.TextOrNull(0) is { } text ? Uri.EscapeDataString(text) : null, WriteUrlEncoded);
        Define("html", "url_escape", "text", static (in Call call) => call.TextOrNull(0) is { } text ? UrlEscape(text) : null);
    }

    /// <summary>Writes text with HTML's special characters replaced; measured by the benchmark "templates" (html30k).</summary>
    public static void WriteEscaped(RenderOutput output, ReadOnlySpan<char> text)
    {
        // Most text needs no escaping: copy each clean run whole instead of walking characters.
        while (text.IndexOfAny(s_mustEscape) is var at and >= 0)
        {
            output.Write(text[..at]);
            text = text[(at + WriteEntity(output, text[at..]))..];
        }
        output.Write(text);
    }

    public static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAny(s_mustEscape) < 0) return text;
        using var output = RenderOutput.Rent(sink: null, budget: null);
        WriteEscaped(output, text);
        return output.ToString();
    }

    /// <returns>How many characters the entity stands for.</returns>
    private static int WriteEntity(RenderOutput output, ReadOnlySpan<char> text)
    {
        switch (text[0])
        {
            case '&': output.Write("&amp;"); return 1;
            case '<': output.Write("&lt;"); return 1;
            case '>': output.Write("&gt;"); return 1;
            case '"': output.Write("&quot;"); return 1;
            case '\'': output.Write("&#39;"); return 1;
        }
        if (Rune.DecodeFromUtf16(text, out var rune, out var length) != OperationStatus.Done)
        {
            output.Write('\uFFFD');
            return length;
        }
        output.Write("&#");
        output.WriteFormatted(rune.Value, format: null, CultureInfo.InvariantCulture);
        output.Write(";");
        return length;
    }

    private static void WriteEscape(in Call call, RenderOutput output)
    {
        if (call[0] is { } value) WriteEscaped(output, value as string ?? call.Text(0));
    }

    private static void WriteUrlEncoded(in Call call, RenderOutput output)
    {
        if (call[0] is null) return;
        var text = call.Text(0);
        Span<char> room = stackalloc char[256];
        if (Uri.TryEscapeDataString(text, room, out var written)) output.Write(room[..written]);
        else output.Write(Uri.EscapeDataString(text));
    }

    private static object WithBreaks(in Call call)
    {
        var text = call.Text(0).Replace("\r\n", "<br />\r\n", StringComparison.Ordinal);
        var result = LoneBreak().Replace(text, "<br />\n");
        return call[0] is SafeText ? new SafeText(result) : result;
    }

    private static string Strip(in Call call, string text)
    {
        call.Context.Charge(256 + (text.Length >> 4), call.Site.At);
        return Tags().Replace(text, "");
    }

    // Reserved characters stay, as in the address of a page.
    private static string UrlEscape(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || "-_.~:/?#[]@!$&'()*+,;=".Contains((char)rune.Value, StringComparison.Ordinal))) result.Append((char)rune.Value);
            else result.Append(Uri.EscapeDataString(rune.ToString()));
        }
        return result.ToString();
    }

    [GeneratedRegex(@"(?<!\r)\n", RegexOptions.CultureInvariant, 2000)]
    private static partial Regex LoneBreak();

    [GeneratedRegex("<script.*?</script>|<!--.*?-->|<style.*?</style>|<(?:[^>=]|='[^']*'|=\"[^\"]*\"|=[^'\"][^\\s>]*)*>", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Tags();
}

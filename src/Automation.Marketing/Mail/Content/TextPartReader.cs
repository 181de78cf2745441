using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Automation.Marketing.Mail.Content;

/// <summary>Reads HTML with code in it, and says it as text.</summary>
internal sealed partial class TextPartReader(string source, TextPartWriter text, Func<string, bool> hasPartial, bool keepsAllCode)
{
    private const int DeepestList = 20;

    // Everything inside these is not for reading.
    private static readonly string[] Hidden = ["head", "style", "script", "title", "template", "noscript"];
    private static readonly string[] Blocks = ["p", "table", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "hr", "section", "article", "header", "footer"];
    private static readonly string[] Lines = ["div", "tr", "br", "address", "dt", "dd", "li", "body", "html", "center"];

    private readonly StringBuilder hiddenCode = new();        // code of what is left out, until it is known whether it must stay
    private readonly Stack<(bool IsNumbered, int Next)> lists = new();
    private readonly StringBuilder linkText = new();
    private bool isInTag;
    private int tagStart;                                     // behind the `<`
    private bool isInComment;
    private char quote;
    private string hidden = "";
    private string? link;
    private int depth;
    private bool mustStay;

    public void ReadMarkup(int start, int end)
    {
        var at = start;
        while (at < end)
        {
            if (isInComment) at = SkipComment(at, end);
            else if (isInTag) at = ReadTag(at, end);
            else if (hidden.Length > 0) at = SkipHidden(at, end);
            else at = ReadText(at, end);
        }
    }

    public void ReadCode(int start, int end)
    {
        var code = source[start..end];
        if (isInComment || hidden.Length > 0)
        {
            Hold(code);
        }
        else if (!isInTag && WithTextPartials(code) is { } kept)
        {
            if (IsAlone(start, end) && PrintsNothing(code)) text.WriteCodeLine(kept);
            else WriteCode(kept);
        }
    }

    public void Finish()
    {
        if (isInTag) HoldCodeOf(source[tagStart..]);
        (hidden, isInComment) = ("", false);      // never closed: it ends with the text
        Release();
        if (link is not null) CloseLink();
    }

    // ── text ───────────────────────────────────────────────────────────────────────────────────────────────

    private int ReadText(int at, int end)
    {
        var open = source.AsSpan(at, end - at).IndexOf('<') is var found and >= 0 ? at + found : end;
        if (open > at) WriteWords(TextPart.Decoded(source[at..open]));
        if (open == end) return end;
        if (open + 1 < end && (char.IsAsciiLetter(source[open + 1]) || source[open + 1] is '/' or '!' or '?'))
        {
            isInComment = source.AsSpan(open, end - open).StartsWith("<!--");
            isInTag = !isInComment;
            (quote, tagStart) = ('\0', open + 1);
            return isInComment ? open + 4 : open + 1;
        }
        WriteWords("<");
        return open + 1;
    }

    private void WriteWords(string words)
    {
        if (link is not null) linkText.Append(words);
        text.Write(words.Replace('\u00A0', ' '));
    }

    private void WriteCode(string code)
    {
        if (link is not null) linkText.Append(code);
        text.WriteCode(code);
    }

    private int SkipComment(int at, int end)
    {
        var close = source.AsSpan(at, end - at).IndexOf("-->");
        if (close < 0) return end;
        isInComment = false;
        Release();
        return at + close + 3;
    }

    private int SkipHidden(int at, int end)
    {
        var close = source.IndexOf("</" + hidden, at, end - at, StringComparison.OrdinalIgnoreCase);
        if (close < 0) return end;
        hidden = "";
        Release();
        return close;
    }

    // ── tags ───────────────────────────────────────────────────────────────────────────────────────────────

    private int ReadTag(int at, int end)
    {
        for (; at < end; at++)
        {
            var c = source[at];
            if (quote != '\0')
            {
                if (c == quote) quote = '\0';
            }
            else if (c is '"' or '\'' && IsAfterEquals(at))
            {
                quote = c;
            }
            else if (c == '>')
            {
                isInTag = false;
                CloseTag(source[tagStart..at]);
                return at + 1;
            }
        }
        return end;
    }

    private bool IsAfterEquals(int at)
    {
        do at--;
        while (at > tagStart && char.IsWhiteSpace(source[at]));
        return at > tagStart && source[at] == '=';
    }

    private void CloseTag(string inside)
    {
        var isClosing = inside.StartsWith('/');
        var name = NameOf(inside.AsSpan(isClosing ? 1 : 0));
        var used = isClosing ? "" : OpenElement(name, inside);
        if (isClosing) CloseElement(name);
        HoldCodeOf(used.Contains("{{", StringComparison.Ordinal) ? inside.Replace(used, "", StringComparison.Ordinal) : inside);
        Release();
    }

    /// <returns>The part of the tag that was or will be written, whose code is not lost.</returns>
    private string OpenElement(string name, string inside)
    {
        if (name is "div" or "span" or "p" && Unseen().IsMatch(AttributeOf(inside, "style")))
        {
            hidden = name;
            return "";
        }
        switch (name)
        {
            case "a" or "img" when keepsAllCode:
                return "";
            case "a":
                if (link is not null) CloseLink();
                link = AttributeOf(inside, "href").Trim();
                linkText.Clear();
                return link;
            case "img":
                var alt = AttributeOf(inside, "alt");
                WriteMixed(alt);
                return alt;
            case "li":
                OpenItem();
                return "";
            case "ul" or "ol":
                text.Break(lists.Count == 0 ? 2 : 1);
                if (lists.Count < DeepestList) lists.Push((name == "ol", 1));
                return "";
            case "hr":
                text.Break(2);
                text.Write("----------------");
                text.Break(2);
                return "";
            case "h1" or "h2" or "h3" or "h4" or "h5" or "h6":
                text.Break(2);
                text.Write("■");
                text.Space();
                return "";
            case "td" or "th":
                text.Space();
                return "";
            default:
                if (Array.IndexOf(Hidden, name) >= 0 && !inside.EndsWith('/')) hidden = name;
                BreakFor(name);
                return "";
        }
    }

    private void CloseElement(string name)
    {
        if (name == "a" && link is not null) CloseLink();
        else if (name is "ul" or "ol" && lists.Count > 0) lists.Pop();
        BreakFor(name);
    }

    private void BreakFor(string name)
    {
        if (Array.IndexOf(Blocks, name) >= 0) text.Break(lists.Count > 0 ? 1 : 2);
        else if (Array.IndexOf(Lines, name) >= 0) text.Break(1);
    }

    private void OpenItem()
    {
        text.Break(1);
        if (lists.Count == 0)
        {
            text.Write("・");
            return;
        }
        var (isNumbered, next) = lists.Pop();
        lists.Push((isNumbered, next + 1));
        text.Write(isNumbered ? string.Create(CultureInfo.InvariantCulture, $"{next}.") : "・");
        if (isNumbered) text.Space();
    }

    // `words: address`, or either alone where the other says nothing more.
    private void CloseLink()
    {
        var address = link!;
        link = null;
        var words = linkText.ToString().Trim();
        if (address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)) address = address["mailto:".Length..];
        if (address.Length == 0 || address.StartsWith('#') || words == address || words == TextPart.Decoded(address)) return;
        if (words.Length > 0) text.Write(": ");
        WriteMixed(address);
        text.Space();
    }

    /// <summary>An attribute's value: words with entities, and code.</summary>
    private void WriteMixed(string value)
    {
        foreach (var chunk in Automation.Templates.TemplateChunk.Of(value))
        {
            var piece = value[chunk.Start..chunk.End];
            if (chunk.IsCode) WriteCode(piece);
            else WriteWords(TextPart.Decoded(piece));
        }
    }

    private static string NameOf(ReadOnlySpan<char> inside)
    {
        var length = 0;
        while (length < inside.Length && length < 32 && char.IsAsciiLetterOrDigit(inside[length])) length++;
        return inside[..length].ToString().ToLowerInvariant();
    }

    private static string AttributeOf(string inside, string name)
    {
        var at = 0;
        while ((at = inside.IndexOf(name, at, StringComparison.OrdinalIgnoreCase)) >= 0)
        {
            var rest = inside.AsSpan(at + name.Length).TrimStart();
            var isName = at > 0 && char.IsWhiteSpace(inside[at - 1]) && rest is ['=', ..];
            at += name.Length;
            if (!isName) continue;
            rest = rest[1..].TrimStart();
            if (rest is not ['"' or '\'', ..]) return (rest.IndexOfAny(" \t\r\n") is var space and >= 0 ? rest[..space] : rest).ToString();
            var mark = rest[0];
            return ValueUntil(rest[1..].ToString(), mark);
        }
        return "";
    }

    // The mark may stand in code within the value: `href="{{ a["b"] }}"`.
    private static string ValueUntil(string value, char mark)
    {
        foreach (var chunk in Automation.Templates.TemplateChunk.Of(value))
        {
            if (chunk.IsCode) continue;
            var close = value.IndexOf(mark, chunk.Start, chunk.End - chunk.Start);
            if (close >= 0) return value[..close];
        }
        return value;
    }

    // ── code ───────────────────────────────────────────────────────────────────────────────────────────────

    private void HoldCodeOf(string markup)
    {
        if (!markup.Contains("{{", StringComparison.Ordinal)) return;
        foreach (var chunk in Automation.Templates.TemplateChunk.Of(markup))
        {
            if (chunk.IsCode) Hold(markup[chunk.Start..chunk.End]);
        }
    }

    // Code of what is left out goes with it, unless it begins or ends a block that goes on, or sets what is read later.
    private void Hold(string code)
    {
        if (keepsAllCode)
        {
            (mustStay, _) = (true, hiddenCode.Append(code));
            return;
        }
        var inner = Inner(code);
        if (Opening().IsMatch(inner)) depth++;
        if (Closing().IsMatch(inner)) depth--;
        mustStay |= depth < 0 || Setting().IsMatch(inner) || HasSeveralStatements(inner);
        if (Opening().IsMatch(inner) || Closing().IsMatch(inner) || Middle().IsMatch(inner) || Setting().IsMatch(inner) || HasSeveralStatements(inner)) hiddenCode.Append(code);
    }

    private void Release()
    {
        if (hidden.Length > 0 || isInComment) return;
        if (hiddenCode.Length > 0 && (mustStay || depth != 0)) text.WriteCode(hiddenCode.ToString());
        hiddenCode.Clear();
        (depth, mustStay) = (0, false);
    }

    private bool IsAlone(int start, int end)
    {
        while (start > 0 && source[start - 1] is ' ' or '\t') start--;
        while (end < source.Length && source[end] is ' ' or '\t' or '\r') end++;
        return (start == 0 || source[start - 1] == '\n') && (end == source.Length || source[end] == '\n');
    }

    private static bool PrintsNothing(string code) => Inner(code) is var inner && (Opening().IsMatch(inner) || Closing().IsMatch(inner) || Middle().IsMatch(inner) || Setting().IsMatch(inner));

    private static bool HasSeveralStatements(string inner) => inner.Contains(';') || inner.Contains('\n');

    private static string Inner(string code) => code.TrimStart('{').TrimStart('-', '~').TrimEnd('}').TrimEnd('-', '~').Trim();

    /// <returns>Null when the code includes an HTML partial that has no partner for text.</returns>
    private string? WithTextPartials(string code)
    {
        var include = Include().Match(code);
        if (!include.Success) return code;
        var name = include.Groups["name"];
        var partner = name.Value.Replace(".html", ".text", StringComparison.Ordinal);
        if (!hasPartial(partner)) return null;
        return string.Concat(code.AsSpan(0, name.Index), partner, code.AsSpan(name.Index + name.Length));
    }

    [GeneratedRegex(@"^(?:if|for|while|case|func|with|wrap|capture|tablerow)\b", RegexOptions.None, 1000)]
    private static partial Regex Opening();

    [GeneratedRegex(@"^end\b", RegexOptions.None, 1000)]
    private static partial Regex Closing();

    [GeneratedRegex(@"^(?:else|when|break|continue|ret)\b", RegexOptions.None, 1000)]
    private static partial Regex Middle();

    [GeneratedRegex(@"^(?:\$?[\p{L}_][\p{L}\p{N}_.]*\s*(?:[-+*/%]?=(?!=)|\+\+|--)|capture\b|func\b|import\b|readonly\b|#)", RegexOptions.None, 1000)]
    private static partial Regex Setting();

    [GeneratedRegex(@"display\s*:\s*none", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Unseen();

    [GeneratedRegex("""^\{\{[-~]?\s*include\s+(?:"|')(?<name>[^"'{}]*\.html[^"'{}]*)(?:"|')""", RegexOptions.None, 1000)]
    private static partial Regex Include();
}

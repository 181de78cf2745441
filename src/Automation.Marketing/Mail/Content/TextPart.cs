using System.Net;
using Automation.Templates;

namespace Automation.Marketing.Mail.Content;

/// <summary>Makes the text part of a mail out of its HTML part, for somebody to read over.</summary>
public static class TextPart
{
    /// <summary>The source of a text part that says what the HTML says.</summary>
    /// <param name="htmlTemplateSource">The HTML part as written. Any text will do; the work grows with its length only.</param>
    /// <param name="hasPartial">
    /// Whether there is a partial of a name. Includes of <c>x.html</c> become <c>x.text</c>; those without such a partner are left
    /// out. Without this argument every partner is taken to be there.
    /// </param>
    /// <returns>
    /// A template that parses if the HTML did: code is kept as written and in order; tags become lines, lists, headings and
    /// <c>words: address</c>; head, styles, scripts and comments go; entities are resolved.
    /// </returns>
    public static string FromHtml(string htmlTemplateSource, Func<string, bool>? hasPartial = null)
    {
        var text = Made(htmlTemplateSource, hasPartial, keepsAllCode: false);
        // Code may be woven into tags so that leaving any of it out, or moving an address behind its words, breaks it.
        return Template.Parse(text).HasErrors && !Template.Parse(htmlTemplateSource).HasErrors ? Made(htmlTemplateSource, hasPartial, keepsAllCode: true) : text;
    }

    private static string Made(string source, Func<string, bool>? hasPartial, bool keepsAllCode)
    {
        var text = new TextPartWriter();
        var html = new TextPartReader(source, text, hasPartial ?? (_ => true), keepsAllCode);
        foreach (var chunk in TemplateChunk.Of(source))
        {
            if (chunk.IsCode) html.ReadCode(chunk.Start, chunk.End);
            else html.ReadMarkup(chunk.Start, chunk.End);
        }
        html.Finish();
        return text.ToString();
    }

    internal static string Decoded(string text) => text.Contains('&') ? WebUtility.HtmlDecode(text) : text;
}

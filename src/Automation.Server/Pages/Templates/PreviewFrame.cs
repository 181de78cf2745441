using System.Text.RegularExpressions;

namespace Automation.Server.Pages.Templates;

/// <summary>A mail's HTML inside the editor's frame.</summary>
internal static partial class PreviewFrame
{
    private const string Always = "(min-width:0px)";
    private const string Never = "(max-width:0px)";

    /// <summary>Runs nothing, sends nothing, fetches nothing; pictures only when somebody asked for them, as in a mail program.</summary>
    public static string Policy(bool images) =>
        $"sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:{(images ? " https:" : "")}; form-action 'none'; frame-ancestors 'self'";

    /// <summary>
    /// The reader's choice of light or dark is settled in the mail's own rules, since a frame cannot be told another one than
    /// the browser's; links want a window of their own, which the sandbox refuses, so that a click leaves the mail in place.
    /// </summary>
    public static string Html(string html, bool dark)
    {
        var shaded = Scheme().Replace(html, match => (match.Groups[1].Value == "dark") == dark ? Always : Never);
        return Head().Replace(shaded, match => match.Value + "<base target=\"_blank\">", 1);
    }

    [GeneratedRegex(@"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Scheme();

    [GeneratedRegex("<head(?:\\s[^>]*)?>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Head();
}

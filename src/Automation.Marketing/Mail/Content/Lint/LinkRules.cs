using System.Net;
using System.Text.RegularExpressions;
using Automation.Templates.Analysis;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>Links and pictures: where they lead, and what is seen without them.</summary>
internal static partial class LinkRules
{
    public static void CheckHtml(LintedPart part, Findings findings)
    {
        foreach (var tag in part.Html.Tags)
        {
            if (tag.Name is "a" or "area") CheckTarget(part, tag, findings);
            else if (tag.Name == "img") CheckImage(part, tag, findings);
        }
        foreach (var link in part.Html.Links) CheckSight(part, link, findings);
    }

    /// <summary>Addresses written out in the text part.</summary>
    public static void CheckText(LintedPart part, Findings findings)
    {
        foreach (var piece in part.Pieces)
        {
            if (piece.Kind is not TemplatePieceKind.Text || !piece.Text.Contains("http://", StringComparison.OrdinalIgnoreCase)) continue;
            foreach (Match address in Plain().Matches(piece.Text)) Insecure(part, piece.Place.Slice(address.Index, address.Length), address.Value, findings);
        }
    }

    private static void CheckTarget(LintedPart part, HtmlTag tag, Findings findings)
    {
        var target = tag.Find("href");
        if (target is null && (tag.Find("name") ?? tag.Find("id")) is not null) return;      // a place to jump to, not a link
        if (target is null || target.IsBlank)
        {
            findings.Error(LintCodes.EmptyLink, "This link leads nowhere: its href is empty. Give it an address that begins with https://, or remove the link.", part.At(tag.Place));
            return;
        }
        foreach (var first in target.Parts.Where(each => each.IsFirst && !each.IsValue)) CheckAddress(part, first, target.Parts.Count == 1, findings);
    }

    private static void CheckAddress(LintedPart part, HtmlPart first, bool isWhole, Findings findings)
    {
        var address = Cleaned(first.Text);
        var place = part.At(first.Place);
        if (address.Length == 0) return;
        if (address[0] == '#')
        {
            findings.Error(LintCodes.DeadLink, "'{0}' leads nowhere in a mail. Give the link an address that begins with https://.", place, Short(address));
            return;
        }
        var colon = address.IndexOfAny([':', '/', '?', '#']) is var found and > 0 && address[found] == ':' ? found : -1;
        switch (colon < 0 ? "" : address[..colon].ToLowerInvariant())
        {
            case "":
                findings.Error(LintCodes.RelativeLink, "'{0}' is not a whole address, and a mail has no page to start from. Write it out, beginning with https://.", place, Short(address));
                break;
            case "javascript" or "vbscript" or "data":
                findings.Error(LintCodes.ScriptLink, "'{0}' is a script, which mail programs refuse. Link to a page that begins with https://.", place, Short(address));
                break;
            case "file":
                findings.Error(LintCodes.DeadLink, "'{0}' leads nowhere in a mail. Give the link an address that begins with https://.", place, Short(address));
                break;
            case "http":
                Insecure(part, first.Place, address, findings);
                break;
            case "https" when isWhole && !(Uri.TryCreate(address, UriKind.Absolute, out var whole) && whole.Host.Length > 0):
                findings.Error(LintCodes.DeadLink, "'{0}' leads nowhere in a mail. Give the link an address that begins with https://.", place, Short(address));
                break;
        }
    }

    private static void Insecure(LintedPart part, TemplatePlace place, string address, Findings findings) =>
        findings.Warning(LintCodes.InsecureLink, "'{0}' is not encrypted, and programs warn of it. Write https:// if the site has it.", part.At(place), Short(address));

    private static void CheckImage(LintedPart part, HtmlTag image, Findings findings)
    {
        if (image.Find("alt") is null)
            findings.Error(LintCodes.NoAlt, "This picture has no alt text, so whoever does not load pictures sees nothing. Say in alt=\"…\" what it shows; alt=\"\" if it is only decoration.", part.At(image.Place));
        var source = image.Find("src");
        if (source is null || source.IsBlank)
        {
            findings.Error(LintCodes.EmptyImage, "This picture has no address. Give it a src that begins with https://, or remove it.", part.At(image.Place));
            return;
        }
        foreach (var first in source.Parts.Where(each => each.IsFirst && !each.IsValue))
        {
            var address = Cleaned(first.Text);
            if (address.StartsWith("http:", StringComparison.OrdinalIgnoreCase)) Insecure(part, first.Place, address, findings);
            else if (address.Length > 0 && !Scheme().IsMatch(address))
                findings.Error(LintCodes.RelativeLink, "'{0}' is not a whole address, and a mail has no page to start from. Write it out, beginning with https://.", part.At(first.Place), Short(address));
        }
    }

    // A linked picture without words is a link that cannot be seen while pictures are off.
    private static void CheckSight(LintedPart part, HtmlLink link, Findings findings)
    {
        if (link.Images.Count == 0 || link.Shown.Exists(shown => shown.IsValue) || !string.IsNullOrWhiteSpace(WebUtility.HtmlDecode(link.Text))) return;
        if (link.Images.TrueForAll(image => image.Find("alt") is { IsBlank: true }))
            findings.Error(LintCodes.NoAlt, "This link is a picture with an empty alt text, so it cannot be seen while pictures are off. Say in alt=\"…\" where it leads.", part.At(link.Images[0].Place));
    }

    // As a browser reads it: entities resolved, white space and control characters gone.
    private static string Cleaned(string address) => string.Concat(WebUtility.HtmlDecode(address).Where(c => c > ' ' && !char.IsControl(c)));

    private static string Short(string address) => address.Length <= 60 ? address : address[..60] + "…";

    [GeneratedRegex("http://[^\\s<>\"'」）)】]*", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Plain();

    [GeneratedRegex("^[a-z][a-z0-9+.-]*:", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Scheme();
}

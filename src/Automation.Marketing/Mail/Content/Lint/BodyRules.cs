using System.Net;
using System.Text;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>The HTML as a whole: how large it is, and whether there is anything to read.</summary>
internal static class BodyRules
{
    private const int LargestBytes = 100 * 1024;      // Gmail cuts at 102 KB, and with it the way to unsubscribe
    private const int FewestCharacters = 40;
    private const int ValueCharacters = 5;

    /// <param name="part">The HTML part.</param>
    /// <param name="rendered">As typical people get it; empty where it could not be rendered.</param>
    /// <param name="findings">Where to put what is found.</param>
    public static void Check(LintedPart part, IReadOnlyList<string> rendered, Findings findings)
    {
        var bytes = rendered.Count > 0 ? rendered.Max(Encoding.UTF8.GetByteCount) : part.Pieces.Sum(piece => Encoding.UTF8.GetByteCount(piece.Text));
        if (bytes > LargestBytes)
            findings.Error(LintCodes.TooLarge, "The HTML is {0} KB large; Gmail cuts mails at 102 KB, and the way to unsubscribe with them. Keep it below 100 KB.", part.Whole, (bytes / 1024).ToString(System.Globalization.CultureInfo.InvariantCulture));
        CheckWords(part, findings);
    }

    // The sender's block stands in every mail and says nothing of this one.
    private static void CheckWords(LintedPart part, Findings findings)
    {
        if (part.Template.HasErrors) return;
        var senders = part.Html.Shown.Where(run => run.IsValue && run.Paths.Contains("shop.legal_name") && run.Place.Template != part.Name)
            .Select(run => run.Place.Template).ToHashSet(StringComparer.Ordinal);
        var characters = 0;
        foreach (var run in part.Html.Shown.Where(run => !senders.Contains(run.Place.Template)))
            characters += run.IsValue ? ValueCharacters : WebUtility.HtmlDecode(run.Text).Count(c => !char.IsWhiteSpace(c));
        if (characters >= FewestCharacters) return;
        if (part.Html.Tags.Any(tag => tag.Name == "img"))
            findings.Error(LintCodes.ImageOnly, "The mail is hardly more than a picture: while pictures are off nobody can read it, and filters take it for spam. Say what matters in text.", part.Whole);
        else if (characters == 0)
            findings.Error(LintCodes.NoHtml, "The HTML part shows nothing. Write what the mail is to say.", part.Whole);
    }
}

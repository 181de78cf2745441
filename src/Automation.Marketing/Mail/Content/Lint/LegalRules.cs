using System.Text.RegularExpressions;
using Automation.Templates.Analysis;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>What the law wants to see in a mail (brief §7): who sends it, where they are, how to ask, and the way out.</summary>
internal static partial class LegalRules
{
    public static void Check(LintedPart part, MessageClass messageClass, Findings findings)
    {
        if (part.IsBlank || part.Template.HasErrors) return;
        var hasSender = Shows(part, "shop.legal_name");
        if (messageClass is MessageClass.Transactional)
        {
            if (!hasSender) findings.Warning(LintCodes.NoSender, "The mail does not say everybody who sends it. Show shop.legal_name, or include the partial of the sender.", part.Whole);
            return;
        }
        if (!hasSender) findings.Error(LintCodes.NoSender, "The sender's legal name is not shown to everybody, as the law on advertising mail asks. Show shop.legal_name, or include the partial of the sender.", part.Whole);
        var isLinked = LinksToDetails(part);
        if (!isLinked && !Shows(part, "shop.address"))
            findings.Error(LintCodes.NoAddress, "The sender's postal address is neither shown to everybody nor linked. Show shop.address, or link to the page that has it.", part.Whole);
        if (!isLinked && !Shows(part, "shop.phone") && !Shows(part, "shop.email") && !HasMailOrTelephone(part))
            findings.Error(LintCodes.NoInquiry, "Nobody is told where to ask or complain. Show shop.phone or shop.email, or link to the page for inquiries.", part.Whole);
        if (!HasWayOut(part))
            findings.Error(LintCodes.NoUnsubscribe, "The way to unsubscribe is not shown to everybody. Add a link to links.unsubscribe, or include the partial of the sender.", part.Whole);
    }

    private static bool Shows(LintedPart part, string path) => Shown.ToEverybody(part.Pieces, Root(path), i => Is(part.Pieces[i], path) && IsSeen(part, i));

    private static bool HasWayOut(LintedPart part) =>
        Shown.ToEverybody(part.Pieces, "links", i => Is(part.Pieces[i], "links.unsubscribe") && (part.Name != "html" || part.Html.PositionOf(i) is { Tag: "a", Attribute: "href" }));

    private static bool Is(TemplatePiece piece, string path) => piece.Kind is TemplatePieceKind.Value && piece.Paths.Contains(path);

    private static bool IsSeen(LintedPart part, int piece) => part.Name != "html" || part.Html.PositionOf(piece) is { Attribute: "", IsHidden: false };

    private static string Root(string path) => path[..path.IndexOf('.', StringComparison.Ordinal)];

    // The law lets these stand one link away.
    private static bool LinksToDetails(LintedPart part) => part.Name == "html"
        ? part.Html.Links.Any(link => Details().IsMatch(link.Text) && link.Tag.Find("href") is { IsBlank: false })
        : part.Pieces.Any(piece => piece.Kind is TemplatePieceKind.Text && DetailsWithAddress().IsMatch(piece.Text));

    private static bool HasMailOrTelephone(LintedPart part) => part.Name == "html"
        ? part.Html.Links.Any(link => link.Tag.Find("href")?.Parts is [{ IsValue: false } first, ..] && MailOrTelephone().IsMatch(first.Text))
        : part.Pieces.Any(piece => piece.Kind is TemplatePieceKind.Text && Address().IsMatch(piece.Text));

    [GeneratedRegex("会社概要|会社案内|会社情報|運営会社|特定商取引|特商法|お問い?合わ?せ|about us|contact us|imprint|legal notice|company details", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Details();

    [GeneratedRegex("(?:会社概要|会社案内|会社情報|運営会社|特定商取引|特商法|お問い?合わ?せ|about us|contact us|imprint|legal notice|company details)[^\\n]{0,80}\\n?[^\\n]{0,20}https://", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex DetailsWithAddress();

    [GeneratedRegex("^\\s*(?:mailto:[^\\s@]+@|tel:\\+?[0-9])", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex MailOrTelephone();

    [GeneratedRegex("[a-z0-9._+-]{1,64}@[a-z0-9-]{1,63}\\.[a-z]", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Address();
}

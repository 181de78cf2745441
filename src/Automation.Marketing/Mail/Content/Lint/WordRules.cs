using System.Text;
using System.Text.RegularExpressions;
using Automation.Templates.Analysis;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>What the words say: offers where none may be, marks of other systems.</summary>
internal static partial class WordRules
{
    private const char Hole = '￼';       // where a value will stand

    private static readonly string[] MoneyPaths = [".net", ".price", ".amount", ".total", ".coupon", ".discount"];

    /// <summary>Care mail (A3) sells nothing (brief §3).</summary>
    public static void CheckOffers(LintedPart part, Findings findings)
    {
        var shown = new Words(part.Name == "html" ? Html(part) : part.Pieces.Where(IsPrinted).Select(Words.Of));
        foreach (Match offer in Offer().Matches(shown.Text))
        {
            findings.Error(
                LintCodes.OfferInCare, "'{0}' reads like a price or an offer, and care mail (A3) must sell nothing. Remove it, or change the approach of the template.", part.At(shown.PlaceOf(offer)), offer.Value.Replace(Hole, '…').Trim());
        }
        foreach (var (piece, path) in part.Pieces.SelectMany(piece => piece.Paths.Where(_ => piece.Kind is TemplatePieceKind.Value).Select(path => (piece, path))))
        {
            if (MoneyPaths.Any(money => path.EndsWith(money, StringComparison.Ordinal)))
                findings.Error(LintCodes.OfferInCare, "'{0}' shows money, and care mail (A3) must sell nothing. Remove it, or change the approach of the template.", part.At(piece.Place), path);
        }
        if (part.Name == "html") CheckShopLinks(part, findings);
    }

    /// <summary>Marks that other mailing systems replace, and we send as they are.</summary>
    public static void CheckForeignMarks(LintedPart part, Findings findings)
    {
        foreach (var piece in part.Pieces.Where(piece => piece.Kind is TemplatePieceKind.Text))
        {
            foreach (Match mark in Foreign().Matches(piece.Text)) Report(part, piece.Place, mark, findings);
        }
        // A brace is ordinary in styles: single ones are sought only in what is seen.
        foreach (var run in part.Name == "html" ? part.Html.Shown.Select(run => (run.Place, run.Text)) : part.Pieces.Select(piece => (piece.Place, piece.Text)))
        {
            foreach (Match mark in SingleBrace().Matches(run.Text)) Report(part, run.Place, mark, findings);
        }
    }

    private static void Report(LintedPart part, TemplatePlace place, Match mark, Findings findings) =>
        findings.Error(LintCodes.ForeignMark, "'{0}' is a mark of another mailing system and would be sent as it is. Write a value in double braces instead, such as contact.name.", part.At(place.Slice(mark.Index, mark.Length)), mark.Value);

    private static void CheckShopLinks(LintedPart part, Findings findings)
    {
        foreach (var link in part.Html.Links)
        {
            foreach (var run in link.Tag.Find("href")?.Parts.Where(run => ShopAddress().IsMatch(run.Text)) ?? [])
                findings.Error(LintCodes.OfferInCare, "'{0}' leads to a cart or checkout, and care mail (A3) must sell nothing. Link to a page without an offer.", part.At(run.Place), run.Text);
        }
    }

    private static IEnumerable<HtmlPart> Html(LintedPart part) => part.Html.Shown.Concat(part.Html.Tags.SelectMany(tag =>
        tag.Attributes.Where(attribute => attribute.Name.Equals("alt", StringComparison.OrdinalIgnoreCase) || attribute.Name.Equals("title", StringComparison.OrdinalIgnoreCase))
            .SelectMany(attribute => attribute.Parts.Prepend(Words.Break(attribute.Place)))));

    private static bool IsPrinted(TemplatePiece piece) => piece.Kind is TemplatePieceKind.Text or TemplatePieceKind.Value;

    [GeneratedRegex(
        "[0-9０-９￼][0-9０-９,，]{0,20}\\s?(?:円(?![滑形満卓周盤熟])|%\\s?(?:off|オフ)|％\\s?(?:off|ＯＦＦ|オフ|引き)|割引|割り?引き|ポイント(?:還元|進呈|プレゼント))|[0-9０-９一二三四五六七八九半￼]\\s?割(?:引|り引き|安)|[¥￥$€]\\s?[0-9０-９￼]|&yen;\\s?[0-9￼]"
        + "|価格|料金|値引|割引|セール(?!ス)|クーポン|送料無料|特価|お得|お値打ち|期間限定|数量限定|先着|プレゼントキャンペーン|ご購入は|購入する|今すぐ購入|お買い求め|ご注文は|注文する|カートに"
        + "|\\bprices?\\b|\\bdiscount|\\bsale\\b|\\bcoupon|\\bspecial offer|\\boffers?\\b|free shipping|order now|buy now|shop now|add to (?:cart|basket)|% ?off\\b|\\bvoucher",
        RegexOptions.IgnoreCase, 2000)]
    private static partial Regex Offer();

    [GeneratedRegex("%%[\\p{L}_][\\p{L}\\p{N}_.\\- ]{0,40}%%|\\*\\|[\\p{L}_][\\p{L}\\p{N}_:.\\- ]{0,40}\\|\\*|\\[\\[[\\p{L}_][\\p{L}\\p{N}_.\\- ]{0,40}\\]\\]|\\$\\{[\\p{L}_][\\p{L}\\p{N}_.]{0,40}\\}|<%=?[^<>%]{1,60}%>|##[\\p{L}_][\\p{L}\\p{N}_]{0,40}##|\\{%-?\\s*[a-z]+[^{}%]{0,60}%\\}|%FIRST_?NAME%|%LAST_?NAME%|%NAME%", RegexOptions.IgnoreCase, 2000)]
    private static partial Regex Foreign();

    [GeneratedRegex("(?<![{$])\\{[A-Za-z_][A-Za-z0-9_.]{1,40}\\}(?!\\})", RegexOptions.None, 2000)]
    private static partial Regex SingleBrace();

    [GeneratedRegex("/(?:cart|basket|checkout|buy)(?:[/?#.]|$)", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex ShopAddress();

    /// <summary>Runs put together, so that a sentence is read whole; knows where each came from.</summary>
    private sealed class Words
    {
        private readonly StringBuilder text = new();
        private readonly List<(int Start, HtmlPart Run)> runs = [];

        public Words(IEnumerable<HtmlPart> shown)
        {
            foreach (var run in shown)
            {
                runs.Add((text.Length, run));
                if (run.IsValue) text.Append(Hole);
                else text.Append(run.Text);
            }
            Text = text.ToString();
        }

        public string Text { get; }

        public static HtmlPart Of(TemplatePiece piece) => new(piece.Text, piece.Kind is TemplatePieceKind.Value, piece.Place, piece.Paths, IsFirst: false);

        public static HtmlPart Break(TemplatePlace place) => new("\n", IsValue: false, place, [], IsFirst: false);

        /// <summary>From the match's first character to its end, or to the end of the run it begins in.</summary>
        public TemplatePlace PlaceOf(Match match)
        {
            var (low, high) = (0, runs.Count - 1);
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                if (runs[middle].Start <= match.Index) low = middle;
                else high = middle - 1;
            }
            var (start, run) = runs[low];
            return run.IsValue ? run.Place : run.Place.Slice(match.Index - start, match.Length);
        }
    }
}

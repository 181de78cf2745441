using System.Text.RegularExpressions;
using Automation.Templates.Analysis;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>The line that decides whether a mail is opened, or thrown away.</summary>
internal static partial class SubjectRules
{
    private const int LongestJapanese = 30;
    private const int LongestOther = 60;
    private const int FewestShouted = 8;

    /// <param name="part">The subject.</param>
    /// <param name="rendered">As typical people get it; empty where it could not be rendered.</param>
    /// <param name="findings">Where to put what is found.</param>
    public static void Check(LintedPart part, IReadOnlyList<string> rendered, Findings findings)
    {
        if (part.IsBlank || (!part.Template.HasErrors && rendered.Any(string.IsNullOrWhiteSpace)))
        {
            findings.Error(LintCodes.EmptySubject, "The subject is empty for some people at least. Write one that says what the mail is about.", part.Whole);
            return;
        }
        CheckLength(part, rendered, findings);
        foreach (var piece in part.Pieces.Where(piece => piece.Kind is TemplatePieceKind.Text)) CheckWords(part, piece, findings);
        var text = string.Concat(part.Pieces.Select(piece => piece.Text));
        CheckSigns(part, text, findings);
    }

    private static void CheckLength(LintedPart part, IReadOnlyList<string> rendered, Findings findings)
    {
        var longest = rendered.Select(subject => subject.Length).DefaultIfEmpty(0).Max();
        var most = part.Language == "ja" ? LongestJapanese : LongestOther;
        if (longest > most)
            findings.Warning(LintCodes.LongSubject, "The subject is {0} characters long; telephones show about {1}. Put what matters first, or shorten it.", part.Whole, Number(longest), Number(most));
    }

    private static void CheckWords(LintedPart part, TemplatePiece piece, Findings findings)
    {
        foreach (Match word in SpamWords().Matches(piece.Text))
            findings.Warning(LintCodes.SpamSubject, "'{0}' in a subject is typical of spam, and filters know it. Say the same in your own words.", part.At(piece.Place.Slice(word.Index, word.Length)), word.Value);
        var forged = Forged().Match(piece.Text);
        if (forged.Success && ReferenceEquals(piece, part.Pieces.FirstOrDefault(each => each.Kind is TemplatePieceKind.Text or TemplatePieceKind.Value)))
            findings.Warning(LintCodes.SpamSubject, "'{0}' makes the mail look like an answer that it is not; the law forbids misleading subjects. Remove it.", part.At(piece.Place.Slice(forged.Groups[1].Index, forged.Groups[1].Length)), forged.Groups[1].Value);
    }

    private static void CheckSigns(LintedPart part, string text, Findings findings)
    {
        if (text.Count(c => c is '!' or '！') >= 2)
            findings.Warning(LintCodes.SpamSubject, "The subject has several exclamation marks, as spam has. Leave one at most.", part.Whole);
        if (text.Count(c => c is '【') >= 2)
            findings.Warning(LintCodes.SpamSubject, "The subject has several 【】, as spam has. Leave one at most.", part.Whole);
        var letters = text.Where(char.IsAsciiLetter).ToList();
        if (letters.Count >= FewestShouted && letters.Count(char.IsAsciiLetterUpper) * 10 >= letters.Count * 8)
            findings.Warning(LintCodes.SpamSubject, "The subject is written in capital letters, as spam is. Use small ones.", part.Whole);
    }

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(
        "無料|当選|今すぐ|いますぐ|緊急|至急|必ず(?:儲|稼|当た)|儲かる|稼げ|副業|高収入|激安|大特価|完全無料|限定公開|おめでとうございます|クリック|重要なお知らせ|[¥￥$]{2,}"
        + "|\\bfree\\b|\\bwinner\\b|you(?:'|’)?ve won|\\bcongratulations\\b|act now|\\burgent\\b|limited time|click here|100% |\\bguaranteed?\\b|risk[- ]free|make money|extra cash|no obligation|buy now|order now|cheap(?:est)?\\b|\\bmiracle\\b|\\bviagra\\b|\\bcasino\\b",
        RegexOptions.IgnoreCase, 1000)]
    private static partial Regex SpamWords();

    [GeneratedRegex("^\\s*((?:re|fwd?|fw|aw|返信|転送)\\s?[:：])", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Forged();
}

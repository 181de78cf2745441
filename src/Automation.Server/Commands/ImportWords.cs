using System.Globalization;
using Automation.Marketing.Imports;

namespace Automation.Server.Commands;

/// <summary>Says an import's report and errors in Japanese or English. The English phrase is the key.</summary>
internal sealed class ImportWords(bool japanese)
{
    private static readonly Dictionary<string, string> Japanese = new(StringComparer.Ordinal)
    {
        ["{0}: {1} rows read ({2})"] = "{0}：{1} 行を読みました（{2}）",
        ["A dry run: nothing was changed."] = "試行のため、何も変更していません。",
        ["taken {0}, changed {1}, unchanged {2}, refused {3}"] = "新規 {0}、変更 {1}、変更なし {2}、拒否 {3}",
        ["new people: {0}"] = "新しい顧客：{0} 人",
        ["consent: granted {0}, not known {1}, withdrawals kept {2}"] = "配信同意：付与 {0}、不明 {1}、取り消しのまま {2}",
        ["{0} people may not be mailed: no consent is known. Give --basis and --evidence where you have them."] =
            "{0} 人には配信できません。同意の記録がないためです。根拠があれば --basis と --evidence を指定してください。",
        ["refused:"] = "拒否した行：",
        ["… and {0} more"] = "…ほか {0} 行",
        ["recommended field {0} is empty in {1} rows, e.g. lines {2}"] = "推奨項目 {0} が空の行：{1}（例：{2} 行目）",
        ["is missing."] = "値がありません。",
        ["is longer than {0} characters."] = "{0} 文字を超えています。",
        ["is not an email address."] = "メールアドレスではありません。",
        ["is not a postal code of seven digits."] = "7 桁の郵便番号ではありません。",
        ["is not a telephone number."] = "電話番号ではありません。",
        ["is none of the reasons {0}."] = "理由は {0} のいずれかです。",
        ["is none of the 47 prefectures."] = "47 都道府県のいずれでもありません。",
        ["is not a date like 2026-11-06 or 2026/11/06."] = "2026-11-06 や 2026/11/06 のような日付ではありません。",
        ["is not a number below 10^12 with at most four decimals."] = "小数 4 桁以内、1 兆未満の数値ではありません。",
        ["is not a whole number from 1."] = "1 以上の整数ではありません。",
        ["is not a currency code of three letters."] = "3 文字の通貨コードではありません。",
        ["holds more than {0} tags."] = "タグが {0} 個を超えています。",
        ["holds a tag longer than {0} characters."] = "{0} 文字を超えるタグがあります。",
        ["needs a customer number or an email address."] = "会員番号かメールアドレスが必要です。",
        ["belongs to another person than the customer number."] = "会員番号とは別の顧客のアドレスです。",
        ["differs from the number that the person with this address already has."] = "このアドレスの顧客には別の会員番号があります。",
        ["contradicts an earlier row of this file about the same person."] = "同じ顧客についての前の行と矛盾しています。",
        ["contradicts an earlier row of this file about the same order line."] = "同じ明細についての前の行と矛盾しています。",
        ["contradicts an earlier row of this file about the same deal."] = "同じ案件についての前の行と矛盾しています。",
        ["no person has this address."] = "このアドレスの顧客はいません。",
        ["nobody of this company is known."] = "この会社の顧客はいません。",
        ["needs a customer number, an email address or a company."] = "会員番号、メールアドレス、会社名のいずれかが必要です。",
        ["is nobody of the team."] = "チームにいない名前です。",
        ["is none of {0}."] = "{0} のいずれかで指定してください。",
        ["no person has the customer number '{0}'."] = "会員番号「{0}」の顧客はいません。",
        ["is not a customer number of five digits."] = "5 桁の顧客番号ではありません。",
        ["the file is empty."] = "ファイルが空です。",
        ["holds a control character; it is not a text file."] = "制御文字があります。テキストファイルではありません。",
        ["the line is longer than {0} bytes."] = "行が {0} バイトを超えています。",
        ["is not valid UTF-16."] = "UTF-16 として正しくありません。",
        ["is not valid UTF-8, though the file begins with its mark."] = "先頭は UTF-8 ですが、UTF-8 として正しくありません。",
        ["the file mixes encodings: line {0} is UTF-8, line {1} is not."] = "文字コードが混ざっています。{0} 行目は UTF-8、{1} 行目は違います。",
        ["is neither UTF-8 nor Shift_JIS."] = "UTF-8 でも Shift_JIS でもありません。",
        ["the column '{0}' is not known; known are {1}."] = "列「{0}」は使えません。使える列：{1}",
        ["the column '{0}' is given twice."] = "列「{0}」が二度あります。",
        ["the column has no name."] = "列に名前がありません。",
        ["the column {0} is missing."] = "列 {0} がありません。",
        ["the column {0} or {1} is missing."] = "列 {0} か {1} が必要です。",
        ["the row has {0} fields; the header has {1}."] = "この行は {0} 項目、見出しは {1} 項目です。",
        ["the record is longer than {0} bytes, or a quote is never closed."] = "1 件が {0} バイトを超えているか、引用符が閉じていません。",
        ["a quote is never closed."] = "引用符が閉じていません。",
        ["text follows a closing quote."] = "閉じた引用符の後に文字があります。",
        ["a quote stands inside an unquoted field."] = "引用符で囲まれていない項目の中に引用符があります。",
        ["the header must be {0}."] = "見出しは {0} でなければなりません。",
        ["consent needs a basis and evidence together."] = "同意には根拠と証拠の両方が必要です。",
        ["only people are given consent: customers or cdnow."] = "同意は顧客（customers、cdnow）にだけ付与できます。",
        ["must have 1 to {0} characters."] = "1〜{0} 文字で指定してください。",
    };

    public string Say(string phrase, params IReadOnlyList<object?> facts) =>
        string.Format(CultureInfo.InvariantCulture, japanese && Japanese.TryGetValue(phrase, out var said) ? said : phrase, [.. facts]);

    public async Task WriteAsync(ImportReport report, TextWriter output)
    {
        await output.WriteLineAsync(Say("{0}: {1} rows read ({2})", report.FileName, report.RowsRead, report.Encoding));
        if (report.DryRun) await output.WriteLineAsync(Say("A dry run: nothing was changed."));
        await output.WriteLineAsync(Say("taken {0}, changed {1}, unchanged {2}, refused {3}", report.Taken, report.Changed, report.Unchanged, report.Refused));
        if (report.Kind is ImportKind.Customers or ImportKind.Cdnow) await WritePeopleAsync(report, output);
        foreach (var field in report.Missing)
            await output.WriteLineAsync(Say("recommended field {0} is empty in {1} rows, e.g. lines {2}", field.Field, field.Rows, string.Join(", ", field.FirstLines)));
        if (report.Refused == 0) return;
        await output.WriteLineAsync(Say("refused:"));
        foreach (var refusal in report.Refusals)
            await output.WriteLineAsync($"  {refusal.Place}{(refusal.Field.Length == 0 ? "" : "/" + refusal.Field)}: {Say(refusal.Phrase, refusal.Facts)}");
        if (report.Refused > report.Refusals.Count) await output.WriteLineAsync(Say("… and {0} more", report.Refused - report.Refusals.Count));
    }

    private async Task WritePeopleAsync(ImportReport report, TextWriter output)
    {
        await output.WriteLineAsync(Say("new people: {0}", report.PeopleTaken));
        await output.WriteLineAsync(Say("consent: granted {0}, not known {1}, withdrawals kept {2}", report.ConsentGranted, report.ConsentMissing, report.WithdrawalsKept));
        if (report.ConsentMissing > 0)
            await output.WriteLineAsync(Say("{0} people may not be mailed: no consent is known. Give --basis and --evidence where you have them.", report.ConsentMissing));
    }
}

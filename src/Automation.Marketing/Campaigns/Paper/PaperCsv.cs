using System.Text;

namespace Automation.Marketing.Campaigns.Paper;

/// <summary>The list as a file that a spreadsheet opens: Japanese headers, UTF-8 with a mark at the front, no cell that could run as a formula.</summary>
public static class PaperCsv
{
    public static readonly IReadOnlyList<string> Headers = ["顧客番号", "氏名", "フリガナ", "会社名", "郵便番号", "都道府県", "住所", "電話番号", "方法", "状態"];

    public static byte[] Of(IEnumerable<PaperLine> lines)
    {
        var text = new StringBuilder();
        Append(text, Headers);
        foreach (var line in lines.Where(line => line.State is not PaperState.LeftOut))
        {
            Append(text,
            [
                line.ExternalId, line.Name, line.Kana, line.Company, line.PostalCode, line.Prefecture, line.Address, line.Phone,
                line.Way is PaperWay.Post ? "はがき" : "電話", line.State is PaperState.Done ? "済" : "未",
            ]);
        }
        return [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text.ToString())];
    }

    private static void Append(StringBuilder text, IReadOnlyList<string?> cells) => text.AppendJoin(',', cells.Select(cell => Cell(cell ?? ""))).Append("\r\n");

    // Telephone numbers abroad begin with a plus, names with anything: an apostrophe makes them text.
    private static string Cell(string cell)
    {
        if (cell.AsSpan().TrimStart() is [var first, ..] && "=+-@＝＋－＠".Contains(first, StringComparison.Ordinal) || cell is ['\t' or '\r' or '\n', ..]) cell = "'" + cell;
        return cell.AsSpan().IndexOfAny("\",\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}

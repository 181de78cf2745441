using System.Text;

namespace Automation.Marketing.Campaigns.Paper;

/// <summary>The list as a file that a spreadsheet opens: Japanese headers, UTF-8 with a mark at the front, no cell that could run as a formula.</summary>
public static class PaperCsv
{
    public static readonly IReadOnlyList<string> Headers = ["顧客番号", "氏名", "フリガナ", "会社名", "郵便番号", "都道府県", "住所", "電話番号", "方法", "状態"];

    private const int BufferBytes = 32 * 1024;

    /// <summary>Writes line by line: the file may be longer than memory.</summary>
    public static async Task WriteAsync(IAsyncEnumerable<PaperLine> lines, Stream file, CancellationToken cancellation)
    {
        await using var text = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), BufferBytes, leaveOpen: true);
        await text.WriteAsync(Line(Headers).AsMemory(), cancellation);
        await foreach (var line in lines.WithCancellation(cancellation))
        {
            await text.WriteAsync(
                Line([
                    line.ExternalId, line.Name, line.Kana, line.Company, line.PostalCode, line.Prefecture, line.Address, line.Phone,
                    line.Way is PaperWay.Post ? "はがき" : "電話", line.State switch { PaperState.Done => "済", PaperState.LeftOut => "対象外", _ => "未" },
                ]).AsMemory(),
                cancellation);
        }
    }

    private static string Line(IReadOnlyList<string?> cells) => string.Join(',', cells.Select(cell => Cell(cell ?? ""))) + "\r\n";

    // Telephone numbers abroad begin with a plus, names with anything: an apostrophe makes them text.
    private static string Cell(string cell)
    {
        if (cell.AsSpan().TrimStart() is [var first, ..] && "=+-@＝＋－＠".Contains(first, StringComparison.Ordinal) || cell is ['\t' or '\r' or '\n', ..]) cell = "'" + cell;
        return cell.AsSpan().IndexOfAny("\",\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}

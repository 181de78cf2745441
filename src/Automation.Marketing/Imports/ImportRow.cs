using System.Globalization;
using System.Text;
using Automation.Marketing.Contacts;

namespace Automation.Marketing.Imports;

/// <summary>The cells of one row by column, read to typed values. The first fault is kept: it refuses the row.</summary>
/// <param name="line">Where the row begins in its file, from 1.</param>
/// <param name="cells">By position in <paramref name="columns"/>; null where the file lacks the column.</param>
/// <param name="positions">Each column's position in the file, from 1.</param>
internal sealed class ImportRow(string file, long line, ImportColumns columns, string?[] cells, int[] positions)
{
    private const decimal Bound = 1_000_000_000_000m;
    private const int MaxTags = 100;

    private static readonly string[] DateFormats = ["yyyy-M-d", "yyyy/M/d", "yyyyMMdd", "yyyy年M月d日"];

    public long Line => line;

    public ImportRefusal? Fault { get; private set; }

    public void Refuse(int column, RulePhrase problem) =>
        Fault ??= new ImportRefusal(file, line, column < 0 ? 0 : positions[column], column < 0 ? "" : columns.Names[column], problem.Phrase, problem.Facts);

    /// <summary>Trimmed; line breaks and tabs become spaces; null when blank.</summary>
    public string? Text(int column, int maxLength)
    {
        if (cells[column] is not { } cell) return null;
        var text = cell.AsSpan().Trim().ContainsAny('\n', '\r', '\t')
            ? cell.Trim().Replace("\r\n", " ", StringComparison.Ordinal).Replace('\n', ' ').Replace('\r', ' ').Replace('\t', ' ')
            : cell.Trim();
        if (text.Length == 0) return null;
        if (text.Length <= maxLength) return text;
        Refuse(column, $"is longer than {maxLength} characters.");
        return null;
    }

    public string? Required(int column, int maxLength)
    {
        var text = Text(column, maxLength);
        if (text is null) Refuse(column, $"is missing.");
        return text;
    }

    public EmailAddress? Email(int column)
    {
        if (Text(column, 2 * EmailAddress.MaxLength) is not { } text) return null;
        if (EmailAddress.TryParse(text, out var address)) return address;
        Refuse(column, $"is not an email address.");
        return null;
    }

    public string? Kana(int column) => Text(column, 2 * Contact.MaxText) is { } text ? Bounded(column, Folded(text), Contact.MaxText) : null;

    public string? PostalCode(int column) => Text(column, 32) is { } text ? Checked(column, JapaneseText.PostalCode(text), "is not a postal code of seven digits.") : null;

    public string? Phone(int column) => Text(column, 64) is { } text ? Checked(column, JapaneseText.Phone(text), "is not a telephone number.") : null;

    public string? Prefecture(int column) => Text(column, 32) is { } text ? Checked(column, JapaneseText.Prefecture(text), "is none of the 47 prefectures.") : null;

    public DateOnly? Date(int column)
    {
        if (Text(column, 32) is not { } text) return null;
        if (DateOnly.TryParseExact(Folded(text), DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && date.Year is >= 1850 and <= 2200) return date;
        Refuse(column, $"is not a date like 2026-11-06 or 2026/11/06.");
        return null;
    }

    public decimal? Number(int column)
    {
        if (Text(column, 40) is not { } text) return null;
        if (JapaneseText.Number(text) is { } number && Math.Abs(number) < Bound) return number;
        Refuse(column, $"is not a number below 10^12 with at most four decimals.");
        return null;
    }

    public int? WholeNumber(int column)
    {
        if (Number(column) is not { } number) return null;
        if (number is >= 1 and <= int.MaxValue && decimal.IsInteger(number)) return (int)number;
        Refuse(column, $"is not a whole number from 1.");
        return null;
    }

    public string? Currency(int column)
    {
        if (Text(column, 16) is not { } text) return null;
        var code = Folded(text).ToUpperInvariant();
        if (code is "円" or "¥") return "JPY";
        if (code.Length == 3 && code.All(char.IsAsciiLetterUpper)) return code;
        Refuse(column, $"is not a currency code of three letters.");
        return null;
    }

    /// <summary>Words between <c>;</c>, <c>、</c> or <c>|</c>.</summary>
    public IReadOnlyList<string> Tags(int column)
    {
        if (Text(column, MaxTags * (ContactTag.MaxLength + 1)) is not { } text) return [];
        var tags = text.Split([';', '；', '、', '|', '｜'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Distinct(StringComparer.Ordinal).ToList();
        if (tags.Count > MaxTags) Refuse(column, $"holds more than {MaxTags} tags.");
        if (tags.Any(tag => tag.Length > ContactTag.MaxLength)) Refuse(column, $"holds a tag longer than {ContactTag.MaxLength} characters.");
        return tags;
    }

    private static string Folded(string text) => JapaneseText.Fold(text);

    private string? Bounded(int column, string text, int maxLength)
    {
        if (text.Length <= maxLength) return text;
        Refuse(column, $"is longer than {maxLength} characters.");
        return null;
    }

    private string? Checked(int column, string? value, string problem)
    {
        if (value is null && Fault is null) Fault = new ImportRefusal(file, line, positions[column], columns.Names[column], problem, []);
        return value;
    }
}

/// <summary>Brings what people type in Japan into one form.</summary>
internal static class JapaneseText
{
    private static readonly Dictionary<string, string> Prefectures = ByName(
        "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県",
        "新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府", "兵庫県",
        "奈良県", "和歌山県", "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県",
        "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県");

    /// <summary>Half-width kana full, full-width letters and digits half.</summary>
    public static string Fold(string text) => Ascii(text) ? text : text.Normalize(NormalizationForm.FormKC).Trim();

    public static string? Prefecture(string text) => Prefectures.GetValueOrDefault(Fold(text));

    /// <returns><c>123-4567</c>, or null.</returns>
    public static string? PostalCode(string text)
    {
        var digits = Digits(Fold(text).TrimStart('〒'));
        return digits is { Length: 7 } && digits[0] != '+' ? $"{digits[..3]}-{digits[3..]}" : null;
    }

    /// <returns>6 to 15 digits, after a plus where there was one, or null.</returns>
    public static string? Phone(string text) =>
        Digits(Fold(text)) is { } digits && digits.Length - (digits.StartsWith('+') ? 1 : 0) is >= 6 and <= 15 ? digits : null;

    public static decimal? Number(string text)
    {
        var folded = Fold(text).Replace('−', '-').Replace("¥", "", StringComparison.Ordinal).Replace("円", "", StringComparison.Ordinal).Trim();
        if (folded.StartsWith('△') || folded.StartsWith('▲')) folded = "-" + folded[1..].TrimStart();
        return decimal.TryParse(folded, NumberStyles.AllowLeadingSign | NumberStyles.AllowThousands | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && decimal.Round(number, 4) == number
            ? number
            : null;
    }

    private static bool Ascii(string text) => System.Text.Ascii.IsValid(text);

    private static string? Digits(string text)
    {
        var digits = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c) || (c == '+' && digits.Length == 0)) digits.Append(c);
            else if (!" -‐‑‒–—―−ー().".Contains(c, StringComparison.Ordinal)) return null;
        }
        return digits.ToString();
    }

    private static Dictionary<string, string> ByName(params string[] full)
    {
        var names = full.ToDictionary(name => name, StringComparer.Ordinal);
        foreach (var name in full) names.TryAdd(name == "北海道" ? name : name[..^1], name);
        return names;
    }
}

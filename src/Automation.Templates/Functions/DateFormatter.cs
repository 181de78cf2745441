using System.Globalization;
using System.Text;
using Automation.Templates.Rendering;

namespace Automation.Templates.Functions;

/// <summary>Dates by patterns of <c>%</c> codes, as in C's strftime.</summary>
internal static class DateFormatter
{
    public static string Format(DateTime date, string pattern, CultureInfo culture)
    {
        using var output = RenderOutput.Rent(sink: null, budget: null);
        Write(output, date, pattern, culture);
        return output.ToString();
    }

    public static void Write(RenderOutput output, DateTime date, ReadOnlySpan<char> pattern, CultureInfo culture)
    {
        while (pattern.IndexOf('%') is var at and >= 0)
        {
            output.Write(pattern[..at]);
            if (at + 1 == pattern.Length)
            {
                output.Write('%');
                return;
            }
            var code = pattern[at + 1];
            if (code == 'g') culture = CultureInfo.InvariantCulture;
            else if (!TryWriteCode(output, date, code, culture)) output.Write(pattern.Slice(at, 2));
            pattern = pattern[(at + 2)..];
        }
        output.Write(pattern);
    }

    /// <summary>The platform's pattern for parsing; text that is no code is a platform pattern already.</summary>
    public static string ToParsePattern(string pattern)
    {
        var result = new StringBuilder(pattern.Length * 2);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%' || i + 1 == pattern.Length) result.Append(pattern[i]);
            else result.Append(ParseCode(pattern[++i]));
        }
        return result.ToString();
    }

    private static bool TryWriteCode(RenderOutput output, DateTime date, char code, CultureInfo culture)
    {
        if (PlatformPattern(code) is { } platform)
        {
            output.WriteFormatted(date, platform, culture);
            return true;
        }
        switch (code)
        {
            case 'C': WriteNumber(output, date.Year / 100, 2, '0'); return true;
            case 'e': WriteNumber(output, date.Day, 2, ' '); return true;
            case 'j': WriteNumber(output, date.DayOfYear, 3, '0'); return true;
            case 'k': WriteNumber(output, date.Hour, 2, ' '); return true;
            case 'l': WriteNumber(output, date.Hour % 12 == 0 ? 12 : date.Hour % 12, 2, ' '); return true;
            case 'n': output.Write('\n'); return true;
            case 't': output.Write('\t'); return true;
            case '%': output.Write('%'); return true;
            case 'N': output.Write(date.ToString("fffffff", CultureInfo.InvariantCulture) + "00"); return true;
            case 'P': output.Write(date.ToString("tt", culture).ToLowerInvariant()); return true;
            case 's': output.WriteFormatted((long)(date.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds, format: null, CultureInfo.InvariantCulture); return true;
            case 'u': WriteNumber(output, date.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)date.DayOfWeek, 1, '0'); return true;
            case 'w': WriteNumber(output, (int)date.DayOfWeek, 1, '0'); return true;
            case 'U': WriteNumber(output, Week(date, culture, DayOfWeek.Sunday), 2, '0'); return true;
            case 'W': WriteNumber(output, Week(date, culture, DayOfWeek.Monday), 2, '0'); return true;
            case 'V': WriteNumber(output, ISOWeek.GetWeekOfYear(date), 2, '0'); return true;
            case 'v': WriteShortDate(output, date, culture); return true;
            default: return false;
        }
    }

    private static string? PlatformPattern(char code) => code switch
    {
        'a' => "ddd",
        'A' => "dddd",
        'b' or 'h' => "MMM",
        'B' => "MMMM",
        'c' => "ddd MMM dd HH:mm:ss yyyy",
        'd' => "dd",
        'D' => "MM/dd/yy",
        'F' => "yyyy-MM-dd",
        'H' => "HH",
        'I' => "hh",
        'L' => "fff",
        'm' => "MM",
        'M' => "mm",
        'p' => "tt",
        'r' => "hh:mm:ss tt",
        'R' => "HH:mm",
        'S' => "ss",
        'T' => "HH:mm:ss",
        'x' => "d",
        'X' => "T",
        'y' => "yy",
        'Y' => "yyyy",
        'Z' => "zzz",
        _ => null,
    };

    private static string ParseCode(char code) => code switch
    {
        'e' => "d",
        'k' => "H",
        'l' => "h",
        'N' => "fffffff",
        'P' => "tt",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        'x' => "MM/dd/yyyy",
        'X' => "HH:mm:ss",
        _ => PlatformPattern(code) ?? "%" + code,
    };

    private static void WriteNumber(RenderOutput output, int number, int width, char fill)
    {
        Span<char> room = stackalloc char[12];
        number.TryFormat(room, out var length, provider: CultureInfo.InvariantCulture);
        for (; width > length; width--) output.Write(fill);
        output.Write(room[..length]);
    }

    private static int Week(DateTime date, CultureInfo culture, DayOfWeek firstDay) => culture.Calendar.GetWeekOfYear(date, CalendarWeekRule.FirstDay, firstDay);

    private static void WriteShortDate(RenderOutput output, DateTime date, CultureInfo culture)
    {
        WriteNumber(output, date.Day, 2, ' ');
        output.Write('-');
        output.Write(date.ToString("MMM", culture).ToUpperInvariant());
        output.Write('-');
        output.WriteFormatted(date, "yyyy", culture);
    }
}

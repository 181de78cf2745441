using System.Globalization;
using Automation.Templates.Rendering;

namespace Automation.Templates.Functions;

/// <summary>The group <c>date</c>; called itself, it parses.</summary>
internal sealed class DateGroup : FunctionGroup
{
    public const string DefaultFormat = "%d %b %Y";

    private static readonly Builtin s_parse = new("date.parse", "text pattern? culture?", static (in Call call) => Parse(call, 0, 1, 2));

    private readonly bool _isShared;

    public DateGroup() : this(isShared: true)
    {
        Set("format", DefaultFormat);
        Set("default_format", DefaultFormat);
        Set("parse", s_parse);
        DefineArithmetic();
        Define("date", "now", "", static (in Call call) => DateTime.SpecifyKind(call.Context.Options.Clock.GetLocalNow().DateTime, DateTimeKind.Local));
        Define("date", "utc_now", "", static (in Call call) => call.Context.Options.Clock.GetUtcNow().UtcDateTime);
        Define("date", "parse_to_string", "text output_pattern? output_culture? input_pattern? input_culture?", static (in Call call) => ParseToString(call));
        Define("date", "to_string", "date pattern culture?", ToText, WriteText);
    }

    private DateGroup(bool isShared) : base(32) => _isShared = isShared;

    internal override bool IsShared => _isShared;

    internal override TemplateFunction? AsFunction => s_parse;

    internal override TemplateObject Copy()
    {
        var copy = new DateGroup(isShared: false);
        for (var i = 0; i < Count; i++) copy.Set(NameAt(i), ValueAt(i));
        return copy;
    }

    private void DefineArithmetic()
    {
        Define("date", "add_days", "date days", static (in Call call) => call.Date(0)?.AddDays(call.Double(1)));
        Define("date", "add_hours", "date hours", static (in Call call) => call.Date(0)?.AddHours(call.Double(1)));
        Define("date", "add_minutes", "date minutes", static (in Call call) => call.Date(0)?.AddMinutes(call.Double(1)));
        Define("date", "add_seconds", "date seconds", static (in Call call) => call.Date(0)?.AddSeconds(call.Double(1)));
        Define("date", "add_milliseconds", "date millis", static (in Call call) => call.Date(0)?.AddMilliseconds(call.Double(1)));
        Define("date", "add_months", "date months", static (in Call call) => call.Date(0)?.AddMonths(call.Int(1)));
        Define("date", "add_years", "date years", static (in Call call) => call.Date(0)?.AddYears(call.Int(1)));
    }

    private static object? Parse(in Call call, int textAt, int patternAt, int cultureAt)
    {
        var text = call.TextOrNull(textAt);
        if (string.IsNullOrEmpty(text)) return null;
        var culture = MathFunctions.CultureOf(call, cultureAt);
        var pattern = call.TextOrNull(patternAt);
        DateTime date;
        _ = string.IsNullOrEmpty(pattern)
            ? DateTime.TryParse(text, culture, DateTimeStyles.AssumeLocal, out date)
            : DateTime.TryParseExact(text, DateFormatter.ToParsePattern(pattern), culture, DateTimeStyles.AssumeLocal, out date);
        return date;   // the language's answer to nonsense is the first of January 1
    }

    private static object? ParseToString(in Call call)
    {
        if (Parse(call, 0, 3, 4) is not DateTime date) return null;
        return DateFormatter.Format(date, call.TextOrNull(1) ?? FormatOf(call), MathFunctions.CultureOf(call, 2));
    }

    private static string FormatOf(in Call call) => call.Context.DateFormat ?? DefaultFormat;

    private static object? ToText(in Call call)
    {
        if (call.Date(0) is not { } date) return null;
        return call.TextOrNull(1) is { } pattern ? DateFormatter.Format(date, Pattern(call, pattern), MathFunctions.CultureOf(call, 2)) : null;
    }

    private static void WriteText(in Call call, RenderOutput output)
    {
        if (call.Date(0) is { } date && call.TextOrNull(1) is { } pattern) DateFormatter.Write(output, date, Pattern(call, pattern), MathFunctions.CultureOf(call, 2));
    }

    // `%g` alone stands for the default format in the invariant culture.
    private static string Pattern(in Call call, string pattern) => pattern == "%g" ? "%g " + FormatOf(call) : pattern;
}

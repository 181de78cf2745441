using System.Globalization;
using System.Numerics;
using Automation.Templates.Parsing;

namespace Automation.Templates.Rendering;

/// <summary>What the language says about single values: truth, names of types, conversions.</summary>
internal static class Values
{
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool truth => truth,
        EmptyValue => false,
        _ => true,
    };

    /// <summary>The printed form.</summary>
    public static string ToText(TemplateContext context, object? value, Span at = default)
    {
        switch (value)
        {
            case null: return "";
            case string text: return text;
            case SafeText safe: return safe.Text;
            case bool truth: return truth ? "true" : "false";
            case int number: return number.ToString(context.Culture);
        }
        using var output = RenderOutput.Rent(sink: null, budget: null);
        Printer.Write(context, output, value, at);
        return output.ToString();
    }

    public static bool TryText(object? value, out string text)
    {
        text = value switch { string s => s, SafeText safe => safe.Text, _ => null! };
        return text is not null;
    }

    public static bool IsNumber(object? value) => value is int or double or decimal or long or BigInteger or float;

    /// <summary>The language's name of a value's type, as messages give it.</summary>
    public static string NameOfType(object? value) => value switch
    {
        null => "null",
        bool => "bool",
        int => "int",
        long => "long",
        float => "float",
        double => "double",
        decimal => "decimal",
        BigInteger => "bigint",
        string or SafeText => "string",
        TemplateFunction => "function",
        NumberRange or LazySequence => "range",
        IEnumerable<object?> => "array",
        TemplateObject => "object",
        DateTime => "DateTime",
        DateTimeOffset => "DateTimeOffset",
        TimeSpan => "TimeSpan",
        _ => value.GetType().Name,
    };

    /// <summary>The value as the platform names it, for the messages that show it so.</summary>
    public static string ClrText(object value) => value switch
    {
        bool truth => truth ? "True" : "False",
        TemplateArray => "Scriban.Runtime.ScriptArray",
        IEnumerable<object?> => "Scriban.Runtime.ScriptRange",
        TemplateObject => "Scriban.Runtime.ScriptObject",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    public static int ToInt(object? value, Span at)
    {
        try
        {
            return TryInt(value, out var number) ? number : throw CannotConvert(value, "int", at);
        }
        catch (OverflowException)
        {
            throw CannotConvert(value, "int", at);
        }
    }

    /// <exception cref="OverflowException">The number is out of range.</exception>
    public static bool TryInt(object? value, out int number)
    {
        number = 0;
        switch (value)
        {
            case null: return true;
            case int i: number = i; return true;
            case long l: number = checked((int)l); return true;
            case double d: number = Convert.ToInt32(d); return true;
            case float f: number = Convert.ToInt32(f); return true;
            case decimal m: number = Convert.ToInt32(m); return true;
            case BigInteger big: number = (int)big; return true;
            case bool truth: number = truth ? 1 : 0; return true;
            default: return false;
        }
    }

    public static bool TryDouble(object? value, out double number)
    {
        number = 0;
        switch (value)
        {
            case null: return true;
            case int i: number = i; return true;
            case long l: number = l; return true;
            case double d: number = d; return true;
            case float f: number = f; return true;
            case decimal m: number = (double)m; return true;
            case BigInteger big: number = (double)big; return true;
            case bool truth: number = truth ? 1 : 0; return true;
            default: return false;
        }
    }

    /// <summary>Whether <c>empty?</c> holds: empty text, list or object.</summary>
    public static bool IsEmpty(object? value) => value switch
    {
        string text => text.Length == 0,
        SafeText text => text.Text.Length == 0,
        TemplateObject members => members.Count == 0,
        IReadOnlyList<object?> list => list.Count == 0,
        IEnumerable<object?> items => !items.Any(),
        _ => false,
    };

    private static RenderFailure CannotConvert(object? value, string type, Span at) =>
        new(at, $"Unable to convert type `{NameOfType(value)}` to `{type}`");
}

/// <summary>Members of values that are not objects.</summary>
internal static class Members
{
    public static bool TryGet(object owner, string name, int hash, out object? value)
    {
        value = null;
        if (name is "empty?" or "blank?")
        {
            value = Boxes.Of(Values.IsEmpty(owner));
            return true;
        }
        switch (owner)
        {
            case TemplateObject members:
                return members.TryGet(name, hash, out value);
            case TemplateArray array:
                if (name == "size") value = Boxes.Of(array.Count);
                else return array.Members is { } extra && extra.TryGet(name, hash, out value);
                return true;
            case IEnumerable<object?> items when name == "size":
                value = Boxes.Of(Sequences.CountOf(items));
                return true;
            case string text when name == "size":
                value = Boxes.Of(text.Length);
                return true;
            case SafeText text when name == "size":
                value = Boxes.Of(text.Text.Length);
                return true;
            case DateTime date:
                value = OfDate(date, name);
                return value is not null;
            case DateTimeOffset moment:
                value = OfMoment(moment, name);
                return value is not null;
            case TimeSpan time:
                value = OfTime(time, name);
                return value is not null;
            default:
                return false;
        }
    }

    private static object? OfDate(DateTime date, string name) => name switch
    {
        "year" => Boxes.Of(date.Year),
        "month" => Boxes.Of(date.Month),
        "day" => Boxes.Of(date.Day),
        "hour" => Boxes.Of(date.Hour),
        "minute" => Boxes.Of(date.Minute),
        "second" => Boxes.Of(date.Second),
        "millisecond" => Boxes.Of(date.Millisecond),
        "microsecond" => Boxes.Of(date.Microsecond),
        "nanosecond" => Boxes.Of(date.Nanosecond),
        "day_of_week" => date.DayOfWeek.ToString(),
        "day_of_year" => Boxes.Of(date.DayOfYear),
        "date" => date.Date,
        "time_of_day" => date.TimeOfDay,
        "ticks" => date.Ticks,
        "kind" => date.Kind.ToString(),
        _ => null,
    };

    private static object? OfMoment(DateTimeOffset moment, string name) => name switch
    {
        "date_time" => moment.DateTime,
        "utc_date_time" => moment.UtcDateTime,
        "local_date_time" => moment.LocalDateTime,
        "offset" => moment.Offset,
        "total_offset_minutes" => Boxes.Of(moment.TotalOffsetMinutes),
        "utc_ticks" => moment.UtcTicks,
        "kind" => null,
        _ => OfDate(moment.DateTime, name),
    };

    private static object? OfTime(TimeSpan time, string name) => name switch
    {
        "days" => Boxes.Of(time.Days),
        "hours" => Boxes.Of(time.Hours),
        "minutes" => Boxes.Of(time.Minutes),
        "seconds" => Boxes.Of(time.Seconds),
        "milliseconds" => Boxes.Of(time.Milliseconds),
        "microseconds" => Boxes.Of(time.Microseconds),
        "nanoseconds" => Boxes.Of(time.Nanoseconds),
        "ticks" => time.Ticks,
        "total_days" => time.TotalDays,
        "total_hours" => time.TotalHours,
        "total_minutes" => time.TotalMinutes,
        "total_seconds" => time.TotalSeconds,
        "total_milliseconds" => time.TotalMilliseconds,
        "total_microseconds" => time.TotalMicroseconds,
        "total_nanoseconds" => time.TotalNanoseconds,
        _ => null,
    };
}

using System.Globalization;
using System.Numerics;
using Automation.Templates.Rendering;
using Automation.Templates.Syntax;

namespace Automation.Templates.Functions;

/// <summary>The group <c>math</c>.</summary>
internal sealed class MathFunctions : FunctionGroup
{
    public MathFunctions() : base(16)
    {
        Define("math", "abs", "value", Abs);
        Define("math", "ceil", "value", static (in Call call) => call[0] is null ? null : Math.Ceiling(call.Double(0)));
        Define("math", "divided_by", "value divisor", DividedBy);
        Define("math", "floor", "value", static (in Call call) => call[0] is null ? null : Math.Floor(call.Double(0)));
        Define("math", "format", "value format culture?", Format, WriteFormat);
        Define("math", "is_number", "value", static (in Call call) => Boxes.Of(Values.IsNumber(call[0])));
        Define("math", "minus", "value with", static (in Call call) => Calculate(call, BinaryOperator.Subtract));
        Define("math", "modulo", "value with", static (in Call call) => Calculate(call, BinaryOperator.Modulo));
        Define("math", "plus", "value with", static (in Call call) => Calculate(call, BinaryOperator.Add));
        Define("math", "round", "value precision?", Round);
        Define("math", "times", "value with", static (in Call call) => Calculate(call, BinaryOperator.Multiply));
        Define("math", "uuid", "", static (in Call _) => Guid.NewGuid().ToString("D"));
        Define("math", "random", "min_value max_value", RandomBetween);
    }

    private static object? Calculate(in Call call, BinaryOperator op) =>
        Operators.Apply(call.Context, op, call[0], call[1], new Operands(call.Site.At.Source, call.Site.At.Start, call.PlaceOf(0), call.PlaceOf(1)));

    private static object? Abs(in Call call) => call[0] switch
    {
        null => null,
        int and not int.MinValue and var number => Boxes.Of(Math.Abs((int)number)),
        int number => Math.Abs((long)number),
        long number => (object)BigInteger.Abs(number) is BigInteger big && big <= long.MaxValue ? (long)big : BigInteger.Abs(number),
        float number => Math.Abs(number),
        double number => Math.Abs(number),
        decimal number => Math.Abs(number),
        BigInteger number => BigInteger.Abs(number),
        var other => Math.Abs(Values.TryDouble(other, out var number) ? number : throw NotANumber(call)),
    };

    private static CallFault NotANumber(in Call call) => new($"The value `{Values.ClrText(call[0]!)}` is not a number", 0);

    private static object? DividedBy(in Call call)
    {
        var result = Calculate(call, BinaryOperator.Divide);
        if (call[1] is not (int or long) || result is null) return result;
        var floor = Math.Floor(Convert.ToDouble(result, CultureInfo.InvariantCulture));
        return floor is >= int.MinValue and <= int.MaxValue ? Boxes.Of((int)floor) : floor;
    }

    private static object? Round(in Call call)
    {
        if (call[0] is null) return null;
        var digits = call.Int(1);
        if (digits is < 0 or > 15) throw new CallFault("Rounding digits must be between 0 and 15, inclusive. (Parameter 'digits')");
        return Math.Round(call.Double(0), digits);
    }

    private static object? RandomBetween(in Call call)
    {
        var (from, to) = (call.Int(0), call.Int(1));
        if (from >= to) throw new CallFault("minValue must be greater than maxValue");
        return Boxes.Of(Random.Shared.Next(from, to));
    }

    private static object? Format(in Call call)
    {
        if (call[0] is null) return "";
        return Formattable(call).ToString(FormatOf(call), CultureOf(call, 2));
    }

    private static void WriteFormat(in Call call, RenderOutput output)
    {
        switch (call[0])
        {
            case null: break;
            case int number: output.WriteFormatted(number, FormatOf(call), CultureOf(call, 2)); break;
            case double number: output.WriteFormatted(number, FormatOf(call), CultureOf(call, 2)); break;
            case decimal number: output.WriteFormatted(number, FormatOf(call), CultureOf(call, 2)); break;
            default: output.Write(Formattable(call).ToString(FormatOf(call), CultureOf(call, 2))); break;
        }
    }

    private static string? FormatOf(in Call call)
    {
        var format = call.TextOrNull(1);
        if (format is { Length: > 2 } && int.TryParse(format.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) && digits > 10_000)
        {
            throw new CallFault($"The format `{format}` asks for too many digits.", 1);
        }
        return format;
    }

    private static IFormattable Formattable(in Call call) => Values.IsNumber(call[0])
        ? (IFormattable)call[0]!
        : throw new CallFault($"Unexpected `{Values.NameOfType(call[0])}`. Must be a formattable number", 0);

    /// <summary>The culture an argument names, or that of the render.</summary>
    /// <exception cref="CallFault">There is no such culture.</exception>
    public static CultureInfo CultureOf(in Call call, int index)
    {
        if (call[index] is null) return call.Context.Culture;
        try
        {
            return Cultures.Get(call.Text(index));
        }
        catch (CultureNotFoundException unknown)
        {
            throw new CallFault(unknown.Message);
        }
    }
}

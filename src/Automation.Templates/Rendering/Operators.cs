using System.Numerics;
using Automation.Templates.Parsing;
using Automation.Templates.Syntax;

namespace Automation.Templates.Rendering;

/// <summary>Where an operation stands, for its messages.</summary>
internal readonly struct Operands(SourceText source, int opAt, Span left, Span right)
{
    public readonly Span Left = left;
    public readonly Span Right = right;

    public Span Operator => new(source, opAt, opAt);
}

/// <summary>The operators over all types of values.</summary>
internal static class Operators
{
    private const int LargestShift = 1_048_576;
    private const int LongestArray = 0x7FFFFFC7;   // what the platform can hold

    public static object? Apply(TemplateContext context, BinaryOperator op, object? left, object? right, in Operands at) => op switch
    {
        BinaryOperator.Equal => Boxes.Of(AreEqual(context, left, right, at)),
        BinaryOperator.NotEqual => Boxes.Of(!AreEqual(context, left, right, at)),
        _ when left is int i && right is int j && Whole(op, i, j) is { } quick => quick,
        BinaryOperator.Range or BinaryOperator.RangeExclusive => RangeOf(context, op, left, right, at),
        _ when left is null || right is null => WithNull(context, op, left, right, at),
        _ when IsText(left) || IsText(right) => OnText(context, op, left, right, at),
        _ when left is IEnumerable<object?> || right is IEnumerable<object?> => Lists.Apply(context, op, left, right, at),
        _ when AsNumber(left, right) is { } a && AsNumber(right, left) is { } b => OnNumbers(op, a, b, at),
        _ => OnTimes(op, left, right, at),
    };

    public static object? Negate(object? value, Span at) => value switch
    {
        int number when number != int.MinValue => Boxes.Of(-number),
        int number => -(long)number,
        long number when number != long.MinValue => -number,
        long number => -(BigInteger)number,
        double number => -number,
        float number => -number,
        decimal number => -number,
        BigInteger number => -number,
        _ => throw new RenderFailure(at, $"Unexpected value `{(value is null ? "null" : Values.ClrText(value))} / Type: {Values.NameOfType(value)}`. Cannot negate(-)/positive(+) a non-numeric value"),
    };

    public static object? Plus(object? value, Span at) => Values.IsNumber(value) ? value : Negate(value, at);

    public static bool AreEqual(TemplateContext context, object? left, object? right, in Operands at)
    {
        if (left is null || right is null) return left is null && right is null;
        if (left is int a && right is int b) return a == b;
        if (Values.TryText(left, out var first) && Values.TryText(right, out var second)) return first == second;
        if (left is EmptyValue || right is EmptyValue) return EqualsEmpty(left is EmptyValue ? right : left);
        if (IsText(left) || IsText(right)) return Values.ToText(context, left) == Values.ToText(context, right);
        if (left is bool yes && right is bool no) return yes == no;
        if (left is IEnumerable<object?> || right is IEnumerable<object?>) return (bool)Lists.Apply(context, BinaryOperator.Equal, left, right, at)!;
        if (AsNumber(left, right) is { } x && AsNumber(right, left) is { } y) return (bool)OnNumbers(BinaryOperator.Equal, x, y, at)!;
        if (left is TemplateObject or TemplateFunction && right is TemplateObject or TemplateFunction) return ReferenceEquals(left, right);
        return left.GetType() == right.GetType() ? left.Equals(right) : throw NotSupported(BinaryOperator.Equal, left, right, at);
    }

    public static RenderFailure NotSupported(BinaryOperator op, object? left, object? right, in Operands at) =>
        new(at.Operator, $"The operator `{TextOf(op)}` is not supported between {Values.NameOfType(left)} and {Values.NameOfType(right)}.");

    /// <summary>Order of two values of one kind, for comparisons and sorting.</summary>
    /// <returns>Null when they have no order.</returns>
    public static int? Compare(object? left, object? right)
    {
        if (Values.TryText(left, out var a) && Values.TryText(right, out var b)) return string.CompareOrdinal(a, b);
        if (AsNumber(left, right) is { } x && AsNumber(right, left) is { } y) return Numbers.Compare(x, y);
        if (left is DateTime d && right is DateTime e) return d.CompareTo(e);
        return left is DateTimeOffset f && right is DateTimeOffset g ? f.CompareTo(g) : null;
    }

    public static string TextOf(BinaryOperator op) => op switch
    {
        BinaryOperator.Coalesce => "??",
        BinaryOperator.IfPresent => "?!",
        BinaryOperator.Or => "||",
        BinaryOperator.And => "&&",
        BinaryOperator.Equal => "==",
        BinaryOperator.NotEqual => "!=",
        BinaryOperator.Less => "<",
        BinaryOperator.LessOrEqual => "<=",
        BinaryOperator.Greater => ">",
        BinaryOperator.GreaterOrEqual => ">=",
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.FloorDivide => "//",
        BinaryOperator.Modulo => "%",
        BinaryOperator.ShiftLeft => "<<",
        BinaryOperator.ShiftRight => ">>",
        BinaryOperator.Range => "..",
        _ => "..<",
    };

    private static bool IsText(object? value) => value is string or SafeText;

    private static bool EqualsEmpty(object value) => value is EmptyValue || (value is TemplateObject or IEnumerable<object?> && Values.IsEmpty(value));

    // A bool counts as 1 or 0, but only beside a number.
    private static object? AsNumber(object? value, object? other) => value switch
    {
        bool truth when Values.IsNumber(other) => Boxes.Of(truth ? 1 : 0),
        _ when Values.IsNumber(value) => value,
        _ => null,
    };

    private static object? Whole(BinaryOperator op, int a, int b) => op switch
    {
        BinaryOperator.Add when (long)a + b is >= int.MinValue and <= int.MaxValue and var sum => Boxes.Of((int)sum),
        BinaryOperator.Subtract when (long)a - b is >= int.MinValue and <= int.MaxValue and var difference => Boxes.Of((int)difference),
        BinaryOperator.Multiply when (long)a * b is >= int.MinValue and <= int.MaxValue and var product => Boxes.Of((int)product),
        BinaryOperator.Less => Boxes.Of(a < b),
        BinaryOperator.LessOrEqual => Boxes.Of(a <= b),
        BinaryOperator.Greater => Boxes.Of(a > b),
        BinaryOperator.GreaterOrEqual => Boxes.Of(a >= b),
        _ => null,
    };

    private static object? WithNull(TemplateContext context, BinaryOperator op, object? left, object? right, in Operands at) => op switch
    {
        BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual => Boxes.False,
        BinaryOperator.ShiftLeft when left is IEnumerable<object?> => Lists.Apply(context, op, left, right, at),
        BinaryOperator.ShiftRight when right is IEnumerable<object?> => Lists.Apply(context, op, left, right, at),
        BinaryOperator.Add when IsText(left) || IsText(right) => OnText(context, op, left, right, at),
        _ => null,
    };

    private static object? OnText(TemplateContext context, BinaryOperator op, object? left, object? right, in Operands at)
    {
        switch (op)
        {
            case BinaryOperator.Add:
                return Concatenate(context, Values.ToText(context, left, at.Left), Values.ToText(context, right, at.Right), at);
            case BinaryOperator.Multiply:
                return Repeat(context, left, right, at);
            case BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual:
                return Boxes.Of(Holds(op, string.CompareOrdinal(Values.ToText(context, left), Values.ToText(context, right))));
            case BinaryOperator.ShiftLeft when left is IEnumerable<object?>:
            case BinaryOperator.ShiftRight when right is IEnumerable<object?>:
                return Lists.Apply(context, op, left, right, at);
            default:
                throw new RenderFailure(at.Operator, $"Operator `{TextOf(op)}` is not supported on string objects");
        }
    }

    private static string Concatenate(TemplateContext context, string left, string right, in Operands at)
    {
        var length = (long)left.Length + right.Length;
        if (length > context.LongestSum) throw new RenderFailure(at.Operator, $"The resulting string length exceeds the limit of `{context.LongestSum}` characters.");
        context.ChargeText(length, at.Operator);
        return string.Concat(left, right);
    }

    private static string Repeat(TemplateContext context, object? left, object? right, in Operands at)
    {
        var (text, times) = IsText(left) ? (left, right) : (right, left);
        if (times is not (int or long or BigInteger))
        {
            throw new RenderFailure(at.Left, "Expecting an integer. The operator `*` is not supported for the expression. Only working on string x int or int x string");
        }
        var unit = text!.ToString()!;
        var count = times is BigInteger big ? (big > long.MaxValue ? long.MaxValue : (long)BigInteger.Max(big, 0)) : Math.Max(0, Convert.ToInt64(times, System.Globalization.CultureInfo.InvariantCulture));
        if (unit.Length == 0 || count == 0) return "";
        if (count > context.LongestText / unit.Length) throw new RenderFailure(IsText(left) ? at.Right : at.Left, $"String multiplication exceeds LimitToString `{context.LongestText}`.");
        context.ChargeText(unit.Length * count, at.Operator);
        return string.Create(unit.Length * (int)count, unit, static (room, unit) =>
        {
            for (; !room.IsEmpty; room = room[unit.Length..]) unit.CopyTo(room);
        });
    }

    private static object? RangeOf(TemplateContext context, BinaryOperator op, object? left, object? right, in Operands at)
    {
        if (IsText(left) || IsText(right)) throw new RenderFailure(at.Operator, $"Operator `{TextOf(op)}` is not supported on string objects");
        if (left is null || right is null) return null;
        if (left is not (int or long) || right is not (int or long)) throw NotSupported(op, left, right, at);
        var range = new NumberRange(Convert.ToInt64(left, System.Globalization.CultureInfo.InvariantCulture), Convert.ToInt64(right, System.Globalization.CultureInfo.InvariantCulture), op == BinaryOperator.Range);
        var limit = context.Options.LoopLimit;
        if (limit > 0 && range.LongCount > limit) throw new RenderFailure(at.Operator, $"Range expression exceeds LoopLimit `{limit}`.");
        return range;
    }

    private static bool Holds(BinaryOperator op, int order) => op switch
    {
        BinaryOperator.Less => order < 0,
        BinaryOperator.LessOrEqual => order <= 0,
        BinaryOperator.Greater => order > 0,
        _ => order >= 0,
    };

    private static object? OnNumbers(BinaryOperator op, object left, object right, in Operands at)
    {
        switch (op)
        {
            case BinaryOperator.Equal:
                return Boxes.Of(Numbers.AreEqual(left, right));
            case BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual:
                return Boxes.Of(Numbers.Compare(left, right) is { } order && Holds(op, order));
            case BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight:
                return Shift(op, left, right, at);
        }
        try
        {
            return Numbers.Calculate(op, left, right);
        }
        catch (DivideByZeroException divided)
        {
            throw new RenderFailure(at.Operator, divided.Message);
        }
        catch (OverflowException overflow)
        {
            throw new RenderFailure(at.Operator, overflow.Message);
        }
    }

    private static object Shift(BinaryOperator op, object left, object right, in Operands at)
    {
        if (left is not (int or long or BigInteger) || right is not (int or long or BigInteger)) throw NotSupported(op, left, right, at);
        var amount = Numbers.ToBig(right);
        if (BigInteger.Abs(amount) > LargestShift) throw new RenderFailure(at.Operator, $"Shift amount `{amount}` exceeds maximum supported magnitude `{LargestShift}`.");
        var value = Numbers.ToBig(left);
        return Numbers.Normalize(op == BinaryOperator.ShiftLeft ? value << (int)amount : value >> (int)amount, isLong: left is long);
    }

    private static object? OnTimes(BinaryOperator op, object left, object right, in Operands at) => (left, right, op) switch
    {
        (DateTime a, DateTime b, BinaryOperator.Subtract) => a - b,
        (DateTime a, TimeSpan b, BinaryOperator.Add) => Shifted(a, b, at),
        (DateTime a, DateTime b, BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual) => Boxes.Of(Holds(op, a.CompareTo(b))),
        (DateTimeOffset a, DateTimeOffset b, BinaryOperator.Subtract) => a - b,
        (DateTimeOffset a, DateTimeOffset b, BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual) => Boxes.Of(Holds(op, a.CompareTo(b))),
        _ => throw NotSupported(op, left, right, at),
    };

    private static object Shifted(DateTime date, TimeSpan by, in Operands at)
    {
        try
        {
            return date + by;
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new RenderFailure(at.Operator, "The added or subtracted value results in an un-representable DateTime.");
        }
    }

    /// <summary>Operators on lists.</summary>
    private static class Lists
    {
        public static object? Apply(TemplateContext context, BinaryOperator op, object? left, object? right, in Operands at)
        {
            var (first, second) = (left as IEnumerable<object?>, right as IEnumerable<object?>);
            switch (op)
            {
                case BinaryOperator.ShiftLeft when first is not null:
                    return Appended(context, first, right, at.Operator);
                case BinaryOperator.ShiftRight when second is not null:
                    return Prepended(context, left, second, at.Operator);
                case BinaryOperator.Multiply when first is not null && right is int or long:
                    return Repeated(context, first, Convert.ToInt64(right, System.Globalization.CultureInfo.InvariantCulture), at.Operator);
                case BinaryOperator.Multiply when second is not null && left is int or long:
                    return Repeated(context, second, Convert.ToInt64(left, System.Globalization.CultureInfo.InvariantCulture), at.Operator);
                case BinaryOperator.Add when first is not null && second is not null:
                    return Concatenated(context, first, second, at.Operator);
                case BinaryOperator.Equal or BinaryOperator.Less or BinaryOperator.LessOrEqual or BinaryOperator.Greater or BinaryOperator.GreaterOrEqual when first is not null && second is not null:
                    return Boxes.Of(Compare(context, op, first, second, at));
                default:
                    throw NotSupported(op, left, right, at);
            }
        }

        private static TemplateArray Appended(TemplateContext context, IEnumerable<object?> items, object? item, Span at)
        {
            var result = Copy(context, items, at);
            result.Add(item);
            return result;
        }

        private static TemplateArray Prepended(TemplateContext context, object? item, IEnumerable<object?> items, Span at)
        {
            var result = new TemplateArray { item };
            foreach (var other in Sequences.Counted(items, context, at)) result.Add(other);
            return result;
        }

        private static TemplateArray Concatenated(TemplateContext context, IEnumerable<object?> first, IEnumerable<object?> second, Span at)
        {
            var result = Copy(context, first, at);
            foreach (var item in Sequences.Counted(second, context, at)) result.Add(item);
            return result;
        }

        private static TemplateArray Copy(TemplateContext context, IEnumerable<object?> items, Span at)
        {
            var result = new TemplateArray();
            foreach (var item in Sequences.Counted(items, context, at)) result.Add(item);
            return result;
        }

        private static object Repeated(TemplateContext context, IEnumerable<object?> items, long times, Span at)
        {
            times = Math.Max(0, times);
            if (items is not IReadOnlyList<object?> list)
            {
                var source = Sequences.Shallow(items, context);
                return new LazySequence(() => Sequences.Repeated(source, times, context, at), Sequences.DepthOf(source));
            }
            var length = (Int128)list.Count * times;
            if (length > LongestArray) throw new RenderFailure(at, "Array multiplication result length exceeds the maximum supported array length.");
            context.CountInternalBatch(at, (long)length);
            var result = new TemplateArray((int)length);
            for (long i = 0; i < times; i++)
            {
                foreach (var item in list) result.Add(item);
            }
            return result;
        }

        private static bool Compare(TemplateContext context, BinaryOperator op, IEnumerable<object?> first, IEnumerable<object?> second, in Operands at)
        {
            var left = Sequences.Materialize(first, context);
            var right = Sequences.Materialize(second, context);
            if (op == BinaryOperator.Equal && left.Count != right.Count) return false;
            context.EnterCompare(at.Operator);
            try
            {
                return CompareItems(context, op, left, right, at);
            }
            finally
            {
                context.LeaveCall();
            }
        }

        private static bool CompareItems(TemplateContext context, BinaryOperator op, IReadOnlyList<object?> left, IReadOnlyList<object?> right, in Operands at)
        {
            for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
            {
                if (AreEqual(context, left[i], right[i], at)) continue;
                return op != BinaryOperator.Equal && IsOrdered(context, op, left[i], right[i], at);
            }
            return op == BinaryOperator.Equal || Holds(op, left.Count.CompareTo(right.Count));
        }

        private static bool IsOrdered(TemplateContext context, BinaryOperator op, object? left, object? right, in Operands at) =>
            Values.IsTrue(Operators.Apply(context, op, left, right, at));
    }
}

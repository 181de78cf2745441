using System.Numerics;
using Automation.Templates.Syntax;

namespace Automation.Templates.Rendering;

/// <summary>Arithmetic with promotion: int, long, big integer, float, double, decimal.</summary>
internal static class Numbers
{
    // A square of a square of a square… doubles in size each time.
    private const long LargestBits = 1_048_576;

    private enum Rank
    {
        Int, Long, Big, Float, Double, Decimal,
    }

    /// <exception cref="DivideByZeroException">A whole number or decimal is divided by zero.</exception>
    /// <exception cref="OverflowException">The result has no place in its type.</exception>
    public static object Calculate(BinaryOperator op, object left, object right) => Common(left, right) switch
    {
        Rank.Int or Rank.Long => OnWhole(op, ToLong(left), ToLong(right), isLong: left is long || right is long),
        Rank.Big => OnBig(op, ToBig(left), ToBig(right)),
        Rank.Float => (float)OnDouble(op, ToDouble(left), ToDouble(right)),
        Rank.Double => OnDouble(op, ToDouble(left), ToDouble(right)),
        _ => OnDecimal(op, ToDecimal(left), ToDecimal(right)),
    };

    public static bool AreEqual(object left, object right) => Compare(left, right) == 0;

    /// <returns>Null when one of them is not a number at all (NaN).</returns>
    public static int? Compare(object left, object right) => Common(left, right) switch
    {
        Rank.Int or Rank.Long => ToLong(left).CompareTo(ToLong(right)),
        Rank.Big => ToBig(left).CompareTo(ToBig(right)),
        Rank.Decimal => CompareDecimal(left, right),
        _ => ToDouble(left) is var a && ToDouble(right) is var b && (double.IsNaN(a) || double.IsNaN(b)) ? null : a.CompareTo(b),
    };

    public static BigInteger ToBig(object value) => value is BigInteger big ? big : ToLong(value);

    /// <summary>The smallest type that holds the number.</summary>
    public static object Normalize(BigInteger value, bool isLong)
    {
        if (!isLong && value >= int.MinValue && value <= int.MaxValue) return Boxes.Of((int)value);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : value;
    }

    private static Rank Common(object left, object right) => (Rank)Math.Max((int)RankOf(left), (int)RankOf(right));

    private static Rank RankOf(object value) => value switch
    {
        int => Rank.Int,
        long => Rank.Long,
        BigInteger => Rank.Big,
        float => Rank.Float,
        double => Rank.Double,
        _ => Rank.Decimal,
    };

    private static long ToLong(object value) => value is int small ? small : (long)value;

    private static double ToDouble(object value) => value switch
    {
        double number => number,
        int number => number,
        long number => number,
        float number => number,
        BigInteger number => (double)number,
        _ => (double)(decimal)value,
    };

    private static decimal ToDecimal(object value) => value switch
    {
        decimal number => number,
        int number => number,
        long number => number,
        BigInteger number => (decimal)number,
        float number => (decimal)number,
        _ => (decimal)(double)value,
    };

    private static int? CompareDecimal(object left, object right)
    {
        try
        {
            return ToDecimal(left).CompareTo(ToDecimal(right));
        }
        catch (OverflowException)
        {
            return ToDouble(left).CompareTo(ToDouble(right));
        }
    }

    private static object OnWhole(BinaryOperator op, long a, long b, bool isLong)
    {
        switch (op)
        {
            case BinaryOperator.Divide:
                return (double)a / b;
            case BinaryOperator.FloorDivide when b != -1:
                return Narrow(a / b, isLong);
            case BinaryOperator.Modulo:
                return Narrow(b == -1 ? 0 : a % b, isLong);
        }
        Int128 exact = op switch
        {
            BinaryOperator.Add => (Int128)a + b,
            BinaryOperator.Subtract => (Int128)a - b,
            BinaryOperator.FloorDivide => -(Int128)a,
            _ => (Int128)a * b,
        };
        return exact >= long.MinValue && exact <= long.MaxValue ? Narrow((long)exact, isLong) : (BigInteger)exact;
    }

    private static object Narrow(long value, bool isLong) => !isLong && value is >= int.MinValue and <= int.MaxValue ? Boxes.Of((int)value) : value;

    private static object OnBig(BinaryOperator op, BigInteger a, BigInteger b)
    {
        if (op == BinaryOperator.Multiply && a.GetBitLength() + b.GetBitLength() > LargestBits)
        {
            throw new OverflowException("The resulting number is too large.");
        }
        return op switch
        {
            BinaryOperator.Add => Normalize(a + b, isLong: true),
            BinaryOperator.Subtract => Normalize(a - b, isLong: true),
            BinaryOperator.Multiply => Normalize(a * b, isLong: true),
            BinaryOperator.Divide => (double)a / (double)b,
            BinaryOperator.FloorDivide => Normalize(BigInteger.Divide(a, b), isLong: true),
            _ => Normalize(BigInteger.Remainder(a, b), isLong: true),
        };
    }

    private static double OnDouble(BinaryOperator op, double a, double b) => op switch
    {
        BinaryOperator.Add => a + b,
        BinaryOperator.Subtract => a - b,
        BinaryOperator.Multiply => a * b,
        BinaryOperator.Divide => a / b,
        BinaryOperator.FloorDivide => Math.Round(a / b),
        _ => a % b,
    };

    private static object OnDecimal(BinaryOperator op, decimal a, decimal b) => op switch
    {
        BinaryOperator.Add => a + b,
        BinaryOperator.Subtract => a - b,
        BinaryOperator.Multiply => a * b,
        BinaryOperator.Divide => a / b,
        BinaryOperator.FloorDivide => decimal.Round(a / b, MidpointRounding.ToEven),
        _ => a % b,
    };
}

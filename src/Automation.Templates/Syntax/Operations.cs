using Automation.Templates.Parsing;
using Automation.Templates.Rendering;

namespace Automation.Templates.Syntax;

internal enum UnaryOperator
{
    Not,
    Negate,
    Plus,
    Alias,
    Expand,
}

internal enum BinaryOperator
{
    Coalesce, IfPresent, Or, And, Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual,
    Add, Subtract, Multiply, Divide, FloorDivide, Modulo, ShiftLeft, ShiftRight, Range, RangeExclusive,
}

/// <summary><c>!a</c>, <c>-a</c>, <c>+a</c>, <c>@f</c>, <c>^list</c>.</summary>
internal sealed class UnaryExpression(Span at, UnaryOperator op, Expression operand) : Expression(at)
{
    public UnaryOperator Operator { get; } = op;

    public Expression Operand { get; } = operand;

    public override string SyntaxName => "unary expression";

    public override object? Evaluate(TemplateContext context) => Operator switch
    {
        UnaryOperator.Not => Boxes.Of(!Operand.Test(context)),
        UnaryOperator.Negate => Operators.Negate(Operand.Evaluate(context), At),
        UnaryOperator.Plus => Operators.Plus(Operand.Evaluate(context), At),
        UnaryOperator.Alias => Operand.EvaluateUncalled(context),
        _ => Operand.Evaluate(context),
    };

    public override bool Test(TemplateContext context) => Operator == UnaryOperator.Not ? !Operand.Test(context) : base.Test(context);
}

/// <summary>Two operands and an operator between them.</summary>
internal sealed class BinaryExpression(Span at, BinaryOperator op, int opAt, Expression left, Expression right) : Expression(at)
{
    public BinaryOperator Operator { get; } = op;

    public Expression Right { get; } = right;

    public Expression Left { get; } = left;

    public override string SyntaxName => "binary expression";

    /// <summary>The same operation with another first operand.</summary>
    public BinaryExpression With(Expression first) => new(At, Operator, opAt, first, Right);

    public override object? Evaluate(TemplateContext context)
    {
        switch (Operator)
        {
            case BinaryOperator.And:
            case BinaryOperator.Or:
                return Boxes.Of(Test(context));
            case BinaryOperator.Coalesce:
                return Left.Evaluate(context) ?? Right.Evaluate(context);
            case BinaryOperator.IfPresent:
                return Left.Evaluate(context) is null ? null : Right.Evaluate(context);
            default:
                var first = Left.Evaluate(context);
                return Operators.Apply(context, Operator, first, Right.Evaluate(context), new Operands(At.Source, opAt, Left.At, Right.At));
        }
    }

    public override bool Test(TemplateContext context) => Operator switch
    {
        BinaryOperator.And => Left.Test(context) && Right.Test(context),
        BinaryOperator.Or => Left.Test(context) || Right.Test(context),
        _ => base.Test(context),
    };
}

/// <summary><c>condition ? a : b</c>.</summary>
internal sealed class ConditionalExpression(Span at, Expression condition, Expression then, Expression otherwise) : Expression(at)
{
    public Expression Then { get; } = then;

    public Expression Otherwise { get; } = otherwise;

    public Expression Condition { get; } = condition;

    public override string SyntaxName => "conditional expression";

    /// <summary>The same choice with another condition.</summary>
    public ConditionalExpression With(Expression other) => new(At, other, Then, Otherwise);

    public override object? Evaluate(TemplateContext context) => (Condition.Test(context) ? Then : Otherwise).Evaluate(context);

    public override void Write(TemplateContext context) => (Condition.Test(context) ? Then : Otherwise).Write(context);
}

/// <summary><c>x++</c>, <c>--x</c>.</summary>
internal sealed class IncrementExpression(Span at, Expression target, int delta, bool givesOld) : Expression(at)
{
    public Expression Target { get; } = target;

    public override string SyntaxName => "increment/decrement expression";

    public override object? Evaluate(TemplateContext context)
    {
        if (AssignExpression.PlaceOf(Target) is not { } place) throw new RenderFailure(Target.At, "Unsupported target expression for assignment.");
        var old = place.Evaluate(context);
        var value = Operators.Apply(context, BinaryOperator.Add, old, Boxes.Of(delta), new Operands(At.Source, At.Start, Target.At, Target.At));
        place.Set(context, value, isCompound: true);
        return givesOld ? old : value;
    }
}

/// <summary><c>target = value</c>, and with an operator <c>target += value</c>.</summary>
internal sealed class AssignExpression(Span at, Expression target, Expression value, BinaryOperator? op, int opAt) : Expression(at)
{
    public Expression Target { get; } = target;

    public Expression Value { get; } = value;

    public BinaryOperator? Operator { get; } = op;

    public override string SyntaxName => "assign expression";

    public override object? Evaluate(TemplateContext context)
    {
        if (PlaceOf(Target) is not { } place) throw new RenderFailure(Unwrap(Target).At, "Unsupported target expression for assignment.");
        if (Operator is null)
        {
            place.Set(context, Value.Evaluate(context));
        }
        else
        {
            var old = place.Evaluate(context);
            var result = Operators.Apply(context, Operator.Value, old, Value.Evaluate(context), new Operands(At.Source, opAt, Target.At, Value.At));
            place.Set(context, result, isCompound: true);
        }
        return null;
    }

    public static PathExpression? PlaceOf(Expression target) => Unwrap(target) as PathExpression;

    private static Expression Unwrap(Expression target)
    {
        while (target is Nested nested) target = nested.Inner;
        return target;
    }
}

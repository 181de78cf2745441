using Automation.Templates.Parsing;
using Automation.Templates.Rendering;

namespace Automation.Templates.Syntax;

/// <summary>A number, a string, true, false or null.</summary>
internal sealed class Literal(Span at, object? value) : Expression(at)
{
    public object? Value { get; } = value;

    public override string SyntaxName => "literal";

    public override object? Evaluate(TemplateContext context) => Value;
}

/// <summary><c>[1, 2]</c>.</summary>
internal sealed class ArrayLiteral(Span at, Expression[] items) : Expression(at)
{
    public Expression[] Items { get; } = items;

    public override string SyntaxName => "array initializer";

    public override object? Evaluate(TemplateContext context)
    {
        var result = new TemplateArray(Items.Length);
        foreach (var item in Items) result.Add(item.Evaluate(context));
        return result;
    }
}

/// <summary><c>{a: 1, "b c": 2}</c>.</summary>
internal sealed class ObjectLiteral(Span at, KeyValuePair<string, Expression>[] members) : Expression(at)
{
    public KeyValuePair<string, Expression>[] Members { get; } = members;

    public override string SyntaxName => "object initializer";

    public override object? Evaluate(TemplateContext context)
    {
        var result = new TemplateObject(Members.Length);
        foreach (var (name, value) in Members) result.Set(name, value.Evaluate(context));
        return result;
    }
}

/// <summary><c>$"Hi {name}"</c>: literal texts and holes in turn.</summary>
internal sealed class InterpolatedText(Span at, Expression[] parts) : Expression(at)
{
    public Expression[] Parts { get; } = parts;

    public override string SyntaxName => "interpolated string expression";

    public override object? Evaluate(TemplateContext context)
    {
        using var text = RenderOutput.Rent(sink: null, budget: null);
        foreach (var part in Parts)
        {
            Printer.Write(context, text, part.Evaluate(context), part.At);
            if (text.Length > context.LongestSum) throw new RenderFailure(At, $"The resulting string length exceeds the limit of `{context.LongestSum}` characters.");
        }
        return text.ToString();
    }
}

/// <summary>An expression in parentheses.</summary>
internal sealed class Nested(Span at, Expression inner) : Expression(at)
{
    public Expression Inner { get; } = inner;

    public override string SyntaxName => "nested expression";

    public override object? Evaluate(TemplateContext context)
    {
        var value = Inner.Evaluate(context);
        return Inner is AnonymousFunction ? Calls.CallIfFunction(context, this, value) : value;
    }

    public override object? EvaluateUncalled(TemplateContext context) => Inner.EvaluateUncalled(context);

    public override bool Test(TemplateContext context) => Inner is AnonymousFunction ? base.Test(context) : Inner.Test(context);
}

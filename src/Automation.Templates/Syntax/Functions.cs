using Automation.Templates.Parsing;
using Automation.Templates.Rendering;

namespace Automation.Templates.Syntax;

/// <summary>A declared parameter; the default is a literal.</summary>
internal readonly struct Parameter(string name, Expression? @default)
{
    public readonly string Name = name;
    public readonly Expression? Default = @default;
}

/// <summary>A function as written: <c>func f(a, b = 2, rest...)</c>, <c>do … end</c> or <c>f(x) = x * 2</c>.</summary>
internal sealed class FunctionNode(Span at, Parameter[]? parameters, bool isVariadic, bool returnsValue) : Node(at)
{
    /// <summary>Null when none are declared: then any number of arguments is taken.</summary>
    public Parameter[]? Parameters { get; } = parameters;

    public bool IsVariadic { get; } = isVariadic;

    public int RequiredCount { get; } = parameters is null ? 0 : parameters.Count(p => p.Default is null) - (isVariadic ? 1 : 0);

    public bool ReturnsValue { get; } = returnsValue;

    public Block? Body { get; init; }

    public Expression? Result { get; init; }

    public object? Run(TemplateContext context)
    {
        if (Result is not null) return Result.Evaluate(context);
        return Body!.Execute(context) == Flow.Return ? context.ReturnValue : null;
    }
}

/// <summary><c>func name … end</c>.</summary>
internal sealed class FunctionStatement(Span at, PathExpression name, FunctionNode function) : Statement(at)
{
    public PathExpression Name { get; } = name;

    public FunctionNode Function { get; } = function;

    public override Flow Execute(TemplateContext context)
    {
        Name.Set(context, new ScriptFunction(Function, enclosing: null) { LocalName = (Name as LocalVariable)?.Name });
        return Flow.Next;
    }
}

/// <summary><c>do … end</c> as a value; it sees the parameters of the function it is written in.</summary>
internal sealed class AnonymousFunction(Span at, FunctionNode function) : Expression(at)
{
    public FunctionNode Function { get; } = function;

    public override string SyntaxName => "anonymous function";

    public override object? Evaluate(TemplateContext context) => new ScriptFunction(Function, context.Frame);
}

/// <summary><c>ret value</c>.</summary>
internal sealed class ReturnStatement(Span at, Expression? value) : Statement(at)
{
    public Expression? Value { get; } = value;

    public override Flow Execute(TemplateContext context)
    {
        context.ReturnValue = Value?.Evaluate(context);
        return Flow.Return;
    }
}

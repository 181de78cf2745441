using Automation.Templates.Parsing;
using Automation.Templates.Rendering;

namespace Automation.Templates.Syntax;

/// <summary>Statements one after the other.</summary>
internal sealed class Block(Span at, Statement[] statements)
{
    public static readonly Block Empty = new(default, []);

    public Span At { get; } = at;

    public Statement[] Statements { get; } = statements;

    public Flow Execute(TemplateContext context)
    {
        try
        {
            return context.Unrolling is { } unrolling && unrolling.Concerns(this) ? unrolling.Execute(context, this) : Execute(context, Statements);
        }
        catch (RenderFailure failure) when (failure.IsOfPrinting)
        {
            throw new RenderFailure(At, failure.Message);
        }
    }

    public static Flow Execute(TemplateContext context, ReadOnlySpan<Statement> statements)
    {
        var output = context.Output;
        var inherited = output.Indent;
        var indents = context.Options.AutoIndent;
        var flow = Flow.Next;
        foreach (var statement in statements)
        {
            context.Charge(1, statement.At);
            if (indents) output.Indent = statement.Indent ?? inherited;
            flow = context.Options.RenderExceptions ? ExecutePrintingErrors(context, statement) : statement.Execute(context);
            if (flow != Flow.Next) break;
        }
        output.Indent = inherited;
        return flow;
    }

    private static Flow ExecutePrintingErrors(TemplateContext context, Statement statement)
    {
        var output = context.Output;
        try
        {
            return statement.Execute(context);
        }
        catch (RenderFailure failure) when (!failure.IsFinal)
        {
            context.Charge(200, statement.At);   // an exception is dear
            context.Output = output;
            output.Write($"[{failure.Message}]");
            return Flow.Next;
        }
    }
}

/// <summary>Text outside of code.</summary>
internal sealed class RawText(Span at) : Statement(at)
{
    public override bool IsRawText => true;

    public override Flow Execute(TemplateContext context)
    {
        context.Output.Write(At.Source.Text.AsSpan(At.Start, At.End - At.Start));
        return Flow.Next;
    }
}

/// <summary>An expression that stands on its own: its value is printed.</summary>
internal sealed class ExpressionStatement(Span at, Expression expression) : Statement(at)
{
    public Expression Expression { get; } = expression;

    private readonly bool _isAssignment = expression is AssignExpression;

    public object? Evaluate(TemplateContext context) => Expression.Evaluate(context);

    public override Flow Execute(TemplateContext context)
    {
        if (_isAssignment) Expression.Evaluate(context);
        else Expression.Write(context);
        return Flow.Next;
    }
}

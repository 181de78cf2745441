using Automation.Templates.Parsing;
using Automation.Templates.Rendering;

namespace Automation.Templates.Syntax;

/// <summary>One argument of a call.</summary>
internal readonly struct Argument(Expression value, string? name)
{
    public readonly Expression Value = value;
    public readonly string? Name = name;
}

/// <summary>A call, written plainly, with parentheses or by a pipe; a piped value is the first argument.</summary>
internal sealed class CallExpression(Span at, Expression target, Argument[] arguments, bool isPiped) : Expression(at)
{
    private readonly bool _isPlain = Array.TrueForAll(arguments, a => a.Name is null && a.Value is not UnaryExpression { Operator: UnaryOperator.Expand });

    public Expression Target { get; } = target;

    public Argument[] Arguments { get; } = arguments;

    public bool IsPiped { get; } = isPiped;

    public override string SyntaxName => "function call";

    public override object? Evaluate(TemplateContext context)
    {
        var function = FunctionOf(context);
        if (function is null) return null;
        Calls.CheckReturnsValue(context, function, this, Target.At);
        return Invoke(context, function, block: null);
    }

    /// <param name="context">The running render.</param>
    /// <param name="function">What <see cref="FunctionOf"/> gave.</param>
    /// <param name="block">What the function may render by <c>$$</c>.</param>
    public object? Invoke(TemplateContext context, TemplateFunction function, WrappedBlock? block)
    {
        var start = context.ArgumentTop;
        try
        {
            var names = PushArguments(context, start);
            context.PendingBlock = block;
            return function.Invoke(context, this, context.ArgumentsFrom(start), names);
        }
        finally
        {
            context.PopArguments(start);
        }
    }

    public override void Write(TemplateContext context)
    {
        var function = FunctionOf(context);
        if (function is null) return;
        var start = context.ArgumentTop;
        try
        {
            var names = PushArguments(context, start);
            function.InvokeAndWrite(context, this, context.ArgumentsFrom(start), names);
        }
        finally
        {
            context.PopArguments(start);
        }
    }

    /// <summary>The function, without the arguments being evaluated.</summary>
    public TemplateFunction? FunctionOf(TemplateContext context)
    {
        var callee = Target is UnaryExpression { Operator: UnaryOperator.Alias } alias
            ? alias.Operand.EvaluateUncalled(context)
            : Target.EvaluateUncalled(context);
        if (callee is TemplateFunction function) return function;
        if (callee is TemplateObject { AsFunction: { } standIn }) return standIn;
        if (callee is null)
        {
            if (context.Options.RelaxedFunctionAccess) return null;
            if (context.Options.RenderExceptions && IsPiped && Arguments.Length == 1) throw NotAFunction();
            throw new RenderFailure(Target.At, $"The function `{Target.At.Text}` was not found");
        }
        if (IsPiped && Arguments.Length == 1) throw NotAFunction();
        throw new RenderFailure(Target.At, $"Invalid target function `{Values.ClrText(callee)}` ({Values.NameOfType(callee)})");
    }

    private RenderFailure NotAFunction() => new(Target.At, $"Pipe expression destination `{Target.At.Text}` is not a valid function ");

    private string?[]? PushArguments(TemplateContext context, int start)
    {
        if (_isPlain)
        {
            foreach (var argument in Arguments) context.PushArgument(argument.Value.Evaluate(context));
            return null;
        }
        var names = new List<string?>();
        foreach (var argument in Arguments)
        {
            var value = argument.Value.Evaluate(context);
            if (argument.Value is UnaryExpression { Operator: UnaryOperator.Expand } && value is IEnumerable<object?> items)
            {
                foreach (var item in Sequences.Counted(items, context, argument.Value.At)) context.PushArgument(item);
            }
            else
            {
                context.PushArgument(value);
            }
            while (names.Count < context.ArgumentTop - start) names.Add(argument.Name);
        }
        return names.TrueForAll(name => name is null) ? null : [.. names];
    }
}

/// <summary>Calling what a path leads to.</summary>
internal static class Calls
{
    public static object? CallIfFunction(TemplateContext context, Expression site, object? value)
    {
        if (value is not TemplateFunction function) return value;
        CheckReturnsValue(context, function, site, site.At);
        return function.Invoke(context, site, default, names: null);
    }

    public static void Write(TemplateContext context, TemplateFunction function, Node site, ReadOnlySpan<object?> arguments, string?[]? names) =>
        function.InvokeAndWrite(context, site, arguments, names);

    public static void CheckReturnsValue(TemplateContext context, TemplateFunction function, Node site, Span name)
    {
        if (context.Options.ErrorForStatementFunctionAsExpression && !function.ReturnsValue)
        {
            throw new RenderFailure(site.At, $"The function `{name.Text}` is a statement and cannot be used within an expression.");
        }
    }
}

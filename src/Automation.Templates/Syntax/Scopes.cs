using Automation.Templates.Parsing;
using Automation.Templates.Rendering;

namespace Automation.Templates.Syntax;

/// <summary><c>with object … end</c>: its members are read first and assignments go to it.</summary>
internal sealed class WithStatement(Span at, Expression target, Block body) : Statement(at)
{
    public Expression Target { get; } = target;

    public Block Body { get; } = body;

    public override Flow Execute(TemplateContext context)
    {
        var value = Target.Evaluate(context);
        if (value is not TemplateObject scope)
        {
            throw new RenderFailure(Target.At, $"Invalid target property `{Target.At.Text}` used for [with] statement. Must be a ScriptObject instead of `{Values.NameOfType(value)}`");
        }
        context.PushObject(context.Writable(scope));
        try
        {
            return Body.Execute(context);
        }
        finally
        {
            context.PopObject();
        }
    }
}

/// <summary><c>capture target … end</c>: what the block writes becomes a value.</summary>
internal sealed class CaptureStatement(Span at, Expression target, Block body) : Statement(at)
{
    public Expression Target { get; } = target;

    public Block Body { get; } = body;

    public override Flow Execute(TemplateContext context)
    {
        if (AssignExpression.PlaceOf(Target) is not { } place) throw new RenderFailure(Target.At, "Unsupported target expression for assignment.");
        var flow = Flow.Next;
        var text = context.Capture(() => flow = Body.Execute(context));
        place.Set(context, context.AsWrittenValue(text));
        return flow;
    }
}

/// <summary><c>import object</c>: copies its members to where plain assignments go.</summary>
internal sealed class ImportStatement(Span at, Expression source) : Statement(at)
{
    public Expression Source { get; } = source;

    public override Flow Execute(TemplateContext context)
    {
        var value = Source.Evaluate(context);
        if (value is null) return Flow.Next;
        if (value is not TemplateObject members) throw new RenderFailure(Source.At, $"Unexpected value `{Values.NameOfType(value)}` for import. Expecting an object");
        foreach (var (name, member) in members) context.TopObject.Set(name, member);
        return Flow.Next;
    }
}

/// <summary><c>readonly name</c>.</summary>
internal sealed class ReadOnlyStatement(Span at, Expression variable) : Statement(at)
{
    public override Flow Execute(TemplateContext context)
    {
        if (variable is GlobalVariable global) context.TopObject.MakeReadOnly(global.Name);
        return Flow.Next;
    }
}

/// <summary><c>wrap f … end</c>: calls a function that renders the block by <c>$$</c>.</summary>
internal sealed class WrapStatement(Span at, Expression target, Block body) : Statement(at)
{
    public Expression Target { get; } = target;

    public Block Body { get; } = body;

    public override Flow Execute(TemplateContext context)
    {
        var function = FunctionOf(context);
        var block = new WrappedBlock(Body, context.Locals, context.Frame);
        if (Target is CallExpression call)
        {
            call.Invoke(context, function, block);
        }
        else
        {
            context.PendingBlock = block;
            function.Invoke(context, Target, default, names: null);
        }
        return Flow.Next;
    }

    private TemplateFunction FunctionOf(TemplateContext context)
    {
        if (Target is CallExpression call) return call.FunctionOf(context) ?? throw NotDirect();
        if (Target is PathExpression path && path.Get(context) is TemplateFunction function) return function;
        throw NotDirect();
    }

    private RenderFailure NotDirect() => new(Target.At, $"Expecting a direct function instead of the expression `{Target.At.Text}/{Target.SyntaxName}`");
}

using Automation.Templates.Syntax;

namespace Automation.Templates.Rendering;

/// <summary>Anything a template can call.</summary>
internal abstract class TemplateFunction
{
    /// <param name="context">The running render.</param>
    /// <param name="site">The call, for messages.</param>
    /// <param name="arguments">Evaluated arguments in the order written.</param>
    /// <param name="names">The name of each argument that has one; null when none has.</param>
    public abstract object? Invoke(TemplateContext context, Node site, ReadOnlySpan<object?> arguments, string?[]? names);

    /// <summary>Prints the result; functions that can do so without building a string override this.</summary>
    public virtual void InvokeAndWrite(TemplateContext context, Node site, ReadOnlySpan<object?> arguments, string?[]? names) =>
        context.WriteValue(Invoke(context, site, arguments, names), site.At);

    /// <summary>Whether a call may stand for a value: false for script functions without <c>ret</c>.</summary>
    public virtual bool ReturnsValue => true;
}

/// <summary>A function written in a template, with the parameters it can see because it was made inside their function.</summary>
internal sealed class ScriptFunction(FunctionNode node, Scope? enclosing) : TemplateFunction
{
    /// <summary>The <c>$</c> name it was declared by, under which it can call itself.</summary>
    public string? LocalName { get; init; }

    public override bool ReturnsValue => node.ReturnsValue;

    public override object? Invoke(TemplateContext context, Node site, ReadOnlySpan<object?> arguments, string?[]? names)
    {
        if (node.Parameters is not null) CheckCount(site, arguments.Length);
        var body = context.EnterFunction(site);
        try
        {
            var locals = new Scope { Arguments = PositionalOf(arguments, names), Block = context.TakePendingBlock() };
            if (LocalName is not null) locals.Set(LocalName, this);
            context.Locals = locals;
            context.Frame = node.Parameters is null ? enclosing : Bind(context, arguments, names);
            return node.Run(context);
        }
        finally
        {
            context.LeaveFunction(body);
        }
    }

    private static TemplateArray PositionalOf(ReadOnlySpan<object?> arguments, string?[]? names)
    {
        var result = new TemplateArray(arguments.Length);
        for (var i = 0; i < arguments.Length; i++)
        {
            if (names?[i] is { } name) result.MembersForWrite.Set(name, arguments[i]);
            else result.Add(arguments[i]);
        }
        return result;
    }

    private void CheckCount(Node site, int given)
    {
        var parameters = node.Parameters!;
        if (given < node.RequiredCount)
        {
            throw new RenderFailure(site.At.Source.MessageAt(site.At.End, $"Invalid number of arguments `{given}` passed to `{site.At.Text}` while expecting `{node.RequiredCount}` arguments"));
        }
        if (given > parameters.Length && !node.IsVariadic)
        {
            var first = site is CallExpression call && parameters.Length < call.Arguments.Length ? call.Arguments[parameters.Length].Value.At : site.At;
            throw new RenderFailure(first, $"Invalid number of arguments `{given}` passed to `{site.At.Text}` while expecting `{parameters.Length}` arguments");
        }
    }

    private Scope Bind(TemplateContext context, ReadOnlySpan<object?> arguments, string?[]? names)
    {
        var parameters = node.Parameters!;
        var frame = new Scope();
        var fixedCount = node.IsVariadic ? parameters.Length - 1 : parameters.Length;
        for (var i = 0; i < fixedCount; i++) frame.Set(parameters[i].Name, parameters[i].Default?.Evaluate(context));
        var rest = node.IsVariadic ? new TemplateArray() : null;
        if (rest is not null) frame.Set(parameters[^1].Name, rest);
        var next = 0;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (names?[i] is { } name && IndexOf(parameters, name) is var at and >= 0 && at < fixedCount) frame.Set(parameters[at].Name, arguments[i]);
            else if (next < fixedCount) frame.Set(parameters[next++].Name, arguments[i]);
            else rest?.Add(arguments[i]);
        }
        return frame;
    }

    private static int IndexOf(Parameter[] parameters, string name) => Array.FindIndex(parameters, p => p.Name == name);
}

/// <summary>The block of a <c>wrap</c>, to be rendered with the variables of the place where it stands.</summary>
internal sealed class WrappedBlock(Block block, Scope? locals, Scope? frame)
{
    public void Render(TemplateContext context)
    {
        var (callerLocals, callerFrame) = (context.Locals, context.Frame);
        (context.Locals, context.Frame) = (locals, frame);
        try
        {
            block.Execute(context);
        }
        finally
        {
            (context.Locals, context.Frame) = (callerLocals, callerFrame);
        }
    }
}

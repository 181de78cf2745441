using Automation.Templates.Parsing;
using Automation.Templates.Rendering;

namespace Automation.Templates.Syntax;

/// <summary>A piece of a parsed template. Trees never change once parsed and are shared between threads.</summary>
internal abstract class Node(Span at)
{
    public readonly Span At = at;
}

/// <summary>What gives a value.</summary>
internal abstract class Expression(Span at) : Node(at)
{
    /// <summary>The grammar's word for this kind of expression, as messages name it.</summary>
    public virtual string SyntaxName => "expression";

    /// <summary>The value; a path that leads to a function calls it.</summary>
    public abstract object? Evaluate(TemplateContext context);

    /// <summary>The value without calling a function the path leads to, as <c>@</c> and calls need it.</summary>
    public virtual object? EvaluateUncalled(TemplateContext context) => Evaluate(context);

    /// <summary>Prints the value.</summary>
    public virtual void Write(TemplateContext context) => context.WriteValue(Evaluate(context), At);

    public virtual bool Test(TemplateContext context) => Values.IsTrue(Evaluate(context));
}

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
    Return,
}

/// <summary>What does something.</summary>
internal abstract class Statement(Span at) : Node(at)
{
    /// <summary>The indentation of the code block that holds the statement; null for that of the surrounding sequence.</summary>
    public string? Indent;

    /// <summary>Whether this is text, not code.</summary>
    public virtual bool IsRawText => false;

    public abstract Flow Execute(TemplateContext context);
}

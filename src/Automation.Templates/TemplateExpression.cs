using Automation.Templates.Parsing;
using Automation.Templates.Rendering;
using Automation.Templates.Syntax;

namespace Automation.Templates;

/// <summary>One expression, such as the condition of a branch.</summary>
public sealed class TemplateExpression
{
    private readonly Expression? _expression;

    private TemplateExpression(Expression? expression, IReadOnlyList<TemplateMessage> messages, IReadOnlySet<string> roots)
    {
        _expression = expression;
        Messages = messages;
        Roots = roots;
    }

    public bool HasErrors => Messages.Count > 0;

    public IReadOnlyList<TemplateMessage> Messages { get; }

    /// <summary>Every global name the expression reads.</summary>
    public IReadOnlySet<string> Roots { get; }

    /// <summary>Reads one expression without braces. Never throws for bad text.</summary>
    public static TemplateExpression Parse(string text, string name = "<expression>")
    {
        using var parser = new Parser(new SourceText(name, text), new TemplateParseOptions { Mode = TemplateMode.ScriptOnly });
        var (expression, messages) = parser.ParseSingleExpression();
        return new TemplateExpression(expression, messages, Template.RootsOf(parser.Facts));
    }

    /// <returns>The value, of the types listed at <see cref="TemplateObject"/>.</returns>
    /// <exception cref="TemplateException">The expression has errors, or fails.</exception>
    public object? Evaluate(TemplateContext context)
    {
        if (HasErrors) throw new TemplateException(Messages, isParse: true);
        using var buffer = RenderOutput.Rent(sink: null, context);
        var value = context.Evaluate(buffer, _expression!);
        return value is SafeText safe ? safe.Text : value;
    }

    /// <summary>Evaluates and applies the language's truth: only null, false and <c>empty</c> are false.</summary>
    /// <exception cref="TemplateException">The expression has errors, or fails.</exception>
    public bool Test(TemplateContext context) => IsTrue(Evaluate(context));

    public static bool IsTrue(object? value) => Values.IsTrue(value);
}

using Automation.Templates.Parsing;
using Automation.Templates.Rendering;

namespace Automation.Templates.Syntax;

/// <summary>One branch of an <c>if</c>.</summary>
internal readonly struct Branch(Expression? condition, Block body)
{
    public readonly Expression? Condition = condition;
    public readonly Block Body = body;
}

/// <summary><c>if … else if … else … end</c>.</summary>
internal sealed class IfStatement(Span at, Branch[] branches) : Statement(at)
{
    public Branch[] Branches { get; } = branches;

    public override Flow Execute(TemplateContext context)
    {
        foreach (var branch in Branches)
        {
            if (branch.Condition is null || branch.Condition.Test(context)) return branch.Body.Execute(context);
        }
        return Flow.Next;
    }
}

/// <summary>One <c>when</c> with its values; no values is the <c>else</c>.</summary>
internal readonly struct When(Expression[]? values, Block body)
{
    public readonly Expression[]? Values = values;
    public readonly Block Body = body;
}

/// <summary><c>case value when a, b … else … end</c>.</summary>
internal sealed class CaseStatement(Span at, Expression subject, When[] branches) : Statement(at)
{
    public Expression Subject { get; } = subject;

    public When[] Branches { get; } = branches;

    public override Flow Execute(TemplateContext context)
    {
        var value = Subject.Evaluate(context);
        foreach (var branch in Branches)
        {
            if (branch.Values is null || Matches(context, value, branch.Values)) return branch.Body.Execute(context);
        }
        return Flow.Next;
    }

    private static bool Matches(TemplateContext context, object? value, Expression[] candidates)
    {
        foreach (var candidate in candidates)
        {
            if (Operators.AreEqual(context, value, candidate.Evaluate(context), new Operands(candidate.At.Source, candidate.At.Start, candidate.At, candidate.At))) return true;
        }
        return false;
    }
}

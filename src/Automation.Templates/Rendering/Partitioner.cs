using Automation.Templates.Functions;
using Automation.Templates.Syntax;

namespace Automation.Templates.Rendering;

/// <summary>Splits a template into shared and personal segments.</summary>
internal sealed class Partitioner(Template template, IReadOnlySet<string> sharedRoots, ITemplateLoader? loader)
{
    private const int DeepestInclude = 20;

    public IReadOnlyList<TemplateSegment> Split()
    {
        var statements = template.Body.Statements;
        if (statements.Length == 0 || !IsDivisible(template, depth: 0)) return [new TemplateSegment(template.Body, isShared: false)];
        var segments = new List<TemplateSegment>();
        var pending = new List<Statement>();
        var isShared = true;
        for (var i = 0; i < statements.Length;)
        {
            var end = UnitEnd(statements, i);
            var unitIsShared = IsShared(statements, i, end);
            if (pending.Count > 0 && unitIsShared != isShared) Close(segments, pending, isShared);
            isShared = unitIsShared;
            pending.AddRange(statements[i..end]);
            i = end;
        }
        Close(segments, pending, isShared);
        return segments;
    }

    private void Close(List<TemplateSegment> segments, List<Statement> pending, bool isShared)
    {
        segments.Add(new TemplateSegment(new Block(pending[0].At, [.. pending]), isShared, isShared ? null : PlanOf(pending)));
        pending.Clear();
    }

    // Only what stands alone between texts: a loop over a shared list, or a branch by a shared condition.
    private UnrollingPlan? PlanOf(List<Statement> statements)
    {
        var plan = new UnrollingPlan();
        return statements.Count == 1 && Descends(statements[0], plan) ? plan : null;
    }

    /// <summary>Whether the statement's own course is shared, and only what stands within its blocks may be personal.</summary>
    private bool Descends(Statement statement, UnrollingPlan plan)
    {
        switch (statement)
        {
            // An empty block has no place by which its head could be told from it.
            case ForStatement { Variable: GlobalVariable, Body.Statements.Length: > 0 } loop:
                return ReadsShared(loop.At.Start, loop.Body.At.Start) && Plan(loop.Body, plan) && (loop.Otherwise is null || Plan(loop.Otherwise, plan));
            case IfStatement choice:
                var from = choice.At.Start;
                foreach (var branch in choice.Branches)
                {
                    if (branch.Body.Statements.Length == 0 || !ReadsShared(from, branch.Body.At.Start) || !Plan(branch.Body, plan)) return false;
                    from = branch.Body.At.End;
                }
                return true;
            default:
                return false;
        }
    }

    private bool Plan(Block block, UnrollingPlan plan)
    {
        var statements = block.Statements;
        var own = new List<(int, int)>();
        for (var i = 0; i < statements.Length;)
        {
            var end = UnitEnd(statements, i);
            var from = i > 0 ? statements[i - 1].At.End : block.At.Start;
            var to = end < statements.Length ? statements[end].At.Start : block.At.End;
            if (!statements[i].IsRawText && !ReadsShared(from, to) && !(end == i + 1 && Descends(statements[i], plan)))
            {
                // What follows must be text: how a person's own ends may show in code that follows it.
                if (end == statements.Length || Array.Exists(statements[i..end], Jumps)) return false;
                own.Add((i, end));
            }
            i = end;
        }
        if (own.Count > 0) plan.Own[block] = own;
        return true;
    }

    private static bool Jumps(Statement statement) => statement switch
    {
        ExpressionStatement or RawText => false,
        IfStatement choice => Array.Exists(choice.Branches, branch => Array.Exists(branch.Body.Statements, Jumps)),
        CaseStatement choice => Array.Exists(choice.Branches, branch => Array.Exists(branch.Body.Statements, Jumps)),
        ForStatement loop => Array.Exists(loop.Body.Statements, inner => inner is not JumpStatement && Jumps(inner)),
        _ => true,
    };

    // Code that follows code may continue its line, whose indentation the output remembers: it stays together.
    private static int UnitEnd(Statement[] statements, int start)
    {
        var end = start + 1;
        if (statements[start].IsRawText) return end;
        while (end < statements.Length && !statements[end].IsRawText) end++;
        return end;
    }

    /// <summary>Whether no statement can see what another one did.</summary>
    private bool IsDivisible(Template part, int depth)
    {
        if (part.HasErrors || part.Facts.HasEffects || depth > DeepestInclude) return false;
        if (Array.Exists(part.Body.Statements, statement => statement is JumpStatement or ReturnStatement)) return false;
        foreach (var include in part.Facts.Includes)
        {
            if (Partial(include.Name) is not { } partial || !IsDivisible(partial, depth + 1)) return false;
        }
        return true;
    }

    private Template? Partial(string? name) => name is null ? null : loader?.LoadTemplate(name, TemplateParseOptions.Default);

    private bool IsShared(Statement[] statements, int start, int end)
    {
        if (statements[start].IsRawText) return true;
        // From text to text: code is not bounded by its statement's place, which for a pipe is that of the pipe.
        return ReadsShared(start > 0 ? statements[start - 1].At.End : 0, end < statements.Length ? statements[end].At.Start : int.MaxValue);
    }

    private bool ReadsShared(int from, int to)
    {
        foreach (var (name, offset) in template.Facts.Reads)
        {
            if (offset >= from && offset < to && !IsSharedName(name)) return false;
        }
        foreach (var (name, offset) in template.Facts.Includes)
        {
            if (offset >= from && offset < to && !ReadsOnlyShared(Partial(name)!)) return false;
        }
        return true;
    }

    private bool ReadsOnlyShared(Template partial)
    {
        foreach (var (name, _) in partial.Facts.Reads)
        {
            if (!IsSharedName(name)) return false;
        }
        foreach (var (name, _) in partial.Facts.Includes)
        {
            if (!ReadsOnlyShared(Partial(name)!)) return false;
        }
        return true;
    }

    private bool IsSharedName(string name) => sharedRoots.Contains(name) || Builtins.IsName(name);
}

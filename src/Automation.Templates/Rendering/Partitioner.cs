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

    private static void Close(List<TemplateSegment> segments, List<Statement> pending, bool isShared)
    {
        segments.Add(new TemplateSegment(new Block(pending[0].At, [.. pending]), isShared));
        pending.Clear();
    }

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
        var from = start > 0 ? statements[start - 1].At.End : 0;
        var to = end < statements.Length ? statements[end].At.Start : int.MaxValue;
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

using System.Runtime.CompilerServices;
using Automation.Templates.Parsing;
using Automation.Templates.Syntax;

namespace Automation.Templates.Analysis;

/// <summary>Walks a template once, with what is known of each value instead of values.</summary>
internal sealed partial class Analyzer(Template root, ModelShape model, ITemplateLoader? loader, bool isPartial)
{
    private const int MostSteps = 300_000;
    private const int MostPieces = 100_000;
    private const int MostProblems = 500;
    private const int DeepestInclude = 20;
    private const int DeepestCall = 8;
    private const string Arguments = "$";

    private readonly List<TemplateProblem> _problems = [];
    private readonly HashSet<(TemplateProblemKind, string, int, string)> _reported = [];
    private readonly HashSet<string> _assignedSomewhere = new(StringComparer.Ordinal);
    private readonly Known _known = new();
    private readonly List<Seen> _opened = [];                       // objects of open `with` blocks
    private readonly Stack<string> _including = new();
    private readonly List<FunctionNode> _functions = [];
    private readonly HashSet<FunctionNode> _called = [];
    private List<TemplatePiece> _pieces = [];
    private List<Seen>? _returned;
    private WaitingBlock? _block;
    private Template? _included;
    private bool _argumentsUnknown = isPartial;
    private bool _rootsUnknown;
    private int _calls;
    private int _quiet;
    private int _steps;
    private int _pieceCount;

    public TemplateAnalysis Run()
    {
        var isComplete = true;
        var printed = _pieces;
        NoteAssignments(root);
        try
        {
            Walk(root.Body);
            WalkUncalled();
        }
        catch (EnoughException)
        {
            isComplete = false;
        }
        return new TemplateAnalysis(_problems, printed, isComplete);
    }

    // What nothing calls prints nothing, but its names are checked all the same.
    private void WalkUncalled()
    {
        for (var i = 0; i < _functions.Count; i++)
        {
            if (!_called.Contains(_functions[i])) Inline(_functions[i], [], argumentsUnknown: true, block: null);
        }
    }

    private void NoteAssignments(Template part)
    {
        foreach (var (name, _) in part.Facts.Assignments) _assignedSomewhere.Add(name);
    }

    private void Charge(int work = 1)
    {
        _steps += work;
        if (_steps > MostSteps || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw new EnoughException();
    }

    // ── statements ─────────────────────────────────────────────────────────────────────────────────────────

    private void Walk(Block block)
    {
        var facts = _known.FactCount;
        foreach (var statement in block.Statements)
        {
            Charge();
            Walk(statement);
        }
        _known.ForgetFactsTo(facts);
    }

    private void Walk(Statement statement)
    {
        switch (statement)
        {
            case RawText text:
                Print(new TemplatePiece(TemplatePieceKind.Text, new TemplatePlace(text.At), text.At.Text, []));
                break;
            case ExpressionStatement plain:
                WalkExpression(plain.Expression);
                break;
            case IfStatement choice:
                WalkIf(choice);
                break;
            case CaseStatement choice:
                WalkCase(choice);
                break;
            case ForStatement loop:
                WalkFor(loop);
                break;
            case WhileStatement loop:
                Eval(loop.Condition);
                Alternatives([new Alternative(FactsOf(loop.Condition, truth: true), () => Walk(loop.Body)), Alternative.None(FactsOf(loop.Condition, truth: false))], isTotal: false);
                break;
            case WithStatement scope:
                WalkWith(scope);
                break;
            case CaptureStatement capture:
                Assign(capture.Target, new Seen { Pieces = Captured(() => Walk(capture.Body)) });
                break;
            case FunctionStatement function:
                _functions.Add(function.Function);
                Assign(function.Name, new Seen { Function = function.Function });
                break;
            case WrapStatement wrap:
                WalkWrap(wrap);
                break;
            case ImportStatement import:
                WalkImport(import);
                break;
            case ReturnStatement { Value: { } value }:
                _returned?.Add(Eval(value));
                break;
        }
    }

    private void WalkExpression(Expression expression)
    {
        var value = Eval(expression);
        if (expression is AssignExpression) return;
        foreach (var (path, at) in value.Blanks) Report(TemplateProblemKind.MayBeBlank, at, path);
        Print(value, expression.At);
    }

    private void WalkIf(IfStatement statement)
    {
        var alternatives = new List<Alternative>();
        var outer = _known.FactCount;
        var isTotal = false;
        foreach (var branch in statement.Branches)
        {
            if (branch.Condition is null)
            {
                alternatives.Add(new Alternative(_known.FactsFrom(outer), () => Walk(branch.Body)));
                isTotal = true;
                break;
            }
            // What an earlier branch's failure says holds in all later ones.
            Charge(_known.FactCount - outer);
            Eval(branch.Condition);
            alternatives.Add(new Alternative([.. _known.FactsFrom(outer), .. FactsOf(branch.Condition, truth: true)], () => Walk(branch.Body)));
            _known.AddFacts(FactsOf(branch.Condition, truth: false));
        }
        var otherwise = _known.FactsFrom(outer);
        _known.ForgetFactsTo(outer);
        if (!isTotal) alternatives.Add(Alternative.None(otherwise));
        Alternatives(alternatives, isTotal);
        // `if !deal; ret; end`: whoever comes past has a deal.
        if (!isTotal && Array.TrueForAll(statement.Branches, branch => Leaves(branch.Body))) _known.AddFacts(otherwise);
    }

    private static bool Leaves(Block body) => body.Statements is [.., ReturnStatement or JumpStatement];

    private void WalkCase(CaseStatement statement)
    {
        Eval(statement.Subject);
        var alternatives = new List<Alternative>();
        foreach (var branch in statement.Branches)
        {
            foreach (var value in branch.Values ?? []) Eval(value);
            var isThere = branch.Values is { } values && Array.TrueForAll(values, value => value is Literal { Value: not null and not "" });
            alternatives.Add(new Alternative(isThere ? PathFacts(statement.Subject) : [], () => Walk(branch.Body)));
        }
        var isTotal = Array.Exists(statement.Branches, branch => branch.Values is null);
        if (!isTotal) alternatives.Add(Alternative.None([]));
        Alternatives(alternatives, isTotal);
    }

    private void WalkFor(ForStatement loop)
    {
        var list = Eval(loop.List);
        foreach (var option in loop.Options)
        {
            if (option.Value is not null) Eval(option.Value);
        }
        Alternatives(
            [
                new Alternative([], () =>
                {
                    Assign(loop.Variable, ItemOf(list));
                    Walk(loop.Body);
                }),
                loop.Otherwise is { } otherwise ? new Alternative([], () => Walk(otherwise)) : Alternative.None([]),
            ],
            isTotal: loop.Otherwise is not null,
            scoped: loop.Variable);
    }

    private void WalkWith(WithStatement scope)
    {
        var value = Eval(scope.Target);
        if (value.MayBeNull) Report(TemplateProblemKind.MayFail, scope.Target.At, NameOf(value, scope.Target));
        _opened.Add(value with { MayBeNull = false });
        Walk(scope.Body);
        _opened.RemoveAt(_opened.Count - 1);
    }

    private void WalkImport(ImportStatement import)
    {
        var value = Eval(import.Source);
        if (value.Members is null && !value.Shape.IsObject) _rootsUnknown = true;
        foreach (var name in value.Members?.Keys ?? value.Shape.Names) _known.Set(_known.Globals, name, MemberOf(value, name) ?? Seen.Nothing);
    }

    private void WalkWrap(WrapStatement wrap)
    {
        var call = wrap.Target as CallExpression;
        var callee = Callee(call?.Target ?? wrap.Target);
        var arguments = call?.Arguments.Select(argument => (argument.Name, Eval(argument.Value))).ToList() ?? [];
        if (callee.Function is not { } function)
        {
            Walk(wrap.Body);
            return;
        }
        Print(Inline(function, arguments, argumentsUnknown: false, new WaitingBlock(wrap.Body, _known.Locals, _block)), wrap.Target.At);
    }

    // ── alternatives ───────────────────────────────────────────────────────────────────────────────────────

    /// <summary>Walks each alternative from the same start; afterwards a variable is one of what they made of it.</summary>
    private void Alternatives(IReadOnlyList<Alternative> alternatives, bool isTotal, Expression? scoped = null)
    {
        var outcomes = new List<Dictionary<Slot, Seen>>(alternatives.Count);
        Print(new TemplatePiece(TemplatePieceKind.BranchStart, TemplatePieces.Nowhere, "", alternatives[0].Facts, isTotal));
        for (var i = 0; i < alternatives.Count; i++)
        {
            if (i > 0) Print(new TemplatePiece(TemplatePieceKind.BranchNext, TemplatePieces.Nowhere, "", alternatives[i].Facts));
            var facts = _known.FactCount;
            _known.AddFacts(alternatives[i].Facts);
            var mark = _known.Mark();
            alternatives[i].Walk?.Invoke();
            outcomes.Add(_known.TakeBack(mark));
            _known.ForgetFactsTo(facts);
        }
        Print(new TemplatePiece(TemplatePieceKind.BranchEnd, TemplatePieces.Nowhere, "", []));
        Join(alternatives, outcomes, scoped is null ? null : SlotOf(scoped));
    }

    private void Join(IReadOnlyList<Alternative> alternatives, List<Dictionary<Slot, Seen>> outcomes, Slot? scoped)
    {
        foreach (var slot in outcomes.SelectMany(outcome => outcome.Keys).Distinct().ToList())
        {
            if (slot == scoped) continue;
            var values = new List<Seen>(outcomes.Count);
            for (var i = 0; i < outcomes.Count; i++)
            {
                Charge();
                if (outcomes[i].TryGetValue(slot, out var changed)) values.Add(changed);
                else if (slot.Scope.TryGetValue(slot.Name, out var kept)) values.Add(Under(alternatives[i].Facts, kept, slot));
            }
            var distinct = values.Distinct().Take(Seen.MostSources).ToArray();
            _known.Set(slot.Scope, slot.Name, distinct.Length == 1 ? distinct[0] : Seen.OneOf(isFallback: false, distinct));
        }
    }

    private Seen Under(IReadOnlyList<string> facts, Seen value, Slot slot)
    {
        var outer = _known.FactCount;
        _known.AddFacts(facts);
        var narrowed = Narrowed(value, KeyOf(slot), at: null);
        _known.ForgetFactsTo(outer);
        return narrowed;
    }

    private string KeyOf(Slot slot) => ReferenceEquals(slot.Scope, _known.Locals.Names) ? LocalKey(slot.Name) : slot.Name;

    private Slot? SlotOf(Expression target) => target switch
    {
        LocalVariable local => new Slot(_known.Locals.Names, local.Name),
        GlobalVariable global => new Slot(_known.ScopeFor(global.Name), global.Name),
        _ => null,
    };

    private void Assign(Expression target, Seen value)
    {
        while (target is Nested nested) target = nested.Inner;
        if (SlotOf(target) is { } slot)
        {
            _known.Set(slot.Scope, slot.Name, value);
            _known.Deny(KeyOf(slot));
        }
        else if (KeyOf(target) is { } key)
        {
            _known.Set(_known.Overrides, key, value);
        }
    }

    // ── output ─────────────────────────────────────────────────────────────────────────────────────────────

    private List<TemplatePiece> Captured(Action walk)
    {
        var outer = _pieces;
        _pieces = [];
        walk();
        var inner = _pieces;
        _pieces = outer;
        return inner;
    }

    private void Print(TemplatePiece piece)
    {
        if (++_pieceCount > MostPieces) throw new EnoughException();
        _pieces.Add(piece);
    }

    private void Print(Seen value, Span at)
    {
        Charge();
        if (value.Pieces is { } pieces)
        {
            foreach (var piece in pieces) Print(piece);
        }
        else if (value.Sequence is { } parts)
        {
            foreach (var part in parts) Print(part, at);
        }
        else if (value.Choices is { } choices)
        {
            PrintChoices(value, choices, at);
        }
        else if (value.Literal is { } text)
        {
            if (text.Length > 0) Print(new TemplatePiece(TemplatePieceKind.Text, new TemplatePlace(value.LiteralAt), text, []));
        }
        else if (!value.IsNull && value.Function is null)
        {
            Print(new TemplatePiece(TemplatePieceKind.Value, new TemplatePlace(at), "", value.Sources));
        }
    }

    private void PrintChoices(Seen value, Seen[] choices, Span at)
    {
        for (var i = 0; i < choices.Length; i++)
        {
            var kind = i == 0 ? TemplatePieceKind.BranchStart : TemplatePieceKind.BranchNext;
            Print(new TemplatePiece(kind, TemplatePieces.Nowhere, "", [], IsTotal: true, value.IsFallback));
            Print(choices[i], at);
        }
        Print(new TemplatePiece(TemplatePieceKind.BranchEnd, TemplatePieces.Nowhere, "", []));
    }

    // ── problems ───────────────────────────────────────────────────────────────────────────────────────────

    // Looking for a name that was meant is not worth the while once nobody will be told.
    private bool CanReport => _quiet == 0 && _problems.Count < MostProblems;

    private void Report(TemplateProblemKind kind, Span at, string subject, string owner = "", string suggestion = "", IEnumerable<string>? known = null)
    {
        if (!CanReport || !_reported.Add((kind, at.Source.Name, at.Start, subject))) return;
        _problems.Add(new TemplateProblem(kind, new TemplatePlace(at), subject, owner, suggestion) { Known = known?.ToList() ?? [] });
    }

    private static string NameOf(Seen value, Expression written) => value.Path is { Length: > 0 } path ? path : written.At.Text;

    /// <summary>One way a branch may go: what is known there, and what it does.</summary>
    private sealed record Alternative(IReadOnlyList<string> Facts, Action? Walk)
    {
        public static Alternative None(IReadOnlyList<string> facts) => new(facts, Walk: null);
    }

    /// <summary>The block of a <c>wrap</c> until <c>$$</c> asks for it, with the variables of the place where it stands.</summary>
    private sealed record WaitingBlock(Block Body, LocalScope Locals, WaitingBlock? Outer);

    private sealed class EnoughException : Exception;
}

/// <summary>Pieces that stand nowhere in a text.</summary>
internal static class TemplatePieces
{
    public static readonly TemplatePlace Nowhere = new(new Span(new SourceText("", ""), 0, 0));
}

using Automation.Templates.Parsing;
using Automation.Templates.Syntax;

namespace Automation.Templates.Analysis;

internal sealed partial class Analyzer
{
    // A path that leads to a function calls it.
    private Seen Uncalled(Seen value, Expression site)
    {
        if (value.Function is { } function) return Inline(function, [], argumentsUnknown: false, block: null);
        return value.Builtin is { } builtin && value.Group is null ? OfBuiltin(builtin, [], site, site) : value;
    }

    private Seen OfCall(CallExpression call)
    {
        var callee = Callee(call.Target);
        var arguments = call.Arguments.Select(argument => (argument.Name, Value: Eval(argument.Value))).ToList();
        if (callee.Function is { } function) return Inline(function, arguments, argumentsUnknown: false, block: null);
        if (callee.Builtin is { } builtin) return OfBuiltin(builtin, arguments, call, call.Arguments.Length > 0 ? call.Arguments[0].Value : call);
        return new Seen { Sources = Seen.SourcesOf(arguments.Select(argument => argument.Value).ToArray()) };
    }

    /// <summary>What is called, without calling it.</summary>
    private Seen Callee(Expression target)
    {
        while (target is Nested or UnaryExpression { Operator: UnaryOperator.Alias }) target = target is Nested nested ? nested.Inner : ((UnaryExpression)target).Operand;
        switch (target)
        {
            case GlobalVariable global:
                return CalleeOf(global);
            case LocalVariable local:
                return OfLocal(local);
            case MemberExpression { Target: GlobalVariable owner } member when !_known.TryGet(owner.Name, out _) && BuiltinOf(owner.Name) is { Group: { } group }:
                return OfGroup(owner.Name, group, member);
            default:
                var value = Eval(target);
                if (value is { Path: not null, Shape.IsUnknown: false }) Report(TemplateProblemKind.UnknownFunction, target.At, target.At.Text);
                return value;
        }
    }

    private Seen CalleeOf(GlobalVariable name)
    {
        if (_known.TryGet(name.Name, out var known)) return known;
        if (BuiltinOf(name.Name) is { } builtin) return builtin;
        if (!_rootsUnknown && !_assignedSomewhere.Contains(name.Name) && CanReport)
            Report(TemplateProblemKind.UnknownFunction, name.At, name.Name, suggestion: Nearest.Function(name.Name));
        return Seen.Nothing;
    }

    // ── functions of the template ──────────────────────────────────────────────────────────────────────────

    private Seen Inline(FunctionNode function, IReadOnlyList<(string? Name, Seen Value)> arguments, bool argumentsUnknown, WaitingBlock? block)
    {
        _called.Add(function);
        if (_calls >= DeepestCall) return Seen.Nothing;
        var (locals, frame, unknown, returned, waiting) = (_known.Locals, _known.Frame, _argumentsUnknown, _returned, _block);
        _known.Locals = _known.NewBody();
        _known.Frame = FrameOf(function, arguments);
        _known.Locals.Names[Arguments] = ArgumentsOf(arguments);
        (_argumentsUnknown, _returned, _block) = (argumentsUnknown || unknown, [], block);
        _calls++;
        var result = Seen.Nothing;
        var pieces = Captured(() => result = ResultOf(function));
        _calls--;
        (_known.Locals, _known.Frame, _argumentsUnknown, _returned, _block) = (locals, frame, unknown, returned, waiting);
        return pieces.Count == 0 ? result : Seen.InOrder([new Seen { Pieces = pieces }, result]);
    }

    private Seen ResultOf(FunctionNode function)
    {
        if (function.Result is { } result) return Eval(result);
        Walk(function.Body!);
        return _returned! switch
        {
            [] => Seen.Null,
            [var only] => only,
            _ => Seen.OneOf(isFallback: false, [.. _returned!.Take(Seen.MostSources)]),
        };
    }

    private static Dictionary<string, Seen>? FrameOf(FunctionNode function, IReadOnlyList<(string? Name, Seen Value)> arguments)
    {
        if (function.Parameters is not { } parameters) return null;
        var frame = new Dictionary<string, Seen>(StringComparer.Ordinal);
        foreach (var parameter in parameters) frame[parameter.Name] = Seen.Nothing;
        var next = 0;
        foreach (var (name, value) in arguments)
        {
            if (name is not null && frame.ContainsKey(name)) frame[name] = value;
            else if (next < parameters.Length) frame[parameters[next++].Name] = value;
        }
        return frame;
    }

    private static Seen ArgumentsOf(IReadOnlyList<(string? Name, Seen Value)> arguments) => new()
    {
        Members = arguments.Where(argument => argument.Name is not null).GroupBy(argument => argument.Name!).ToDictionary(group => group.Key, group => group.Last().Value),
        Items = [.. arguments.Where(argument => argument.Name is null).Select(argument => argument.Value)],
    };

    // ── functions of the language ──────────────────────────────────────────────────────────────────────────

    private Seen OfBuiltin(string name, IReadOnlyList<(string? Name, Seen Value)> arguments, Expression site, Expression first)
    {
        var values = arguments.Select(argument => argument.Value).ToArray();
        foreach (var value in values)
        {
            // What a list function does with each item.
            if (value.Function is { } function) Inline(function, [(null, ItemOf(values[0]))], argumentsUnknown: true, block: null);
        }
        var subject = values.Length > 0 ? values[0] : Seen.Nothing;
        switch (name)
        {
            case "include":
                return Include(subject, arguments, site);
            case "include_join":
                return IncludeJoin(values, site);
            case "raw":
                if (subject.Literal is null && subject.Pieces is null) Report(TemplateProblemKind.Raw, site.At, first.At.Text);
                return subject;
            case "object.default":
                return values.Length > 1 ? Fallback(subject, values[1]) : subject;
            case "array.first":
                return Read(ItemAt(subject, "0"), key: null, site.At);
            case "array.last":
                return Read(ItemAt(subject, "-1"), key: null, site.At);
            case "array.sort" or "array.reverse" or "array.limit" or "array.offset" or "array.uniq" or "array.compact" or "array.filter" or "array.remove_at":
                return subject;
            case "array.map":
                return Mapped(subject, values);
            case "array.size" or "string.size" or "object.size":
                return new Seen { Shape = ModelShape.Number, Path = subject.Path is { } path ? path + ".size" : null, Sources = subject.Sources };
            case "array.join":
                return new Seen { Shape = ModelShape.Text, Sources = subject.Sources };
            case "date.parse" or "date":
                return Derived(ModelShape.Date, subject) with { MayBeNull = subject.MayBeNull };
            case "date.now" or "date.utc_now":
                return Seen.Of(ModelShape.Date);
            case "string.split" or "regex.split":
                return Seen.Of(ModelShape.List(ModelShape.Text));
            case "object.typeof" or "object.kind" or "object.has_key" or "object.has_value" or "array.any" or "array.contains":
            case "string.contains" or "string.empty" or "string.whitespace" or "string.starts_with" or "string.ends_with" or "string.equals_ignore_case" or "math.is_number":
                return Seen.Of(ModelShape.Truth);
        }
        if (name.StartsWith("date.add_", StringComparison.Ordinal)) return Derived(ModelShape.Date, subject) with { MayBeNull = subject.MayBeNull };
        var isOfOneValue = name.StartsWith("string.", StringComparison.Ordinal) || name.StartsWith("html.", StringComparison.Ordinal)
            || name.StartsWith("math.", StringComparison.Ordinal) || name is "date.to_string" or "date.parse_to_string" or "regex.replace" or "object.format";
        return isOfOneValue
            ? new Seen { Shape = ModelShape.Text, Blanks = Seen.BlanksOf(values), Sources = Seen.SourcesOf(values) }
            : new Seen { Sources = Seen.SourcesOf(values) };
    }

    private Seen Mapped(Seen list, Seen[] values)
    {
        if (values.Length < 2 || values[1].Literal is not { } name || !list.Shape.IsList) return Seen.Nothing;
        if (MemberOf(ItemOf(list), name) is { } member) return new Seen { Shape = ModelShape.List(member.Shape), Path = member.Path, Sources = member.Sources };
        ReportUnknownMember(ItemOf(list), name, values[1].LiteralAt);
        return Seen.Nothing;
    }

    // ── partials ───────────────────────────────────────────────────────────────────────────────────────────

    private Seen Include(Seen name, IReadOnlyList<(string? Name, Seen Value)> arguments, Expression site)
    {
        if (name.Literal is not { } partial || loader is null) return new Seen { Sources = name.Sources };
        return new Seen { Pieces = PiecesOf(partial, arguments.Skip(1).ToList(), name.LiteralAt.Source is null ? site.At : name.LiteralAt) };
    }

    private Seen IncludeJoin(Seen[] values, Expression site)
    {
        if (loader is null || values is not [{ Items: { } names }, ..]) return Seen.Nothing;
        var pieces = new List<TemplatePiece>();
        foreach (var name in names)
        {
            if (name.Literal is { } partial) pieces.AddRange(PiecesOf(partial, [], site.At));
        }
        return new Seen { Pieces = pieces };
    }

    private List<TemplatePiece> PiecesOf(string name, IReadOnlyList<(string? Name, Seen Value)> arguments, Span at)
    {
        Charge(20);
        if (loader!.LoadTemplate(name, TemplateParseOptions.Default) is not { } partial)
        {
            Report(TemplateProblemKind.UnknownPartial, at, name);
            return [];
        }
        if (partial.HasErrors)
        {
            Report(TemplateProblemKind.BrokenPartial, at, name);
            return [];
        }
        // A partial may include itself under a condition: once round shows all there is.
        if (_including.Contains(name) || _including.Count >= DeepestInclude) return [];
        NoteAssignments(partial);
        var (locals, frame, included, unknown) = (_known.Locals, _known.Frame, _included, _argumentsUnknown);
        (_known.Locals, _known.Frame, _included, _argumentsUnknown) = (_known.NewBody(), null, partial, true);
        _known.Locals.Names[Arguments] = ArgumentsOf(arguments);
        foreach (var (argument, value) in arguments)
        {
            if (argument is not null) _known.Locals.Names[argument] = value;
        }
        _including.Push(name);
        var pieces = Captured(() => Walk(partial.Body));
        _including.Pop();
        (_known.Locals, _known.Frame, _included, _argumentsUnknown) = (locals, frame, included, unknown);
        return pieces;
    }
}

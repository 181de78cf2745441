using System.Globalization;
using Automation.Templates.Functions;
using Automation.Templates.Parsing;
using Automation.Templates.Syntax;

namespace Automation.Templates.Analysis;

internal sealed partial class Analyzer
{
    private Seen Eval(Expression expression)
    {
        Charge();
        switch (expression)
        {
            case Literal literal:
                return OfLiteral(literal);
            case Nested nested:
                return Eval(nested.Inner);
            case GlobalVariable global:
                return Uncalled(OfGlobal(global), global);
            case LocalVariable local:
                return Uncalled(OfLocal(local), local);
            case ArgumentVariable argument:
                return OfArgument(argument);
            case BlockVariable:
                return OfBlock();
            case ThisExpression:
                return new Seen { Shape = model, Path = "" };
            case MemberExpression member:
                return Uncalled(OfMember(member), member);
            case IndexerExpression indexer:
                return OfIndexer(indexer);
            case CallExpression call:
                return OfCall(call);
            case BinaryExpression binary:
                return OfBinary(binary);
            case UnaryExpression unary:
                return OfUnary(unary);
            case ConditionalExpression choice:
                return OfConditional(choice);
            case AssignExpression assign:
                OfAssign(assign);
                return Seen.Nothing;
            case IncrementExpression increment:
                Eval(increment.Target);
                Assign(increment.Target, Seen.Of(ModelShape.Number));
                return Seen.Of(ModelShape.Number);
            case InterpolatedText text:
                return Seen.InOrder(Array.ConvertAll(text.Parts, Eval));
            case ArrayLiteral array:
                return new Seen { Items = Array.ConvertAll(array.Items, Eval) };
            case ObjectLiteral literal:
                return OfObject(literal);
            case AnonymousFunction function:
                _functions.Add(function.Function);
                return new Seen { Function = function.Function };
            default:
                return Seen.Nothing;
        }
    }

    private static Seen OfLiteral(Literal literal) => literal.Value switch
    {
        null => Seen.Null,
        string text => new Seen { Shape = ModelShape.Text, Literal = text, LiteralAt = WithinQuotes(literal.At) },
        bool => Seen.Of(ModelShape.Truth),
        _ => new Seen { Shape = ModelShape.Number, Literal = literal.At.Text, LiteralAt = literal.At },
    };

    private static Span WithinQuotes(Span at) =>
        at.End - at.Start >= 2 && at.Source.Text[at.Start] is '"' or '\'' or '`' ? new Span(at.Source, at.Start + 1, at.End - 1) : at;

    private Seen OfObject(ObjectLiteral literal)
    {
        var members = new Dictionary<string, Seen>(StringComparer.Ordinal);
        foreach (var (name, value) in literal.Members) members[name] = Eval(value);
        return new Seen { Members = members };
    }

    // ── names ──────────────────────────────────────────────────────────────────────────────────────────────

    private Seen OfGlobal(GlobalVariable variable)
    {
        if (_known.TryGet(variable.Name, out var known)) return Narrowed(known, variable.Name, variable.At);
        for (var i = _opened.Count - 1; i >= 0; i--)
        {
            if (MemberOf(_opened[i], variable.Name) is { } member) return Read(member, variable.Name, variable.At);
            if (_opened[i].Shape.IsUnknown && _opened[i].Members is null) return Seen.Nothing;
        }
        if (model.Find(variable.Name) is { } shape)
            return Read(new Seen { Shape = shape, Path = variable.Name, Sources = [variable.Name], MayBeNull = shape.MayBeMissing }, variable.Name, variable.At);
        if (BuiltinOf(variable.Name) is { } builtin) return builtin;
        if (!_rootsUnknown && !_assignedSomewhere.Contains(variable.Name) && CanReport)
            Report(TemplateProblemKind.UnknownVariable, variable.At, variable.Name, suggestion: Nearest.Variable(variable.Name, model));
        return Seen.Nothing;
    }

    private static Seen? BuiltinOf(string name)
    {
        if (name == "raw") return new Seen { Builtin = "raw" };
        if (!Builtins.Shared.TryGet(name, out var value)) return null;
        return value is FunctionGroup group ? new Seen { Builtin = name, Group = group } : new Seen { Builtin = name };
    }

    private Seen OfLocal(LocalVariable variable)
    {
        if (_known.Locals.Names.TryGetValue(variable.Name, out var known)) return Narrowed(known, LocalKey(variable.Name), variable.At);
        if (!_argumentsUnknown && _including.Count == 0 && _calls == 0 && CanReport && !IsAssigned(variable.Name))
            Report(TemplateProblemKind.UnknownVariable, variable.At, "$" + variable.Name, suggestion: Nearest.Of("$" + variable.Name, _known.Locals.Names.Keys.Select(name => "$" + name)));
        return Seen.Nothing;
    }

    // A loop may assign behind where it reads, so the order of the text proves nothing.
    private bool IsAssigned(string local)
    {
        var text = (_included ?? root).Body.At.Source?.Text ?? "";
        Charge(1 + (text.Length >> 8));
        var name = "$" + local;
        for (var at = text.IndexOf(name, StringComparison.Ordinal); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            var rest = text.AsSpan(at + name.Length).TrimStart(" \t");
            if (rest is ['=', not '=', ..] or ['+' or '-' or '*' or '/' or '%', '=', ..] or ['+', '+', ..] or ['-', '-', ..]) return true;
            var before = text.AsSpan(0, at).TrimEnd(" \t");
            if (before.EndsWith("capture") || before.EndsWith("func")) return true;
        }
        return false;
    }

    private Seen OfArgument(ArgumentVariable variable)
    {
        var all = _known.Locals.Names.GetValueOrDefault(Arguments);
        if (variable.Index == ArgumentVariable.All) return all ?? Seen.Nothing;
        return all?.Items is { } items && variable.Index < items.Length
            ? Narrowed(items[variable.Index], LocalKey(variable.Index.ToString(CultureInfo.InvariantCulture)), variable.At)
            : Seen.Nothing;
    }

    private Seen OfBlock()
    {
        if (_block is not { } block) return Seen.Nothing;
        var (locals, waiting) = (_known.Locals, _block);
        (_known.Locals, _block) = (block.Locals, block.Outer);
        var pieces = Captured(() => Walk(block.Body));
        (_known.Locals, _block) = (locals, waiting);
        return new Seen { Pieces = pieces };
    }

    private Seen OfMember(MemberExpression expression)
    {
        var owner = Eval(expression.Target);
        var key = KeyOf(expression);
        if (key is not null && _known.Overrides.TryGetValue(key, out var assigned)) return Narrowed(assigned, key, expression.At);
        if (owner.Group is { } group) return OfGroup(owner.Builtin!, group, expression);
        if (expression.Name is "empty?" or "blank?") return Seen.Of(ModelShape.Truth);
        if (owner.Items is not null && expression.Name == "size") return Seen.Of(ModelShape.Number);
        CheckOwner(owner, expression.IsSafe, expression.Target, expression.At);
        if (MemberOf(owner, expression.Name) is { } member) return Read(member, key, expression.At);
        ReportUnknownMember(owner, expression.Name, new Span(expression.At.Source, expression.NameStart, expression.At.End));
        return Seen.Nothing;
    }

    private Seen OfGroup(string name, TemplateObject group, MemberExpression member)
    {
        var function = $"{name}.{member.Name}";
        if (!group.TryGet(member.Name, out var value))
        {
            if (!CanReport) return Seen.Nothing;
            Report(TemplateProblemKind.UnknownFunction, member.At, function, suggestion: Nearest.Of(function, Nearest.Functions));
            return Seen.Nothing;
        }
        return value is Builtin ? new Seen { Builtin = function } : Seen.Nothing;
    }

    private void CheckOwner(Seen owner, bool isSafe, Expression written, Span at)
    {
        if (owner.MayBeNull && !isSafe) Report(TemplateProblemKind.MayFail, at, NameOf(owner, written));
    }

    private void ReportUnknownMember(Seen owner, string name, Span at)
    {
        var places = owner.Choices is { } choices ? choices : [owner];
        if (!CanReport || Array.Exists(places, place => place.Shape.IsUnknown || place.Path is null)) return;
        Report(TemplateProblemKind.UnknownMember, at, name, places[0].Path!, Nearest.Of(name, places[0].Shape.Names), places[0].Shape.Names);
    }

    /// <returns>Null when the owner surely has no such member.</returns>
    private static Seen? MemberOf(Seen owner, string name)
    {
        if (owner.Members is { } members) return members.GetValueOrDefault(name) ?? Seen.Nothing;
        if (owner.Choices is { } choices)
        {
            var found = Array.FindAll(Array.ConvertAll(choices, choice => choice.IsNull ? Seen.Null : MemberOf(choice, name)), member => member is not null);
            return found.Length == 0 ? null : Seen.OneOf(isFallback: false, found!);
        }
        if (owner.Shape.Find(name) is not { } shape) return null;
        if (owner.Path is null || shape.IsUnknown) return Seen.Of(shape.IsUnknown ? ModelShape.Unknown : shape);
        var path = owner.Path.Length == 0 ? name : $"{owner.Path}.{name}";
        return new Seen { Shape = shape, Path = path, Sources = [path], MayBeNull = shape.MayBeMissing || owner.MayBeNull };
    }

    private Seen OfIndexer(IndexerExpression expression)
    {
        var owner = Eval(expression.Target);
        var index = Eval(expression.Index);
        var key = KeyOf(expression);
        if (key is not null && _known.Overrides.TryGetValue(key, out var assigned)) return Narrowed(assigned, key, expression.At);
        CheckOwner(owner, expression.IsSafe, expression.Target, expression.At);
        if (expression.Index is Literal { Value: string name } && (owner.Shape.IsObject || owner.Members is not null))
        {
            if (MemberOf(owner, name) is { } member) return Read(member, key, expression.At);
            ReportUnknownMember(owner, name, expression.Index.At);
            return Seen.Nothing;
        }
        var isFixed = index.Literal is not null && expression.Index is Literal;
        return Read(ItemAt(owner, isFixed ? index.Literal! : ""), key, expression.At);
    }

    /// <param name="list">The list.</param>
    /// <param name="place">A number as written; empty where it is not known, and then taken to be within the list.</param>
    private Seen ItemAt(Seen list, string place)
    {
        var item = ItemOf(list);
        if (place.Length == 0 || list.Path is null || !list.Shape.IsList) return item;
        var path = $"{list.Path}[{place}]";
        return item with { Path = path, MayBeNull = !_known.Has(path) && !_known.Has(list.Path + ".size") };
    }

    private static Seen ItemOf(Seen list)
    {
        if (list.Items is { Length: > 0 } items) return items.Length == 1 ? items[0] : Seen.OneOf(isFallback: false, items.Length > Seen.MostSources ? items[..Seen.MostSources] : items);
        if (list.Path is not { } path) return list.Shape.IsList ? Seen.Of(list.Shape.Item!) : Seen.Nothing;
        if (list.Shape.IsList) return new Seen { Shape = list.Shape.Item!, Path = path + "[]", Sources = [path + "[]"] };
        return ReferenceEquals(list.Shape.Find("key"), ModelShape.Unknown) || !list.Shape.IsObject
            ? Seen.Nothing
            : new Seen { Shape = ModelShape.Open, Path = path + "[]", Sources = [path + "[]"] };
    }

    /// <summary>A value as it is read here, where more may be known of it than where it was made.</summary>
    private Seen Narrowed(Seen value, string? key, Span? at)
    {
        var isThere = (key is not null && _known.Has(key)) || (value.Path is { } path && _known.Has(path));
        if (isThere) return value.MayBeNull || value.Blanks.Count > 0 ? value with { MayBeNull = false, Blanks = [] } : value;
        if (value.Blanks.Count == 0) return value;
        var blanks = value.Blanks.Where(blank => !_known.Has(blank.Path)).Select(blank => (blank.Path, at ?? blank.At)).ToList();
        return value with { Blanks = blanks, MayBeNull = value.MayBeNull && blanks.Count > 0 };
    }

    // A read of the model itself: what may be missing may leave a blank.
    private Seen Read(Seen value, string? key, Span at)
    {
        if (value.Path is { } path && value.MayBeNull && value.Blanks.Count == 0) value = value with { Blanks = [(path, at)] };
        return Narrowed(value, key, at);
    }

    // ── operators ──────────────────────────────────────────────────────────────────────────────────────────

    private Seen OfUnary(UnaryExpression unary)
    {
        if (unary.Operator == UnaryOperator.Alias) return Callee(unary.Operand);
        var operand = Eval(unary.Operand);
        return unary.Operator switch
        {
            UnaryOperator.Not => Seen.Of(ModelShape.Truth),
            UnaryOperator.Expand => operand,
            _ => Derived(ModelShape.Number, operand),
        };
    }

    private Seen OfBinary(BinaryExpression binary)
    {
        var left = Eval(binary.Left);
        switch (binary.Operator)
        {
            case BinaryOperator.And:
                EvalUnder(FactsOf(binary.Left, truth: true), binary.Right);
                return Seen.Of(ModelShape.Truth);
            case BinaryOperator.Or:
                EvalUnder(FactsOf(binary.Left, truth: false), binary.Right);
                return Seen.Of(ModelShape.Truth);
            case BinaryOperator.Coalesce:
                return Fallback(left, EvalUnder(FactsOf(binary.Left, truth: false), binary.Right));
            case BinaryOperator.IfPresent:
                return EvalUnder(PathFacts(binary.Left), binary.Right);
            case BinaryOperator.Add:
                return Seen.InOrder([left, Eval(binary.Right)]);
            case BinaryOperator.Range or BinaryOperator.RangeExclusive:
                Eval(binary.Right);
                return Seen.Of(ModelShape.List(ModelShape.Number));
            case >= BinaryOperator.Equal and <= BinaryOperator.GreaterOrEqual:
                Eval(binary.Right);
                return Seen.Of(ModelShape.Truth);
            default:
                return Derived(ModelShape.Unknown, left, Eval(binary.Right));
        }
    }

    private Seen EvalUnder(IReadOnlyList<string> facts, Expression expression)
    {
        var outer = _known.FactCount;
        _known.AddFacts(facts);
        var value = Eval(expression);
        _known.ForgetFactsTo(outer);
        return value;
    }

    private static Seen Fallback(Seen value, Seen otherwise) =>
        otherwise.IsNull ? value : Seen.OneOf(isFallback: true, value with { Blanks = [], MayBeNull = false }, otherwise);

    private Seen OfConditional(ConditionalExpression choice)
    {
        Eval(choice.Condition);
        var then = EvalUnder(FactsOf(choice.Condition, truth: true), choice.Then);
        return Seen.OneOf(isFallback: false, then, EvalUnder(FactsOf(choice.Condition, truth: false), choice.Otherwise));
    }

    private void OfAssign(AssignExpression assign)
    {
        if (assign.Operator is null)
        {
            Assign(assign.Target, Eval(assign.Value));
            return;
        }
        var before = Eval(assign.Target);
        var value = Eval(assign.Value);
        Assign(assign.Target, assign.Operator == BinaryOperator.Add ? Seen.InOrder([before, value]) : Derived(ModelShape.Unknown, before, value));
    }

    private static Seen Derived(ModelShape shape, params ReadOnlySpan<Seen> values) =>
        new() { Shape = shape, Blanks = Seen.BlanksOf(values), Sources = Seen.SourcesOf(values) };
}

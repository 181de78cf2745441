using Automation.Templates.Parsing;
using Automation.Templates.Rendering;

namespace Automation.Templates.Syntax;

internal enum LoopKind
{
    For,
    While,
    TableRow,
}

internal enum LoopProperty
{
    Index, ReverseIndex, First, Last, Even, Odd, Length, Changed, Column,
}

/// <summary>What <c>for.index</c> and its like read.</summary>
internal sealed class LoopState(LoopKind kind, LoopState? outer)
{
    public LoopKind Kind { get; } = kind;

    public LoopState? Outer { get; } = outer;

    public int Index;
    public int Length;
    public int Column;
    public object? Item;
    public object? PreviousItem;

    /// <summary>As it stands now.</summary>
    public LoopState Copy() => new(Kind, Outer?.Copy()) { Index = Index, Length = Length, Column = Column, Item = Item, PreviousItem = PreviousItem };

    public object? Get(LoopProperty property) => property switch
    {
        LoopProperty.Index => Boxes.Of(Index),
        LoopProperty.ReverseIndex => Boxes.Of(Length - Index - 1),
        LoopProperty.First => Boxes.Of(Index == 0),
        LoopProperty.Last => Boxes.Of(Index == Length - 1),
        LoopProperty.Even => Boxes.Of((Index & 1) == 0),
        LoopProperty.Odd => Boxes.Of((Index & 1) == 1),
        LoopProperty.Length => Boxes.Of(Length),
        LoopProperty.Changed => Boxes.Of(Index == 0 || !Equals(Item, PreviousItem)),
        _ => Boxes.Of(Column),
    };
}

/// <summary>The options behind the list of a <c>for</c>: <c>offset:1 limit:2 reversed</c>.</summary>
internal readonly struct LoopOption(string name, Expression? value, Span at)
{
    public readonly string Name = name;
    public readonly Expression? Value = value;
    public readonly Span At = at;
}

/// <summary><c>for x in list … else … end</c> and <c>tablerow x in list … end</c>.</summary>
internal sealed class ForStatement(Span at, LoopKind kind, Expression variable, Expression list, LoopOption[] options, Block body, Block? otherwise) : Statement(at)
{
    public Expression Variable { get; } = variable;

    public Expression List { get; } = list;

    public LoopOption[] Options { get; } = options;

    public Block Body { get; } = body;

    public Block? Otherwise { get; } = otherwise;

    public override Flow Execute(TemplateContext context)
    {
        var value = List.Evaluate(context);
        if (value is null) return Flow.Next;
        context.EnterLoop();
        context.OpenLoops++;
        var flow = Flow.Next;
        var ran = false;
        try
        {
            var items = ItemsOf(context, value);
            var window = WindowOf(context, items.Count);
            if (window.Count > 0 || kind == LoopKind.TableRow)
            {
                ran = true;
                flow = Walk(context, items, window);
            }
        }
        finally
        {
            context.OpenLoops--;
            context.LeaveLoop();
        }
        return ran || Otherwise is null ? flow : Otherwise.Execute(context);
    }

    private IReadOnlyList<object?> ItemsOf(TemplateContext context, object value) => value switch
    {
        IReadOnlyList<object?> items => items,
        IEnumerable<object?> items => Sequences.Materialize(items, context),
        string text => CharactersOf(text),
        SafeText text => CharactersOf(text.Text),
        TemplateObject members => PairsOf(members),
        _ => throw new RenderFailure(List.At, $"Unexpected type `{value.GetType().FullName}` for iterator"),
    };

    private static TemplateArray CharactersOf(string text)
    {
        var result = new TemplateArray(text.Length);
        foreach (var c in text) result.Add(c.ToString());
        return result;
    }

    private static TemplateArray PairsOf(TemplateObject members)
    {
        var result = new TemplateArray(members.Count);
        foreach (var (name, value) in members) result.Add(new TemplateObject(2) { { "key", name }, { "value", value } });
        return result;
    }

    private Window WindowOf(TemplateContext context, int count)
    {
        var window = new Window(0, count, IsReversed: false);
        int? limit = null;
        foreach (var option in Options)
        {
            switch (option.Name)
            {
                case "offset":
                    var offset = Math.Clamp(Values.ToInt(option.Value!.Evaluate(context), option.Value.At), 0, count);
                    window = window with { Start = offset, Count = count - offset };
                    break;
                case "limit":
                    limit = Values.ToInt(option.Value!.Evaluate(context), option.Value.At);
                    break;
                case "reversed":
                    window = window with { IsReversed = true };
                    break;
                case "cols" when kind == LoopKind.TableRow:
                    break;
                default:
                    throw new RenderFailure(option.At, $"Unsupported argument `{option.Name}` for statement: `{At.Text}`");
            }
        }
        return limit > 0 && limit < window.Count ? window.Take(limit.Value) : window;
    }

    private int ColumnsOf(TemplateContext context)
    {
        foreach (var option in Options)
        {
            if (option.Name == "cols") return Math.Max(1, Values.ToInt(option.Value!.Evaluate(context), option.Value.At));
        }
        return 1;
    }

    private Flow Walk(TemplateContext context, IReadOnlyList<object?> items, Window window)
    {
        var state = new LoopState(kind, context.Loop) { Length = window.Count };
        var columns = kind == LoopKind.TableRow ? ColumnsOf(context) : 0;
        var variableScope = LoopVariable.Bind(context, Variable);
        context.Loop = state;
        try
        {
            if (columns > 0) context.Output.Write("<tr class=\"row1\">");
            var flow = WalkItems(context, items, window, state, variableScope, columns);
            if (columns > 0 && (state.Column != 0 || window.Count == 0 || flow != Flow.Next)) context.Output.Write("</tr>\n");
            return flow == Flow.Return ? Flow.Return : Flow.Next;
        }
        finally
        {
            context.Loop = state.Outer;
            variableScope.Unbind(context);
        }
    }

    private Flow WalkItems(TemplateContext context, IReadOnlyList<object?> items, Window window, LoopState state, LoopVariable place, int columns)
    {
        for (var i = 0; i < window.Count; i++)
        {
            context.CountTurn(At);
            state.PreviousItem = state.Item;
            state.Item = items[window.IndexOf(i)];
            state.Index = i;
            place.Set(context, state.Item);
            var flow = columns > 0 ? WriteCell(context, state, columns, isLast: i == window.Count - 1) : Body.Execute(context);
            if (flow is Flow.Break or Flow.Return) return flow;
        }
        return Flow.Next;
    }

    private Flow WriteCell(TemplateContext context, LoopState state, int columns, bool isLast)
    {
        var output = context.Output;
        output.Write("<td class=\"col");
        output.WriteFormatted(state.Column + 1, format: null, System.Globalization.CultureInfo.InvariantCulture);
        output.Write("\">");
        var flow = Body.Execute(context);
        output.Write("</td>");
        if (flow is Flow.Break or Flow.Return) return flow;
        if (++state.Column < columns) return flow;
        state.Column = 0;
        output.Write("</tr>\n");
        if (!isLast)
        {
            output.Write("<tr class=\"row");
            output.WriteFormatted(((state.Index + 1) / columns) + 1, format: null, System.Globalization.CultureInfo.InvariantCulture);
            output.Write("\">");
        }
        return flow;
    }

    /// <summary>Which items are walked: the offset first, then the direction, then the limit.</summary>
    private readonly record struct Window(int Start, int Count, bool IsReversed)
    {
        public int IndexOf(int turn) => IsReversed ? Start + Count - 1 - turn : Start + turn;

        public Window Take(int limit) => IsReversed ? this with { Start = Start + Count - limit, Count = limit } : this with { Count = limit };
    }
}

/// <summary>The variable of a loop; puts back what it hid.</summary>
internal readonly struct LoopVariable
{
    private readonly Expression _variable;
    private readonly Scope? _scope;
    private readonly object? _hidden;
    private readonly bool _hides;
    private readonly int _binding;

    private LoopVariable(TemplateContext context, Expression variable)
    {
        _variable = variable;
        _binding = -1;
        switch (variable)
        {
            case LocalVariable local:
                _scope = context.LocalsForWrite;
                _hides = _scope.TryGet(local.Name, out _hidden);
                break;
            case GlobalVariable global when context.Frame is not null:
                _scope = context.Frame;
                _hides = _scope.TryGet(global.Name, out _hidden);
                break;
            case GlobalVariable global:
                _binding = context.BindLoop(global.Name);
                break;
        }
    }

    public static LoopVariable Bind(TemplateContext context, Expression variable) => new(context, variable);

    public void Set(TemplateContext context, object? value)
    {
        if (_binding >= 0) context.SetLoop(_binding, value);
        else if (_scope is not null) _scope.Set(NameOf(_variable), value);
        else if (AssignExpression.PlaceOf(_variable) is { } place) place.Set(context, value);
        else throw new RenderFailure(_variable.At, "Unsupported target expression for assignment.");
    }

    public void Unbind(TemplateContext context)
    {
        if (_binding >= 0) context.UnbindLoop(_binding);
        else if (_hides) _scope!.Set(NameOf(_variable), _hidden);
        else _scope?.Remove(NameOf(_variable));
    }

    private static string NameOf(Expression variable) => variable is LocalVariable local ? local.Name : ((GlobalVariable)variable).Name;
}

/// <summary><c>while condition … end</c>.</summary>
internal sealed class WhileStatement(Span at, Expression condition, Block body) : Statement(at)
{
    public Expression Condition { get; } = condition;

    public Block Body { get; } = body;

    public override Flow Execute(TemplateContext context)
    {
        var state = new LoopState(LoopKind.While, context.Loop);
        context.EnterLoop();
        context.OpenLoops++;
        context.Loop = state;
        try
        {
            while (Condition.Test(context))
            {
                context.CountTurn(At);
                var flow = Body.Execute(context);
                if (flow == Flow.Return) return flow;
                if (flow == Flow.Break) break;
                state.Index++;
            }
            return Flow.Next;
        }
        finally
        {
            context.Loop = state.Outer;
            context.OpenLoops--;
            context.LeaveLoop();
        }
    }
}

/// <summary><c>break</c> and <c>continue</c>.</summary>
internal sealed class JumpStatement(Span at, Flow flow) : Statement(at)
{
    public override Flow Execute(TemplateContext context)
    {
        if (context.OpenLoops > 0) return flow;
        if (context.Options.BreakAsReturn) return Flow.Return;
        throw new RenderFailure(At, $"The <{(flow == Flow.Break ? "break" : "continue")}> statement can only be used inside for/while loops");
    }
}

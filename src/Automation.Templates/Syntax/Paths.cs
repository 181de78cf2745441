using Automation.Templates.Parsing;
using Automation.Templates.Rendering;

namespace Automation.Templates.Syntax;

/// <summary>An expression that names a place: it can be read, called and assigned.</summary>
internal abstract class PathExpression(Span at) : Expression(at)
{
    public abstract object? Get(TemplateContext context);

    /// <param name="context">The running render.</param>
    /// <param name="value">The new value.</param>
    /// <param name="isCompound">Whether the old value was read for it, as in <c>+=</c>.</param>
    public abstract void Set(TemplateContext context, object? value, bool isCompound = false);

    public sealed override object? EvaluateUncalled(TemplateContext context) => Get(context);

    public sealed override object? Evaluate(TemplateContext context)
    {
        var value = Get(context);
        return value is TemplateFunction ? Calls.CallIfFunction(context, this, value) : value;
    }

    public override void Write(TemplateContext context)
    {
        var value = Get(context);
        if (value is TemplateFunction function) Calls.Write(context, function, this, default, names: null);
        else context.WriteValue(value, At);
    }
}

/// <summary>A plain name: a parameter, a loop variable, a member of the model or a built-in.</summary>
internal sealed class GlobalVariable(Span at, string name) : PathExpression(at)
{
    private readonly int _hash = TemplateObject.HashOf(name);

    public string Name { get; } = name;

    public override string SyntaxName => "variable";

    public override object? Get(TemplateContext context)
    {
        if (context.TryGetGlobal(Name, _hash, out var value)) return value;
        if (context.Options.StrictVariables) throw new RenderFailure(At, $"The variable or function `{Name}` was not found");
        return null;
    }

    public override void Set(TemplateContext context, object? value, bool isCompound = false)
    {
        if (!context.SetGlobal(Name, _hash, value, isCompound)) throw new RenderFailure(At, $"Cannot set the readonly variable `{Name}`");
    }
}

/// <summary><c>$name</c>: local to the body it stands in.</summary>
internal sealed class LocalVariable(Span at, string name) : PathExpression(at)
{
    public string Name { get; } = name;

    public override string SyntaxName => "variable";

    public override object? Get(TemplateContext context)
    {
        if (context.Locals is { } locals && locals.TryGet(Name, out var value)) return value;
        if (context.Options.StrictVariables) throw new RenderFailure(At, $"The variable or function `${Name}` was not found");
        return null;
    }

    public override void Set(TemplateContext context, object? value, bool isCompound = false) => context.LocalsForWrite.Set(Name, value);
}

/// <summary><c>$</c>: the arguments of the body; <c>$0</c> and so on: one of them.</summary>
internal sealed class ArgumentVariable(Span at, int index) : PathExpression(at)
{
    public int Index { get; } = index;

    public const int All = -1;

    public override string SyntaxName => "variable";

    public override object? Get(TemplateContext context)
    {
        var arguments = context.Locals?.Arguments;
        return Index == All ? arguments ?? new TemplateArray() : arguments?[Index];
    }

    public override void Set(TemplateContext context, object? value, bool isCompound = false)
    {
        if (Index == All) throw new RenderFailure(At, "Cannot set the readonly variable `$`");
        if (Index > 1000) throw new RenderFailure(At, $"Cannot set the argument `{Index}`");
        (context.LocalsForWrite.Arguments ??= new TemplateArray())[Index] = value;
    }
}

/// <summary><c>$$</c>: renders the block of the <c>wrap</c> that called this function.</summary>
internal sealed class BlockVariable(Span at) : Expression(at)
{
    public override string SyntaxName => "variable";

    public override object? Evaluate(TemplateContext context)
    {
        Write(context);
        return null;
    }

    public override void Write(TemplateContext context)
    {
        if (context.Locals?.Block is not { } block) return;
        context.EnterCall(this);
        try
        {
            block.Render(context);
        }
        finally
        {
            context.LeaveCall();
        }
    }
}

/// <summary><c>this</c>: the object that plain assignments write to.</summary>
internal sealed class ThisExpression(Span at) : Expression(at)
{
    public override string SyntaxName => "this expression";

    public override object? Evaluate(TemplateContext context) => context.TopObject;
}

/// <summary><c>target.name</c>.</summary>
/// <param name="at">The whole path.</param>
/// <param name="target">What the member is of.</param>
/// <param name="name">The member.</param>
/// <param name="nameAt">Where the name stands.</param>
/// <param name="isSafe">Whether a null target gives null, because <c>?.</c> stands here or earlier in the chain.</param>
internal sealed class MemberExpression(Span at, Expression target, string name, int nameAt, bool isSafe) : PathExpression(at)
{
    public Expression Target { get; } = target;

    public string Name { get; } = name;

    public int NameStart { get; } = nameAt;

    private readonly int _hash = TemplateObject.HashOf(name);

    public bool IsSafe { get; } = isSafe;

    public override string SyntaxName => "member expression";

    private Span NameAt => new(At.Source, NameStart, At.End);

    public override object? Get(TemplateContext context)
    {
        var owner = Target.Evaluate(context);
        if (owner is TemplateObject known && known.TryGet(Name, _hash, out var value)) return value;
        if (owner is null) return OfNull(context);
        if (Members.TryGet(owner, Name, _hash, out value)) return value;
        if (context.Options.RelaxedMemberAccess) return null;
        throw new RenderFailure(NameAt, $"Cannot get member with name {Name}.");
    }

    public override void Set(TemplateContext context, object? value, bool isCompound = false)
    {
        switch (Target.Evaluate(context))
        {
            case null:
                throw TargetIsNull();
            case TemplateObject owner:
                SetIn(context, context.Writable(owner), value);
                break;
            case TemplateArray array when Name != "size":
                array.MembersForWrite.Set(Name, value);
                break;
            default:
                throw new RenderFailure(NameAt, $"Cannot set a value for the readonly member: {At.Text}");
        }
    }

    private void SetIn(TemplateContext context, TemplateObject owner, object? value)
    {
        if (!owner.SetHashed(Name, _hash, value)) throw new RenderFailure(NameAt, $"Cannot set a value for the readonly member: {At.Text}");
        if (owner is Functions.DateGroup && Name == "format") context.DateFormat = Values.ToText(context, value, At);
    }

    private object? OfNull(TemplateContext context)
    {
        if (IsSafe || context.Options.RelaxedTargetAccess || Name is "empty?" or "blank?") return null;
        if (!context.Options.RelaxedMemberAccess) throw TargetIsNull();
        throw new RenderFailure(NameAt, $"Cannot get the member {At.Text} for a null object.");
    }

    private RenderFailure TargetIsNull() => new(NameAt, $"Object `{Target.At.Text}` is null. Cannot access member: {At.Text}");
}

/// <summary><c>for.index</c> and its like.</summary>
internal sealed class LoopMember(Span at, LoopKind kind, LoopProperty property, int nameAt) : PathExpression(at)
{
    public override string SyntaxName => "member expression";

    public override object? Get(TemplateContext context)
    {
        var loop = context.Loop;
        while (loop is not null && loop.Kind != kind) loop = loop.Outer;
        if (loop is not null) return loop.Get(property);
        if (context.Options.RelaxedTargetAccess) return null;
        throw new RenderFailure(new Span(At.Source, nameAt, At.End), $"Cannot get the member {At.Text} for a null object.");
    }

    public override void Set(TemplateContext context, object? value, bool isCompound = false) =>
        throw new RenderFailure(new Span(At.Source, nameAt, At.End), $"Object `{At.Text[..At.Text.IndexOf('.', StringComparison.Ordinal)]}` is null. Cannot access member: {At.Text}");
}

/// <summary><c>target[index]</c>.</summary>
internal sealed class IndexerExpression(Span at, Expression target, Expression index, bool isSafe) : PathExpression(at)
{
    public Expression Target { get; } = target;

    public Expression Index { get; } = index;

    public bool IsSafe { get; } = isSafe;

    public override string SyntaxName => "indexer expression";

    public override object? Get(TemplateContext context)
    {
        var owner = Target.Evaluate(context);
        if (owner is null)
        {
            if (IsSafe || context.Options.RelaxedTargetAccess) return null;
            throw new RenderFailure(At, $"Object `{Target.At.Text}` is null. Cannot access indexer: {At.Text}");
        }
        var key = Index.Evaluate(context);
        if (key is null)
        {
            if (context.Options.NullIndexer) return null;
            throw new RenderFailure(Index.At, $"Cannot access target `{Target.At.Text}` with a null indexer: {At.Text}");
        }
        return owner switch
        {
            TemplateObject known => OfObject(context, known, Values.ToText(context, key, Index.At)),
            string text => OfText(text, key),
            SafeText safe => OfText(safe.Text, key),
            IEnumerable<object?> list => OfList(context, list, key),
            _ => throw new RenderFailure(At, $"Cannot use the {Values.NameOfType(owner)} primitive `{Values.ToText(context, owner, At)}` as a list."),
        };
    }

    public override void Set(TemplateContext context, object? value, bool isCompound = false)
    {
        var owner = Target.Evaluate(context) ?? throw new RenderFailure(At, $"Object `{Target.At.Text}` is null. Cannot access indexer: {At.Text}");
        var key = Index.Evaluate(context) ?? throw new RenderFailure(Index.At, $"Cannot access target `{Target.At.Text}` with a null indexer: {At.Text}");
        if (owner is TemplateObject known)
        {
            var name = Values.ToText(context, key, Index.At);
            if (!context.Writable(known).Set(name, value)) throw new RenderFailure(Index.At, $"Cannot set a value for the readonly member `{name}` in the indexer: {At.Text}");
        }
        else if (owner is TemplateArray array)
        {
            SetItem(context, array, key, value);
        }
        else
        {
            throw new RenderFailure(At, $"Cannot use the {Values.NameOfType(owner)} primitive `{Values.ToText(context, owner, At)}` as a list.");
        }
    }

    private void SetItem(TemplateContext context, TemplateArray array, object key, object? value)
    {
        if (key is string name)
        {
            array.MembersForWrite.Set(name, value);
            return;
        }
        var position = Values.ToInt(key, Index.At);
        if (position < 0) position += array.Count;
        if (position < 0) return;
        if (position >= array.Count) context.CountInternalBatch(Index.At, position + 1L - array.Count);
        array[position] = value;
    }

    private object? OfObject(TemplateContext context, TemplateObject owner, string name)
    {
        if (owner.TryGet(name, out var value)) return value;
        if (context.Options.RelaxedMemberAccess) return null;
        throw new RenderFailure(Index.At, $"Cannot get member with name {name}.");
    }

    private object? OfText(string text, object key)
    {
        if (key is string) return null;
        var position = Values.ToInt(key, Index.At);
        if (position < 0) position += text.Length;
        if (position >= 0 && position < text.Length) return text[position].ToString();
        throw new RenderFailure(At, "Index was outside the bounds of the array.");
    }

    private object? OfList(TemplateContext context, IEnumerable<object?> list, object key)
    {
        if (key is string name) return Members.TryGet(list, name, TemplateObject.HashOf(name), out var member) ? member : null;
        var items = Sequences.Materialize(list, context);
        var position = Values.ToInt(key, Index.At);
        if (position < 0) position += items.Count;
        if (position >= 0 && position < items.Count) return items[position];
        if (context.Options.RelaxedIndexerAccess) return null;
        throw new RenderFailure(Index.At, $"The index {position} is out of bounds [0, {items.Count}] on the `{Target.At.Text}` with the indexer: {Values.ToText(context, key, Index.At)}");
    }
}

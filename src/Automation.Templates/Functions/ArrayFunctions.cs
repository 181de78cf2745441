using System.Globalization;
using Automation.Templates.Rendering;

namespace Automation.Templates.Functions;

/// <summary>The group <c>array</c>; nothing in it changes its input.</summary>
internal sealed class ArrayFunctions : FunctionGroup
{
    public ArrayFunctions() : base(32)
    {
        DefineChanges();
        DefineViews();
        DefineQuestions();
    }

    private void Define(string name, string parameters, BuiltinBody body) => Define("array", name, parameters, body);

    private void DefineChanges()
    {
        Define("add", "list value", static (in Call call) => Added(call));
        Define("add_range", "list1 list2", static (in Call call) => Concat(call));
        Define("concat", "list1 list2", static (in Call call) => Concat(call));
        Define("insert_at", "list index value", static (in Call call) => Inserted(call));
        Define("remove_at", "list index", static (in Call call) => Removed(call));
        Define("sort", "list member?", static (in Call call) => Sorted(call));
    }

    private void DefineViews()
    {
        Define("compact", "list", static (in Call call) => View(call, static items => items.Where(item => item is not null)));
        Define("each", "list function", static (in Call call) => Each(call));
        Define("filter", "list function", static (in Call call) => Filter(call));
        Define("limit", "list count", static (in Call call) => Limit(call));
        Define("offset", "list offset", static (in Call call) => Offset(call));
        Define("map", "list member", static (in Call call) => Map(call));
        Define("reverse", "list", static (in Call call) => View(call, static items => items.Reverse()) ?? new TemplateArray());
        Define("uniq", "list", static (in Call call) => View(call, static items => items.Distinct()));
    }

    private void DefineQuestions()
    {
        Define("any", "list function args*", static (in Call call) => Any(call));
        Define("contains", "list item", static (in Call call) => Contains(call));
        Define("cycle", "list group?", static (in Call call) => Cycle(call));
        Define("first", "list", static (in Call call) => First(call));
        Define("last", "list", static (in Call call) => Last(call));
        Define("join", "list delimiter function?", static (in Call call) => Join(call));
        Define("size", "list", static (in Call call) => Size(call));
    }

    private static object? View(in Call call, Func<IEnumerable<object?>, IEnumerable<object?>> change)
    {
        if (call.List(0) is not { } list) return null;
        var (context, at) = (call.Context, call.Site.At);
        var items = Sequences.Shallow(list, context);
        return new LazySequence(() => change(Sequences.Counted(items, context, at)), Sequences.DepthOf(items));
    }

    private static TemplateArray Copied(in Call call, int index)
    {
        var result = new TemplateArray();
        foreach (var item in call.Items(index)) result.Add(item);
        return result;
    }

    private static TemplateArray Added(in Call call)
    {
        var result = Copied(call, 0);
        result.Add(call[1]);
        return result;
    }

    private static LazySequence? Concat(in Call call)
    {
        if (call[0] is null && call[1] is null) return null;
        var first = Sequences.Shallow(call.List(0) ?? [], call.Context);
        var second = Sequences.Shallow(call.List(1) ?? [], call.Context);
        var (context, at) = (call.Context, call.Site.At);
        var depth = Math.Max(Sequences.DepthOf(first), Sequences.DepthOf(second));
        return new LazySequence(() => Sequences.Counted(first, context, at).Concat(Sequences.Counted(second, context, at)), depth);
    }

    private static TemplateArray Inserted(in Call call)
    {
        var result = Copied(call, 0);
        var index = call.Int(1);
        if (index < 0) index = Math.Max(0, index + result.Count);
        if (index > result.Count)
        {
            call.Context.CountInternalBatch(call.Site.At, (long)index - result.Count);
            while (result.Count < index) result.Add(null);
        }
        result.Insert(index, call[2]);
        return result;
    }

    private static TemplateArray Removed(in Call call)
    {
        var all = Copied(call, 0);
        var index = call.Int(1);
        if (index < 0) index += all.Count;
        if (index < 0 || index >= all.Count) return all;
        var result = new TemplateArray(all.Count);
        for (var i = 0; i < all.Count; i++)
        {
            if (i != index) result.Add(all[i]);
        }
        return result;
    }

    private static object Sorted(in Call call)
    {
        if (call[0] is null) return new TemplateArray();
        if (call[0] is not IEnumerable<object?>) return new TemplateArray { call[0] };
        var items = Copied(call, 0);
        var member = call.TextOrNull(1);
        Func<object?, object?> key = string.IsNullOrEmpty(member) ? static item => item : item => MemberAt(item, member);
        return new TemplateArray(((IEnumerable<object?>)items).OrderBy(key, SortOrder.Instance));
    }

    private static object? MemberAt(object? item, string path)
    {
        foreach (var part in path.Split('.'))
        {
            if (item is null) return null;
            Members.TryGet(item, part, TemplateObject.HashOf(part), out item);
        }
        return item;
    }

    private static LazySequence Each(in Call call)
    {
        var items = Sequences.Shallow(call.List(0) ?? [], call.Context);
        var (function, context, site) = (call.Function(1), call.Context, call.Site);
        return new LazySequence(() => Sequences.Counted(items, context, site.At).Select(item => function.Invoke(context, site, [item], names: null)), Sequences.DepthOf(items));
    }

    private static LazySequence Filter(in Call call)
    {
        var items = Sequences.Shallow(call.List(0) ?? [], call.Context);
        var (function, context, site) = (call.Function(1), call.Context, call.Site);
        return new LazySequence(() => Sequences.Counted(items, context, site.At).Where(item => Values.IsTrue(function.Invoke(context, site, [item], names: null))), Sequences.DepthOf(items));
    }

    private static object Any(in Call call)
    {
        var function = call.Function(1);
        var arguments = new object?[Math.Max(1, call.Count - 1)];
        if (call.Count > 2) call.Arguments[2..].CopyTo(arguments.AsSpan(1));
        if (arguments.Length > 1 && ReferenceEquals(arguments[1], Builtin.Absent)) arguments = new object?[1];
        foreach (var item in call.Items(0))
        {
            arguments[0] = item;
            if (Values.IsTrue(function.Invoke(call.Context, call.Site, arguments, names: null))) return Boxes.True;
        }
        return Boxes.False;
    }

    private static object? Limit(in Call call)
    {
        var count = Math.Max(0, call.Int(1));
        if (call.List(0) is not { } list) return null;
        var (context, at) = (call.Context, call.Site.At);
        var items = Sequences.Shallow(list, context);
        return new LazySequence(() => Sequences.Counted(items.Take(count), context, at), Sequences.DepthOf(items));
    }

    private static object? Offset(in Call call)
    {
        var count = Math.Max(0, call.Int(1));
        return View(call, items => items.Skip(count));
    }

    private static object? Map(in Call call)
    {
        if (call[0] is null) return new TemplateArray();
        var items = call[0] is TemplateObject members ? members.Select(object? (pair) => Pair(pair)) : Sequences.Shallow(call.List(0)!, call.Context);
        var member = call.Text(1);
        var hash = TemplateObject.HashOf(member);
        var (context, at) = (call.Context, call.Site.At);
        return new LazySequence(() => MapItems(Sequences.Counted(items, context, at), member, hash), Sequences.DepthOf(items));
    }

    private static TemplateObject Pair(KeyValuePair<string, object?> pair) => new(2) { { "key", pair.Key }, { "value", pair.Value } };

    private static IEnumerable<object?> MapItems(IEnumerable<object?> items, string member, int hash)
    {
        foreach (var item in items)
        {
            if (item is not null && Members.TryGet(item, member, hash, out var value)) yield return value;
        }
    }

    private static object Contains(in Call call)
    {
        var sought = call[1] is SafeText safe ? safe.Text : call[1];
        foreach (var item in call.Items(0))
        {
            if (Equals(item, sought)) return Boxes.True;
        }
        return Boxes.False;
    }

    private static object? Cycle(in Call call)
    {
        if (call.List(0) is not { } list) return null;
        var items = Sequences.Materialize(list, call.Context);
        if (items.Count == 0) return null;
        var group = call.Has(1) && call[1] is not null ? call.Text(1) : Values.ToText(call.Context, items, call.Site.At);
        var states = call.Context.Cycles ??= new Dictionary<string, int>(StringComparer.Ordinal);
        var turn = states.GetValueOrDefault(group);
        states[group] = (turn + 1) % items.Count;
        return items[turn % items.Count];
    }

    private static object? First(in Call call) => call.List(0) switch
    {
        null => null,
        IReadOnlyList<object?> list => list.Count > 0 ? list[0] : null,
        var items => items.FirstOrDefault(),
    };

    private static object? Last(in Call call) => call.List(0) switch
    {
        null => null,
        IReadOnlyList<object?> list => list.Count > 0 ? list[^1] : null,
        var items => items.LastOrDefault(),
    };

    private static string Join(in Call call)
    {
        var separator = call.Text(1);
        var function = call[2] is null ? null : call.Function(2);
        using var output = RenderOutput.Rent(sink: null, budget: null);
        var isFirst = true;
        foreach (var item in call.Items(0))
        {
            if (!isFirst) output.Write(separator);
            isFirst = false;
            var value = function is null ? item : function.Invoke(call.Context, call.Site, [item], names: null);
            Printer.Write(call.Context, output, value, call.Site.At);
            if (output.Length > call.Context.LongestText) throw new CallFault($"Joined string exceeds LimitToString `{call.Context.LongestText}`.");
        }
        return output.ToString();
    }

    private static object Size(in Call call) => call[0] switch
    {
        string text => Boxes.Of(text.Length),
        TemplateObject members => Boxes.Of(members.Count),
        _ => Boxes.Of(call.List(0) is { } items ? Sequences.CountOf(items) : 0),
    };

    /// <summary>Null first, texts by the rules of language, everything else only beside its own type.</summary>
    private sealed class SortOrder : IComparer<object?>
    {
        public static readonly SortOrder Instance = new();

        private static readonly CompareInfo s_words = CultureInfo.InvariantCulture.CompareInfo;

        public int Compare(object? x, object? y)
        {
            if (x is null || y is null) return (x is null ? 0 : 1) - (y is null ? 0 : 1);
            if (Values.TryText(x, out var first) && Values.TryText(y, out var second)) return s_words.Compare(first, second);
            if (x.GetType() != y.GetType() || x is not IComparable left) throw new ArgumentException("Failed to compare two elements in the array.");
            return left.CompareTo(y);
        }
    }
}

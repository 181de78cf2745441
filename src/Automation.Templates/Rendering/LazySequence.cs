using System.Collections;
using Automation.Templates.Parsing;

namespace Automation.Templates.Rendering;

/// <summary>A list made while it is walked; each walk counts against the loop limit at the place that made it.</summary>
/// <param name="make">Starts a walk.</param>
/// <param name="depth">How many lazy lists lie under this one; each is some stack while walking.</param>
internal sealed class LazySequence(Func<IEnumerable<object?>> make, int depth = 0) : IEnumerable<object?>
{
    public int Depth { get; } = depth;

    public IEnumerator<object?> GetEnumerator() => make().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Whole numbers from one bound to another, upwards or downwards.</summary>
internal sealed class NumberRange(long from, long to, bool isInclusive) : IReadOnlyList<object?>
{
    public int Count => (int)Math.Min(int.MaxValue, LongCount);

    public long LongCount
    {
        get
        {
            var distance = (Int128)to - from;
            var count = (distance < 0 ? -distance : distance) + (isInclusive ? 1 : 0);
            return count > long.MaxValue ? long.MaxValue : (long)count;
        }
    }

    public object? this[int index] => Box(from <= to ? from + index : from - index);

    public IEnumerator<object?> GetEnumerator()
    {
        var count = LongCount;
        for (long i = 0; i < count; i++) yield return Box(from <= to ? from + i : from - i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static object Box(long value) => value is >= int.MinValue and <= int.MaxValue ? Boxes.Of((int)value) : value;
}

/// <summary>The lists of the language, whatever holds their items.</summary>
internal static class Sequences
{
    private const int DeepestLazy = 64;

    public static bool IsList(object? value) => value is TemplateArray or LazySequence or IReadOnlyList<object?>;

    public static IEnumerable<object?>? AsItems(object? value) => value as IEnumerable<object?>;

    /// <summary>The items in a list that can be indexed; walks a lazy one.</summary>
    public static IReadOnlyList<object?> Materialize(IEnumerable<object?> items, TemplateContext context)
    {
        if (items is IReadOnlyList<object?> list) return list;
        var result = new TemplateArray();
        foreach (var item in items)
        {
            context.Charge(1);
            result.Add(item);
        }
        return result;
    }

    /// <summary>How deep a lazy list over this one would be.</summary>
    public static int DepthOf(IEnumerable<object?> items) => items is LazySequence lazy ? lazy.Depth + 1 : 1;

    /// <summary>The same items; walked now when too many lazy lists already lie upon each other for the stack.</summary>
    public static IEnumerable<object?> Shallow(IEnumerable<object?> items, TemplateContext context) =>
        items is LazySequence { Depth: >= DeepestLazy } ? Materialize(items, context) : items;

    public static int CountOf(IEnumerable<object?> items) => items is IReadOnlyList<object?> list ? list.Count : items.Count();

    /// <summary>Walks items for a built-in function, each counting as a turn of a loop.</summary>
    public static IEnumerable<object?> Counted(IEnumerable<object?> items, TemplateContext context, Span at)
    {
        context.EnterLoop();
        try
        {
            foreach (var item in items)
            {
                context.CountInternalTurn(at);
                yield return item;
            }
        }
        finally
        {
            context.LeaveLoop();
        }
    }

    /// <summary>A list repeated; each repetition counts as a turn of a loop.</summary>
    public static IEnumerable<object?> Repeated(IEnumerable<object?> items, long times, TemplateContext context, Span at)
    {
        context.EnterLoop();
        try
        {
            for (long i = 0; i < times; i++)
            {
                context.CountInternalTurn(at);
                foreach (var item in items) yield return item;
            }
        }
        finally
        {
            context.LeaveLoop();
        }
    }
}

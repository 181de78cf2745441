using System.Collections;

namespace Automation.Templates;

/// <summary>A list of values that templates can extend; it may also carry named members, which are not printed.</summary>
public sealed class TemplateArray : IReadOnlyList<object?>
{
    private object?[] _items;
    private int _count;
    private TemplateObject? _members;

    public TemplateArray(int capacity = 0) => _items = capacity == 0 ? [] : new object?[capacity];

    public TemplateArray(IEnumerable<object?> items) : this()
    {
        foreach (var item in items) Add(item);
    }

    public int Count => _count;

    /// <summary>Null when reading past the end; writing past the end fills the gap with nulls.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public object? this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            return index < _count ? _items[index] : null;
        }
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            while (_count <= index) Add(null);
            _items[index] = value;
        }
    }

    public void Add(object? item)
    {
        if (_count == _items.Length) Array.Resize(ref _items, Math.Max(4, _count * 2));
        _items[_count++] = item;
    }

    public void Insert(int index, object? item)
    {
        Add(item);
        Array.Copy(_items, index, _items, index + 1, _count - 1 - index);
        _items[index] = item;
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<object?> IEnumerable<object?>.GetEnumerator()
    {
        for (var i = 0; i < _count; i++) yield return _items[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<object?>)this).GetEnumerator();

    internal TemplateObject? Members => _members;

    internal TemplateObject MembersForWrite => _members ??= new TemplateObject();

    internal Span<object?> Items => _items.AsSpan(0, _count);

    /// <summary>Walks the array without allocating.</summary>
    public struct Enumerator(TemplateArray array)
    {
        private int _at = -1;

        public readonly object? Current => array._items[_at];

        public bool MoveNext() => ++_at < array._count;
    }
}

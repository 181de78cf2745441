using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Automation.Templates;

/// <summary>Names and values in the order they were added; names are case-sensitive.</summary>
/// <remarks>
/// Values are null, bool, numbers, string, <see cref="DateTime"/>, <see cref="DateTimeOffset"/>, <see cref="TimeSpan"/>,
/// other objects and <see cref="IReadOnlyList{T}"/> of the same. Nothing else is looked into: there is no reflection.
/// Not thread-safe while it is changed.
/// </remarks>
public class TemplateObject : IEnumerable<KeyValuePair<string, object?>>
{
    private const int IndexFrom = 9;   // below this a scan over the hashes beats a bucket lookup

    private Entry[] _entries;
    private int[]? _buckets;
    private int _count;

    public TemplateObject(int capacity = 4) => _entries = capacity == 0 ? [] : new Entry[capacity];

    public int Count => _count;

    /// <summary>Null when there is no such name.</summary>
    public object? this[string name]
    {
        get => TryGet(name, out var value) ? value : null;
        set => Set(name, value);
    }

    /// <summary>For collection initializers; replaces an earlier value of the name.</summary>
    public void Add(string name, object? value) => Set(name, value);

    public bool Contains(string name) => Find(name, HashOf(name)) >= 0;

    public bool TryGet(string name, out object? value) => TryGet(name, HashOf(name), out value);

    /// <returns>False when the name is read-only.</returns>
    public bool Set(string name, object? value) => SetHashed(name, HashOf(name), value);

    public bool Remove(string name)
    {
        var at = Find(name, HashOf(name));
        if (at < 0) return false;
        Array.Copy(_entries, at + 1, _entries, at, _count - at - 1);
        _entries[--_count] = default;
        _buckets = null;
        if (_count >= IndexFrom) Index(_entries.Length);
        return true;
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < _count; i++) yield return new KeyValuePair<string, object?>(_entries[i].Name, _entries[i].Value);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Reads a model. Whole numbers become int or long, others double unless asked for decimal.</summary>
    /// <remarks>
    /// <c>{"$date": ISO}</c>, <c>{"$dto": ISO}</c>, <c>{"$decimal": "1.50"}</c>, <c>{"$double": "1"}</c> and
    /// <c>{"$timespan": "c format"}</c> become the typed value.
    /// </remarks>
    /// <exception cref="FormatException">The element is not an object, or a typed value is malformed.</exception>
    public static TemplateObject FromJson(JsonElement json, bool numbersAsDecimal = false) =>
        ValueFromJson(json, numbersAsDecimal) as TemplateObject ?? throw new FormatException("A model must be a JSON object.");

    /// <summary>The same for any JSON value.</summary>
    public static object? ValueFromJson(JsonElement json, bool numbersAsDecimal = false) => json.ValueKind switch
    {
        JsonValueKind.Object => ObjectFromJson(json, numbersAsDecimal),
        JsonValueKind.Array => ArrayFromJson(json, numbersAsDecimal),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => NumberFromJson(json, numbersAsDecimal),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    internal static int HashOf(string name) => string.GetHashCode(name, StringComparison.Ordinal) | 1;

    internal bool TryGet(string name, int hash, out object? value)
    {
        var at = Find(name, hash);
        value = at >= 0 ? _entries[at].Value : null;
        return at >= 0;
    }

    internal bool SetHashed(string name, int hash, object? value)
    {
        var at = Find(name, hash);
        if (at >= 0)
        {
            if (_entries[at].IsReadOnly) return false;
            _entries[at].Value = value;
            return true;
        }
        if (_count == _entries.Length) Grow();
        _entries[_count] = new Entry { Name = name, Value = value, Hash = hash };
        if (_buckets is not null) Link(_count);
        _count++;
        if (_buckets is null && _count >= IndexFrom) Index(_entries.Length);
        return true;
    }

    internal bool IsReadOnly(string name) => Find(name, HashOf(name)) is var at and >= 0 && _entries[at].IsReadOnly;

    internal void MakeReadOnly(string name)
    {
        if (Find(name, HashOf(name)) is var at and >= 0) _entries[at].IsReadOnly = true;
    }

    internal string NameAt(int index) => _entries[index].Name;

    internal object? ValueAt(int index) => _entries[index].Value;

    /// <summary>Called when the object itself stands where a function is expected, as in <c>date "2026-01-01"</c>.</summary>
    internal virtual Rendering.TemplateFunction? AsFunction => null;

    /// <summary>Whether the object is shared between renders and must be copied before a template changes it.</summary>
    internal virtual bool IsShared => false;

    internal virtual TemplateObject Copy()
    {
        var copy = new TemplateObject(0) { _entries = new Entry[_count + 2], _count = _count };
        Array.Copy(_entries, copy._entries, _count);
        if (_count >= IndexFrom) copy.Index(copy._entries.Length);
        return copy;
    }

    private int Find(string name, int hash)
    {
        var entries = _entries;
        if (_buckets is null)
        {
            for (var i = 0; i < _count; i++)
            {
                if (entries[i].Hash == hash && (ReferenceEquals(entries[i].Name, name) || entries[i].Name == name)) return i;
            }
            return -1;
        }
        var next = _buckets[(uint)hash % (uint)_buckets.Length] - 1;
        while (next >= 0)
        {
            if (entries[next].Hash == hash && entries[next].Name == name) return next;
            next = entries[next].Next;
        }
        return -1;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, Math.Max(4, _entries.Length * 2));
        if (_buckets is not null) Index(_entries.Length);
    }

    private void Index(int size)
    {
        _buckets = new int[size | 1];
        for (var i = 0; i < _count; i++) Link(i);
    }

    private void Link(int entry)
    {
        ref var bucket = ref _buckets![(uint)_entries[entry].Hash % (uint)_buckets.Length];
        _entries[entry].Next = bucket - 1;
        bucket = entry + 1;
    }

    private static object? ObjectFromJson(JsonElement json, bool numbersAsDecimal)
    {
        if (TryTyped(json, out var typed)) return typed;
        var result = new TemplateObject();
        foreach (var property in json.EnumerateObject()) result.Set(property.Name, ValueFromJson(property.Value, numbersAsDecimal));
        return result;
    }

    private static bool TryTyped(JsonElement json, [NotNullWhen(true)] out object? value)
    {
        value = null;
        using var properties = json.EnumerateObject();
        if (!properties.MoveNext() || !properties.Current.Name.StartsWith('$') || properties.Current.Value.ValueKind != JsonValueKind.String) return false;
        var text = properties.Current.Value.GetString()!;
        value = properties.Current.Name switch
        {
            "$date" => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
            "$dto" => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
            "$decimal" => decimal.Parse(text, NumberStyles.Number | NumberStyles.AllowExponent, CultureInfo.InvariantCulture),
            "$double" => double.Parse(text, CultureInfo.InvariantCulture),
            "$timespan" => TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture),
            _ => null,
        };
        return value is not null;
    }

    private static TemplateArray ArrayFromJson(JsonElement json, bool numbersAsDecimal)
    {
        var result = new TemplateArray(json.GetArrayLength());
        foreach (var item in json.EnumerateArray()) result.Add(ValueFromJson(item, numbersAsDecimal));
        return result;
    }

    private static object NumberFromJson(JsonElement json, bool asDecimal)
    {
        if (asDecimal && json.TryGetDecimal(out var exact)) return exact;
        if (json.TryGetInt32(out var whole)) return Rendering.Boxes.Of(whole);
        if (json.TryGetInt64(out var large)) return large;
        var text = json.GetRawText();
        return text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var big)
            ? (double)big
            : json.GetDouble();
    }

    private struct Entry
    {
        public string Name;
        public object? Value;
        public int Hash;
        public int Next;
        public bool IsReadOnly;
    }
}

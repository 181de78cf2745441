using System.Collections;

namespace Automation.Templates.Analysis;

/// <summary>What a model will look like: which names there are, and which of them may be missing.</summary>
/// <remarks>Immutable. Templates are checked against it before there is a model to render with.</remarks>
public sealed class ModelShape
{
    private static readonly string[] DateMembers =
    [
        "year", "month", "day", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond", "day_of_week", "day_of_year", "date",
        "time_of_day", "ticks", "kind", "date_time", "utc_date_time", "local_date_time", "offset", "total_offset_minutes", "utc_ticks",
    ];

    private readonly Kind _kind;
    private readonly IReadOnlyDictionary<string, ModelShape> _members;

    private ModelShape(Kind kind, IReadOnlyDictionary<string, ModelShape>? members = null, ModelShape? item = null, bool mayBeMissing = false)
    {
        _kind = kind;
        _members = members ?? new Dictionary<string, ModelShape>();
        Item = item;
        MayBeMissing = mayBeMissing;
    }

    private enum Kind { Unknown, Open, Object, List, Text, Number, Truth, Date }

    /// <summary>Nothing is known; nothing done with it is wrong.</summary>
    public static ModelShape Unknown { get; } = new(Kind.Unknown);

    /// <summary>Any members may be there, and each may be missing.</summary>
    public static ModelShape Open { get; } = new(Kind.Open);

    public static ModelShape Text { get; } = new(Kind.Text);

    public static ModelShape Number { get; } = new(Kind.Number);

    public static ModelShape Truth { get; } = new(Kind.Truth);

    public static ModelShape Date { get; } = new(Kind.Date);

    /// <summary>Whether the value may be null or left out.</summary>
    public bool MayBeMissing { get; }

    /// <summary>The members known by name; for a list, a text or a date those that the language gives it.</summary>
    public IEnumerable<string> Names => _kind switch
    {
        Kind.List or Kind.Text => ["size"],
        Kind.Date => DateMembers,
        _ => _members.Keys,
    };

    internal bool IsUnknown => _kind == Kind.Unknown;

    internal bool IsList => _kind == Kind.List;

    internal bool IsObject => _kind is Kind.Object or Kind.Open;

    internal ModelShape? Item { get; }

    public static ModelShape Object(params ReadOnlySpan<(string Name, ModelShape Shape)> members)
    {
        var all = new Dictionary<string, ModelShape>(StringComparer.Ordinal);
        foreach (var (name, shape) in members) all[name] = shape;
        return new ModelShape(Kind.Object, all);
    }

    public static ModelShape List(ModelShape item) => new(Kind.List, item: item);

    /// <summary>The same, but it may be missing.</summary>
    public ModelShape OrMissing() => With(mayBeMissing: true);

    /// <summary>The same after <paramref name="defaults"/> stand in for what is missing; new names are added.</summary>
    public ModelShape WithDefaults(TemplateObject defaults)
    {
        var all = new Dictionary<string, ModelShape>(_members, StringComparer.Ordinal);
        foreach (var (name, value) in defaults)
        {
            if (value is null) continue;
            all[name] = all.TryGetValue(name, out var known) ? known.Defaulted(value) : OfValue(value);
        }
        return new ModelShape(_kind is Kind.Unknown ? Kind.Object : _kind, all, Item, MayBeMissing);
    }

    /// <returns>Null when there is no such member.</returns>
    internal ModelShape? Find(string name) => _kind switch
    {
        Kind.Unknown => Unknown,
        _ when _members.TryGetValue(name, out var known) => known,
        Kind.Open => Open.OrMissing(),
        Kind.List or Kind.Text => name == "size" ? Number : null,
        Kind.Date => Array.IndexOf(DateMembers, name) >= 0 ? Unknown : null,
        _ => null,
    };

    private ModelShape Defaulted(object value)
    {
        if (value is not TemplateObject members || !IsObject) return With(mayBeMissing: false);
        var filled = WithDefaults(members);
        return MayBeMissing ? filled.OnlySure(members) : filled;
    }

    // Where the default stands for the whole object, only the members it gives are sure.
    private ModelShape OnlySure(TemplateObject given) =>
        new(_kind, _members.ToDictionary(member => member.Key, member => given.Contains(member.Key) ? member.Value : member.Value.OrMissing(), StringComparer.Ordinal), Item);

    private static ModelShape OfValue(object value) => value switch
    {
        string => Text,
        bool => Truth,
        DateTime or DateTimeOffset => Date,
        TemplateObject members => Object().WithDefaults(members),
        IEnumerable => List(Unknown),
        _ => Number,
    };

    private ModelShape With(bool mayBeMissing) => MayBeMissing == mayBeMissing ? this : new ModelShape(_kind, _members, Item, mayBeMissing);
}

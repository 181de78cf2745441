namespace Automation.Templates.Analysis;

/// <summary>A variable: the scope that holds it, and its name.</summary>
internal sealed record Slot(Dictionary<string, Seen> Scope, string Name);

/// <summary>The <c>$</c> variables of a body, told apart from those of all others.</summary>
internal sealed record LocalScope(int Id)
{
    public Dictionary<string, Seen> Names { get; } = new(StringComparer.Ordinal);
}

/// <summary>What is known at one point of the walk: variables and facts. Changes can be taken back, so that branches start alike.</summary>
internal sealed class Known
{
    private readonly List<(Slot Slot, Seen? Before)> _changes = [];
    private readonly List<string> _facts = [];
    private readonly Dictionary<string, int> _factCounts = new(StringComparer.Ordinal);
    private int _bodies;

    public Known() => Locals = NewBody();

    public Dictionary<string, Seen> Globals { get; } = new(StringComparer.Ordinal);

    /// <summary>Members of the model that the template assigned, by their written path.</summary>
    public Dictionary<string, Seen> Overrides { get; } = new(StringComparer.Ordinal);

    public LocalScope Locals { get; set; }

    /// <summary>The parameters of the function being walked.</summary>
    public Dictionary<string, Seen>? Frame { get; set; }

    public int FactCount => _facts.Count;

    public LocalScope NewBody() => new(++_bodies);

    public Dictionary<string, Seen> ScopeFor(string name) => Frame is not null && Frame.ContainsKey(name) ? Frame : Globals;

    public bool TryGet(string name, out Seen value) =>
        (Frame is not null && Frame.TryGetValue(name, out value!)) || Globals.TryGetValue(name, out value!);

    public void Set(Dictionary<string, Seen> scope, string name, Seen value)
    {
        _changes.Add((new Slot(scope, name), scope.GetValueOrDefault(name)));
        scope[name] = value;
    }

    public int Mark() => _changes.Count;

    /// <summary>Undoes every change since <paramref name="mark"/>.</summary>
    /// <returns>What the changed variables were before that.</returns>
    public Dictionary<Slot, Seen> TakeBack(int mark)
    {
        var after = new Dictionary<Slot, Seen>();
        for (var i = _changes.Count - 1; i >= mark; i--)
        {
            var (slot, before) = _changes[i];
            if (slot.Scope.TryGetValue(slot.Name, out var value)) after.TryAdd(slot, value);
            if (before is null) slot.Scope.Remove(slot.Name);
            else slot.Scope[slot.Name] = before;
        }
        _changes.RemoveRange(mark, _changes.Count - mark);
        return after;
    }

    /// <summary>Whether the path is known to be there.</summary>
    public bool Has(string fact) => _factCounts.GetValueOrDefault(fact) > 0;

    public IReadOnlyList<string> FactsFrom(int count) => count == _facts.Count ? [] : _facts[count..];

    public void AddFacts(IEnumerable<string> facts)
    {
        foreach (var fact in facts)
        {
            _facts.Add(fact);
            _factCounts[fact] = _factCounts.GetValueOrDefault(fact) + 1;
        }
    }

    public void ForgetFactsTo(int count)
    {
        for (var i = _facts.Count - 1; i >= count; i--) _factCounts[_facts[i]] = Math.Max(0, _factCounts.GetValueOrDefault(_facts[i]) - 1);
        _facts.RemoveRange(count, _facts.Count - count);
    }

    /// <summary>What was known of a variable no longer holds: it has another value now.</summary>
    public void Deny(string fact) => _factCounts.Remove(fact);
}

namespace Automation.Templates.Parsing;

/// <summary>What the parser notices about a template besides its tree: which global names it reads, and where it does more than print.</summary>
internal sealed class TemplateFacts
{
    private readonly List<(string Name, int Offset)> _reads = [];
    private readonly List<(string Name, int Offset)> _assignments = [];
    private readonly List<int> _effects = [];
    private readonly List<(string? Name, int Offset)> _includes = [];
    private readonly List<string> _named = [];
    private readonly List<string> _bound = [];
    private readonly Dictionary<string, int> _boundTimes = new(StringComparer.Ordinal);

    public IReadOnlyList<(string Name, int Offset)> Reads => _reads;

    public IReadOnlyList<(string Name, int Offset)> Assignments => _assignments;

    /// <summary>Whether a statement changes what another one sees: assignments, functions, captures and their like.</summary>
    public bool HasEffects => _effects.Count > 0 || _assignments.Count > 0;

    /// <summary>Every use of <c>include</c>; the name is null where it is not a plain literal.</summary>
    public IReadOnlyList<(string? Name, int Offset)> Includes => _includes;

    /// <summary>Names of partials that stand in the text, whatever arguments follow.</summary>
    public IReadOnlyList<string> NamedPartials => _named;

    public int BoundCount => _bound.Count;

    public void Read(string name, int offset)
    {
        if (_boundTimes.GetValueOrDefault(name) == 0) _reads.Add((name, offset));
    }

    /// <summary>The name at this offset turned out to be written, not read.</summary>
    public void NotRead(string name, int offset)
    {
        // It was read a moment ago: only the end of the list is looked at.
        for (var i = _reads.Count - 1; i >= 0 && _reads[i].Offset >= offset; i--)
        {
            if (_reads[i].Offset == offset && _reads[i].Name == name) _reads.RemoveAt(i);
        }
    }

    public void Include(string? name, int offset) => _includes.Add((name, offset));

    public void Named(string partial) => _named.Add(partial);

    public void Assign(string name, int offset) => _assignments.Add((name, offset));

    public void Effect(int offset) => _effects.Add(offset);

    /// <summary>From here on the name is a parameter or the variable of a loop.</summary>
    public void Bind(string name)
    {
        _bound.Add(name);
        _boundTimes[name] = _boundTimes.GetValueOrDefault(name) + 1;
    }

    public void UnbindTo(int count)
    {
        for (var i = _bound.Count - 1; i >= count; i--) _boundTimes[_bound[i]]--;
        _bound.RemoveRange(count, _bound.Count - count);
    }

    /// <summary>Names that must come from outside: read before any assignment of the template itself.</summary>
    public HashSet<string> Roots()
    {
        var roots = new HashSet<string>(StringComparer.Ordinal);
        var assigned = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, offset) in _assignments) assigned.TryAdd(name, offset);
        foreach (var (name, offset) in _reads)
        {
            if (!assigned.TryGetValue(name, out var from) || offset <= from) roots.Add(name);
        }
        return roots;
    }
}

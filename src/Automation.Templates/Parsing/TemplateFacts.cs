namespace Automation.Templates.Parsing;

/// <summary>What the parser notices about a template besides its tree: which global names it reads, and where it does more than print.</summary>
internal sealed class TemplateFacts
{
    private readonly List<(string Name, int Offset)> _reads = [];
    private readonly List<(string Name, int Offset)> _assignments = [];
    private readonly List<int> _effects = [];
    private readonly List<(string? Name, int Offset)> _includes = [];
    private readonly List<string> _bound = [];

    public IReadOnlyList<(string Name, int Offset)> Reads => _reads;

    /// <summary>Whether a statement changes what another one sees: assignments, functions, captures and their like.</summary>
    public bool HasEffects => _effects.Count > 0 || _assignments.Count > 0;

    /// <summary>Every use of <c>include</c>; the name is null where it is not a plain literal.</summary>
    public IReadOnlyList<(string? Name, int Offset)> Includes => _includes;

    public int BoundCount => _bound.Count;

    public void Read(string name, int offset)
    {
        if (!_bound.Contains(name)) _reads.Add((name, offset));
    }

    /// <summary>The name at this offset turned out to be written, not read.</summary>
    public void NotRead(string name, int offset) => _reads.RemoveAll(read => read.Offset == offset && read.Name == name);

    public void Include(string? name, int offset) => _includes.Add((name, offset));

    public void Assign(string name, int offset) => _assignments.Add((name, offset));

    public void Effect(int offset) => _effects.Add(offset);

    public void Bind(string name) => _bound.Add(name);

    public void UnbindTo(int count) => _bound.RemoveRange(count, _bound.Count - count);

    /// <summary>Names that must come from outside: read before any assignment of the template itself.</summary>
    public HashSet<string> Roots()
    {
        var roots = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, offset) in _reads)
        {
            if (!_assignments.Exists(assignment => assignment.Name == name && assignment.Offset < offset)) roots.Add(name);
        }
        return roots;
    }
}

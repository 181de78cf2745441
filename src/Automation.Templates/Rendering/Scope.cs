namespace Automation.Templates.Rendering;

/// <summary>A handful of named values: the parameters of a call, or the <c>$</c> locals of a body.</summary>
internal sealed class Scope
{
    private string[] _names = new string[4];
    private object?[] _values = new object?[4];
    private int _count;

    /// <summary>The arguments the body was called with: <c>$</c>, <c>$0</c> and so on.</summary>
    public TemplateArray? Arguments;

    /// <summary>What <c>$$</c> renders: the block of a <c>wrap</c>.</summary>
    public WrappedBlock? Block;

    public bool TryGet(string name, out object? value)
    {
        var at = Find(name);
        value = at >= 0 ? _values[at] : null;
        return at >= 0;
    }

    public void Set(string name, object? value)
    {
        var at = Find(name);
        if (at < 0)
        {
            if (_count == _names.Length)
            {
                Array.Resize(ref _names, _count * 2);
                Array.Resize(ref _values, _count * 2);
            }
            at = _count++;
            _names[at] = name;
        }
        _values[at] = value;
    }

    public void Remove(string name)
    {
        var at = Find(name);
        if (at < 0) return;
        _count--;
        _names[at] = _names[_count];
        _values[at] = _values[_count];
        _values[_count] = null;
    }

    private int Find(string name)
    {
        for (var i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_names[i], name) || _names[i] == name) return i;
        }
        return -1;
    }
}

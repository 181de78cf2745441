using Automation.Templates.Parsing;

namespace Automation.Templates.Analysis;

/// <summary>A place in the text of a template or partial.</summary>
public sealed class TemplatePlace
{
    private readonly Span _at;

    internal TemplatePlace(Span at) => _at = at;

    /// <summary>The name the text was parsed under.</summary>
    public string Template => _at.Source.Name;

    /// <summary>Offset from 0, in UTF-16 units.</summary>
    public int Offset => _at.Start;

    public int Length => _at.End - _at.Start;

    /// <summary>Line and column of the first character, from 1. Counts from the start of the text each time.</summary>
    public (int Line, int Column) Start => _at.Source.PositionOf(_at.Start);

    /// <summary>Line and column just behind the last character.</summary>
    public (int Line, int Column) End => _at.Source.PositionOf(_at.End);

    /// <summary>A piece of this place; cut to it where it would reach beyond.</summary>
    public TemplatePlace Slice(int offset, int length)
    {
        var start = Math.Clamp(_at.Start + offset, _at.Start, _at.End);
        return new TemplatePlace(new Span(_at.Source, start, Math.Clamp(start + length, start, _at.End)));
    }
}

namespace Automation.Templates.Parsing;

/// <summary>A template's name and text; turns offsets into lines and columns only when a message needs them.</summary>
internal sealed class SourceText(string name, string text)
{
    public string Name { get; } = name;
    public string Text { get; } = text;

    /// <summary>Line and column from 1, counted in UTF-16 units; (0,0) for an offset past the end of the text.</summary>
    public (int Line, int Column) PositionOf(int offset)
    {
        if (offset < 0) return (0, 0);
        var before = Text.AsSpan(0, Math.Min(offset, Text.Length));
        var line = before.Count('\n') + 1;
        return (line, before.Length - before.LastIndexOf('\n'));
    }

    public TemplateMessage MessageAt(int offset, string message)
    {
        var (line, column) = PositionOf(offset);
        return new TemplateMessage(Name, line, column, message);
    }
}

/// <summary>A piece of a source text, <c>[Start, End)</c>.</summary>
internal readonly struct Span(SourceText source, int start, int end)
{
    public readonly SourceText Source = source;
    public readonly int Start = start;
    public readonly int End = end;

    public string Text => Source.Text[Math.Max(0, Start)..Math.Max(0, End)];

    public Span To(int end) => new(Source, Start, end);
}

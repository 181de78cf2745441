using System.Buffers;
using System.Globalization;

namespace Automation.Templates.Rendering;

/// <summary>Where rendered text goes: a pooled buffer in front of a writer, or on its own when the text is wanted back.</summary>
/// <remarks>Measured by the benchmark "templates".</remarks>
internal sealed class RenderOutput : IDisposable
{
    private const int FlushAt = 16_384;

    [ThreadStatic] private static RenderOutput? t_free;

    private char[] _buffer = [];
    private int _length;
    private TextWriter? _sink;
    private TemplateContext? _budget;
    private bool _afterLineBreak;
    private RenderOutput? _next;

    /// <summary>What every line after a line break in the written text begins with; null writes text as it is.</summary>
    public string? Indent;

    public int Length => _length;

    /// <summary>How what is written next begins.</summary>
    public OutputPlace Place
    {
        get => new(Indent, _afterLineBreak);
        set => (Indent, _afterLineBreak) = (value.Indent, value.IsAfterLineBreak);
    }

    public ReadOnlySpan<char> Text => _buffer.AsSpan(0, _length);

    /// <param name="sink">Null keeps the text in the buffer.</param>
    /// <param name="budget">Whose limits on output apply; null for scratch text.</param>
    public static RenderOutput Rent(TextWriter? sink, TemplateContext? budget)
    {
        var output = t_free ?? new RenderOutput();
        t_free = output._next;
        output._next = null;
        output._sink = sink;
        output._budget = budget;
        output._length = 0;
        output._afterLineBreak = false;
        output.Indent = null;
        if (output._buffer.Length == 0) output._buffer = ArrayPool<char>.Shared.Rent(FlushAt);
        return output;
    }

    public void Dispose()
    {
        // A buffer that one large text has blown up goes back to the pool instead of staying with the thread.
        if (_buffer.Length > 4 * FlushAt)
        {
            ArrayPool<char>.Shared.Return(_buffer);
            _buffer = [];
        }
        _sink = null;
        _budget = null;
        _next = t_free;
        t_free = this;
    }

    public void Flush()
    {
        if (_sink is null || _length == 0) return;
        _sink.Write(_buffer.AsSpan(0, _length));
        _length = 0;
    }

    /// <summary>The text so far; the buffer begins anew.</summary>
    public string Take()
    {
        var text = ToString();
        _length = 0;
        return text;
    }

    public override string ToString() => _length == 0 ? "" : new string(_buffer, 0, _length);

    public void Write(string? text)
    {
        if (text is not null) Write(text.AsSpan());
    }

    public void Write(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return;
        if (Indent is { Length: > 0 })
        {
            WriteIndented(text);
            return;
        }
        // No indentation at all forgets the line break; an empty one keeps it for a later block.
        _afterLineBreak = Indent is not null && text[^1] == '\n';
        Append(text);
    }

    public void Write(char c) => Write(new ReadOnlySpan<char>(in c));

    public void WriteFormatted<T>(T value, string? format, CultureInfo culture) where T : ISpanFormattable
    {
        Span<char> room = stackalloc char[64];
        if (value.TryFormat(room, out var written, format, culture)) Write(room[..written]);
        else Write(value.ToString(format, culture));
    }

    private void WriteIndented(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (_afterLineBreak) WriteIndent(text[0]);
            var lineBreak = text.IndexOf('\n');
            if (lineBreak < 0)
            {
                Append(text);
                return;
            }
            Append(text[..(lineBreak + 1)]);
            _afterLineBreak = true;
            text = text[(lineBreak + 1)..];
        }
    }

    private void WriteIndent(char next)
    {
        _afterLineBreak = false;
        var isEmptyLine = next is '\n' or '\r';
        if (!isEmptyLine || _budget is null || _budget.Options.IndentOnEmptyLines) Append(Indent!);
    }

    private void Append(ReadOnlySpan<char> text)
    {
        if (_budget is not null) text = _budget.SpendOutput(text);
        if (text.Length > _buffer.Length - _length) MakeRoom(text.Length);
        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
    }

    private void MakeRoom(int more)
    {
        Flush();
        if (more <= _buffer.Length - _length) return;
        var larger = ArrayPool<char>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + more));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<char>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

/// <summary>How a line is indented, and whether one begins.</summary>
internal readonly record struct OutputPlace(string? Indent, bool IsAfterLineBreak);

using System.Text;

namespace Automation.Marketing.Mail.Content;

/// <summary>Lays out the lines of a text part: white space collapses, blocks stand apart by one empty line at most.</summary>
internal sealed class TextPartWriter
{
    private readonly StringBuilder text = new();
    private int breaks;             // line breaks owed before the next character
    private bool space;             // a space owed
    private bool isAfterCodeLine;   // the empty line, if any, stands before the code

    /// <summary>Whether nothing stands on the current line yet.</summary>
    public bool IsAtLineStart => breaks > 0 || text.Length == 0 || text[^1] == '\n';

    public void Break(int lines)
    {
        breaks = Math.Max(breaks, isAfterCodeLine ? Math.Min(1, lines) : lines);
        space = false;
    }

    public void Space() => space = !IsAtLineStart || space;

    public void Write(ReadOnlySpan<char> words)
    {
        foreach (var c in words)
        {
            if (c is ' ' or '\t' or '\r' or '\n' or '\f')
            {
                Space();
                continue;
            }
            Settle();
            // Two braces would begin code that was none, also together with code that follows.
            if (c == '{') text.Append("{{ \"{\" }}");
            else text.Append(c);
        }
    }

    /// <summary>Code that stands within a line.</summary>
    public void WriteCode(ReadOnlySpan<char> code)
    {
        var ownsBreak = breaks > 0;
        Settle();
        Append(code, ownsBreak);
    }

    /// <summary>Code that has a line to itself, as its white space control expects.</summary>
    public void WriteCodeLine(ReadOnlySpan<char> code)
    {
        if (text.Length > 0 && breaks == 0 && text[^1] != '\n') breaks = 1;
        space = false;
        var ownsBreak = breaks > 0;
        Settle();
        Append(code, ownsBreak);
        (breaks, isAfterCodeLine) = (1, true);
    }

    public override string ToString() => text.Length == 0 ? "" : text.ToString().TrimEnd() + "\n";

    // `{{-` would eat a line break that stands for tags, which it could not eat.
    private void Append(ReadOnlySpan<char> code, bool ownsBreak)
    {
        if (ownsBreak && code.StartsWith("{{-")) text.Append("{{").Append(code[3..]);
        else text.Append(code);
    }

    private void Settle()
    {
        if (breaks > 0)
        {
            if (text.Length > 3 && text[^1] == '}' && text[^2] == '}' && text[^3] == '-') text.Remove(text.Length - 3, 1);
            var there = text.Length == 0 ? 2 : text[^1] != '\n' ? 0 : text.Length > 1 && text[^2] == '\n' ? 2 : 1;
            for (; there < breaks; there++) text.Append('\n');
        }
        else if (space && text.Length > 0 && text[^1] != '\n')
        {
            text.Append(' ');
        }
        (breaks, space, isAfterCodeLine) = (0, false, false);
    }
}

using Jint.Parser;
using Jint.Parser.Ast;

namespace Automation.Workflows.Runtime;

/// <summary>A parsed script and the names it mentions, so that only those are put before it.</summary>
internal sealed class JavaScriptProgram
{
    // Longer scripts belong into an activity; the limit also bounds what one expression can do between two checks of the limits.
    public const int MaxLength = 20_000;

    private JavaScriptProgram(Program program, HashSet<string> names) => (Program, Names) = (program, names);

    public Program Program { get; }

    /// <summary>Identifiers that occur in the text.</summary>
    public IReadOnlySet<string> Names { get; }

    public static JavaScriptProgram Parse(string text)
    {
        if (text.Length > MaxLength) throw new JavaScriptFailedException($"The script is longer than {MaxLength} characters.");
        return new(ParseProgram(text), NamesIn(text));
    }

    private static Program ParseProgram(string text)
    {
        try
        {
            return new JavaScriptParser().Parse(text);
        }
        catch (ParserException first)
        {
            // A script may return its value like a function body.
            try
            {
                return new JavaScriptParser().Parse("(function(){" + text + "\n})()");
            }
            catch (ParserException)
            {
                throw new JavaScriptFailedException(first.Message, first);
            }
        }
    }

    private static HashSet<string> NamesIn(string text)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < text.Length;)
        {
            if (!IsNameStart(text[i])) { i++; continue; }
            var start = i;
            while (i < text.Length && (IsNameStart(text[i]) || char.IsDigit(text[i]))) i++;
            names.Add(text[start..i]);
        }
        return names;
    }

    private static bool IsNameStart(char letter) => char.IsLetter(letter) || letter is '_' or '$';
}

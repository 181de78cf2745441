using Jint.Parser;
using Jint.Parser.Ast;

namespace Automation.Workflows.Runtime;

/// <summary>A parsed script and the names it mentions, so that only those are put before it.</summary>
internal sealed class JavaScriptProgram
{
    /// <summary>Longer scripts belong into an activity; the limit also bounds what one expression can do between two checks of the limits.</summary>
    public const int MaxLength = 20_000;

    // The parser calls itself for every bracket and every prefix; the run calls itself for every level of the tree.
    private const int ParserStackBytes = 64 * 1024 * 1024;
    private const int MaxBrackets = 100;

    // So short a text cannot go deep; most expressions are, and a thread costs more than they do.
    private const int MaxShort = 100;
    private const string EngineNote = " (JavaScript here is ECMAScript 5.1: no arrow functions, template literals, let or const).";

    private JavaScriptProgram(Program program, HashSet<string> names) => (Program, Names) = (program, names);

    public Program Program { get; }

    /// <summary>Identifiers that occur in the text.</summary>
    public IReadOnlySet<string> Names { get; }

    /// <exception cref="JavaScriptFailedException">The text is no script, or too long, or too deeply nested.</exception>
    public static JavaScriptProgram Parse(string text)
    {
        if (text.Length > MaxLength) throw new JavaScriptFailedException($"The script is longer than {MaxLength} characters.");
        if (BracketDepth(text) > MaxBrackets) throw new JavaScriptFailedException($"The script nests more than {MaxBrackets} brackets.");
        var (parsed, failed) = text.Length <= MaxShort ? TryParse(text) : OnStackOfItsOwn(text);
        if (failed is not null) throw failed as JavaScriptFailedException ?? new JavaScriptFailedException("The script does not parse: " + failed.Message, failed);
        return parsed!;
    }

    // Parsing happens once per expression, and a hostile one must not end the process.
    private static (JavaScriptProgram? Parsed, Exception? Failed) OnStackOfItsOwn(string text)
    {
        (JavaScriptProgram? Parsed, Exception? Failed) result = default;
        var thread = new Thread(() => result = TryParse(text), ParserStackBytes);
        thread.Start();
        thread.Join();
        return result;
    }

    private static (JavaScriptProgram? Parsed, Exception? Failed) TryParse(string text)
    {
        try
        {
            return (new(JavaScriptRewriter.Rewrite(ParseProgram(text)), NamesIn(text)), null);
        }
        catch (Exception broken)
        {
            return (null, broken);
        }
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
                throw new JavaScriptFailedException(first.Message.TrimEnd('.') + EngineNote, first);
            }
        }
    }

    private static int BracketDepth(string text)
    {
        var (depth, deepest) = (0, 0);
        foreach (var letter in text)
        {
            if (letter is '(' or '[' or '{') deepest = Math.Max(deepest, ++depth);
            else if (letter is ')' or ']' or '}' && depth > 0) depth--;
        }
        return deepest;
    }

    private static HashSet<string> NamesIn(string text)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < text.Length;)
        {
            if (!IsNameStart(text[i]))
            {
                i++;
                continue;
            }
            var start = i;
            while (i < text.Length && (IsNameStart(text[i]) || char.IsDigit(text[i]))) i++;
            names.Add(text[start..i]);
        }
        return names;
    }

    private static bool IsNameStart(char letter) => char.IsLetter(letter) || letter is '_' or '$';
}

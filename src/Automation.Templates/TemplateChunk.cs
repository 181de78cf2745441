using Automation.Templates.Parsing;

namespace Automation.Templates;

/// <summary>A run of text, or one code block with its braces.</summary>
/// <param name="Start">Offset of the first character.</param>
/// <param name="End">One behind the last.</param>
public readonly record struct TemplateChunk(int Start, int End, bool IsCode)
{
    /// <summary>Cuts a template into text and code. Works on broken templates too; code that is never closed reaches to the end.</summary>
    /// <remarks>White space that code trims away, and the marks of escape blocks, are in no chunk.</remarks>
    public static IReadOnlyList<TemplateChunk> Of(string template)
    {
        using var lexer = new Lexer(new SourceText("", template), TemplateMode.Text);
        var chunks = new List<TemplateChunk>();
        var codeStart = -1;
        for (var i = 0; i < lexer.Count; i++)
        {
            var token = lexer[i];
            if (token.Kind == TokenKind.Raw)
            {
                chunks.Add(new TemplateChunk(token.Start, token.End, IsCode: false));
            }
            else if (token.Kind == TokenKind.CodeEnter)
            {
                codeStart = token.Start;
            }
            else if (token.Kind == TokenKind.CodeExit || (token.Kind == TokenKind.Eof && codeStart >= 0))
            {
                chunks.Add(new TemplateChunk(codeStart, token.Kind == TokenKind.Eof ? template.Length : token.End, IsCode: true));
                codeStart = -1;
            }
        }
        return chunks;
    }
}

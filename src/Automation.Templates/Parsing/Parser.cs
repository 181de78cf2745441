using System.Runtime.CompilerServices;
using Automation.Templates.Syntax;

namespace Automation.Templates.Parsing;

/// <summary>Turns tokens into a tree, collecting every error it can find before one that leaves it lost.</summary>
/// <remarks>The order and places of messages are part of the language's behaviour; the conformance cases hold them.</remarks>
internal sealed partial class Parser : IDisposable
{
    private const int MostErrors = 1000;       // nobody reads on, and finding lines takes time
    private const int DeepestNesting = 500;    // what the stack is known to bear

    private readonly SourceText _source;
    private readonly TemplateParseOptions _options;
    private readonly Lexer _lexer;
    private readonly List<TemplateMessage> _errors = [];
    private readonly List<Statement> _statements = [];      // open sequences, one after the other
    private int _position;
    private int _depth;
    private bool _isLost;
    private string? _indent;                                // of the code block being read
    private bool _returns;                                  // whether the function being read has `ret`

    public Parser(SourceText source, TemplateParseOptions options)
    {
        _source = source;
        _options = options;
        _lexer = new Lexer(source, options.Mode);
    }

    public TemplateFacts Facts { get; } = new();

    public void Dispose() => _lexer.Dispose();

    public (Block Body, IReadOnlyList<TemplateMessage> Messages) ParseTemplate()
    {
        var body = Block.Empty;
        try
        {
            body = ParsePage();
        }
        catch (TooDeepException)
        {
            // Already among the errors; nothing after it can be read.
        }
        return (body, CollectErrors());
    }

    public (Expression? Expression, IReadOnlyList<TemplateMessage> Messages) ParseSingleExpression()
    {
        Expression? expression = null;
        try
        {
            SkipNewLines();
            _depth = 1;
            expression = ExpectExpression("expression statement", "<expression>");
            SkipNewLines();
            if (Current.Kind != TokenKind.Eof && !_isLost) Error(Current.Start, $"Invalid token found `{TextOf(Current)}`. Expecting <EOL>/end of line.");
        }
        catch (TooDeepException)
        {
            // Already among the errors.
        }
        return (expression, CollectErrors());
    }

    private Token Current => _lexer[_position];

    private Token Previous => _position > 0 ? _lexer[_position - 1] : _lexer[0];

    private Token Ahead(int by = 1) => _lexer[_position + by];

    private bool Is(TokenKind kind) => _lexer[_position].Kind == kind;

    private bool IsWord(string word) => Is(TokenKind.Identifier) && WordIs(Current, word);

    private bool WordIs(Token token, string word) => token.End - token.Start == word.Length && _source.Text.AsSpan(token.Start, word.Length).SequenceEqual(word);

    private void Next()
    {
        if (_position < _lexer.Count - 1) _position++;
    }

    private bool Accept(TokenKind kind)
    {
        if (!Is(kind)) return false;
        Next();
        return true;
    }

    private void SkipNewLines()
    {
        while (Is(TokenKind.NewLine) || Is(TokenKind.Semicolon)) Next();
    }

    private string NameOf(Token token) => NamePool.Get(_source.Text.AsSpan(token.Start, token.End - token.Start));

    private string TextOf(Token token) => token.Kind switch
    {
        TokenKind.Eof => "<eof>",
        TokenKind.NewLine => "\\n",
        _ => _source.Text[token.Start..token.End],
    };

    private Span SpanFrom(int start) => new(_source, start, Math.Max(start, Previous.End));

    private void Error(int offset, string message)
    {
        if (_errors.Count < MostErrors) _errors.Add(_source.MessageAt(offset, message));
        else _isLost = true;
    }

    private void SyntaxError(int offset, string what, string message, string grammar) =>
        Error(offset, $"Error while parsing {what}: {message} in: {grammar}");

    private void EnterDepth()
    {
        if (++_depth <= Math.Min(_options.ExpressionDepthLimit, DeepestNesting) && RuntimeHelpers.TryEnsureSufficientExecutionStack()) return;
        throw TooDeep();
    }

    private TooDeepException TooDeep()
    {
        Error(Previous.Start, $"The statement depth limit `{_options.ExpressionDepthLimit}` was reached when parsing this statement");
        return new TooDeepException();
    }

    // Faults of single tokens come after those of the grammar, and only as far as the text was read.
    private List<TemplateMessage> CollectErrors()
    {
        var readTo = Current.Kind == TokenKind.Eof ? int.MaxValue : Current.End;
        foreach (var (offset, text) in _lexer.Errors)
        {
            if (offset < readTo) Error(offset, text);
        }
        return _errors;
    }

    private bool ExpectEndOfStatement()
    {
        switch (Current.Kind)
        {
            case TokenKind.NewLine:
            case TokenKind.Semicolon:
                Next();
                return true;
            case TokenKind.CodeExit:
            case TokenKind.Eof:
                return true;
            default:
                Error(Current.Start, $"Invalid token found `{TextOf(Current)}`. Expecting <EOL>/end of line.");
                _isLost = true;
                return false;
        }
    }

    private sealed class TooDeepException : Exception;
}

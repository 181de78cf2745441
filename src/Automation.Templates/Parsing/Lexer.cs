using System.Buffers;

namespace Automation.Templates.Parsing;

/// <summary>Cuts a template into tokens, trimming the raw text around <c>-</c> and <c>~</c> tags on the way.</summary>
/// <remarks>Tokens live in a rented array: parsing a template leaves only its tree behind.</remarks>
internal sealed class Lexer : IDisposable
{
    private readonly SourceText _source;
    private readonly string _text;
    private readonly List<(int Offset, string Text)> _errors = [];
    private Token[] _tokens = ArrayPool<Token>.Shared.Rent(256);
    private int _count;
    private int _at;
    private int _openBraces;
    private char _trimNext;            // how the tag just closed trims the text after it: '\0', '-' or '~'
    private Stack<char>? _holes;       // the quote of every interpolated string whose hole is open

    public Lexer(SourceText source, TemplateMode mode)
    {
        _source = source;
        _text = source.Text;
        if (mode == TemplateMode.ScriptOnly)
        {
            LexCode(scriptOnly: true);
        }
        else
        {
            if (mode == TemplateMode.FrontMatterAndContent) SkipFrontMatter();
            LexContent();
        }
        Add(TokenKind.Eof, -1, -1);
    }

    public int Count => _count;
    public ref readonly Token this[int index] => ref _tokens[Math.Min(index, _count - 1)];

    /// <summary>Faults of single tokens, in the order of the text.</summary>
    public IReadOnlyList<(int Offset, string Text)> Errors => _errors;

    public void Dispose() => ArrayPool<Token>.Shared.Return(Interlocked.Exchange(ref _tokens, []));

    private void Add(TokenKind kind, int start, int end)
    {
        if (_count == _tokens.Length) Grow();
        _tokens[_count++] = new Token(kind, start, end);
    }

    private void Grow()
    {
        var larger = ArrayPool<Token>.Shared.Rent(_tokens.Length * 2);
        Array.Copy(_tokens, larger, _count);
        ArrayPool<Token>.Shared.Return(_tokens);
        _tokens = larger;
    }

    private char Peek(int ahead = 0) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private void SkipFrontMatter()
    {
        if (!_text.StartsWith("+++", StringComparison.Ordinal)) return;
        var close = _text.IndexOf("\n+++", 3, StringComparison.Ordinal);
        if (close < 0) return;
        var line = _text.IndexOf('\n', close + 4);
        _at = line < 0 ? _text.Length : line + 1;
    }

    private void LexContent()
    {
        var rawStart = _at;
        while (_at < _text.Length)
        {
            var brace = _text.IndexOf('{', _at);
            if (brace < 0) break;
            _at = brace;
            if (Peek(1) == '{')
            {
                var trim = Peek(2) is '-' or '~' ? Peek(2) : '\0';
                AddRaw(rawStart, brace, trim);
                _at = brace + (trim == '\0' ? 2 : 3);
                Add(TokenKind.CodeEnter, brace, _at);
                LexCode(scriptOnly: false);
                rawStart = _at;
            }
            else if (EscapeDepth() is var depth and > 0)
            {
                LexEscapeBlock(rawStart, depth);
                rawStart = _at;
            }
            else
            {
                _at++;
            }
        }
        _at = _text.Length;
        AddRaw(rawStart, _text.Length, '\0');
    }

    /// <summary>The number of per cent signs of an escape block opening here, 0 when none does.</summary>
    private int EscapeDepth()
    {
        var depth = 0;
        while (Peek(1 + depth) == '%') depth++;
        return Peek(1 + depth) == '{' ? depth : 0;
    }

    private void LexEscapeBlock(int rawStart, int depth)
    {
        var open = _at;
        var content = open + depth + 2;
        var trim = content < _text.Length && _text[content] is '-' or '~' ? _text[content] : '\0';
        if (trim != '\0') content++;
        AddRaw(rawStart, open, trim);
        _trimNext = '\0';
        var close = _text.IndexOf("}" + new string('%', depth) + "}", Math.Min(content, _text.Length), StringComparison.Ordinal);
        if (close < 0)
        {
            AddRaw(content, _text.Length, '\0');
            _at = _text.Length;
            return;
        }
        var end = close > content && _text[close - 1] is '-' or '~' ? close - 1 : close;
        AddRaw(content, end, '\0');
        _trimNext = end < close ? _text[end] : '\0';
        _at = close + depth + 2;
    }

    private void AddRaw(int start, int end, char trimEnd)
    {
        start = TrimStart(start, end);
        end = TrimEnd(start, end, trimEnd);
        _trimNext = '\0';
        if (end > start) Add(TokenKind.Raw, start, end);
    }

    private int TrimStart(int start, int end)
    {
        if (_trimNext == '\0') return start;
        while (start < end && char.IsWhiteSpace(_text[start]))
        {
            if (_text[start++] == '\n' && _trimNext == '~') break;
        }
        return start;
    }

    private int TrimEnd(int start, int end, char trim)
    {
        if (trim == '\0') return end;
        while (end > start && char.IsWhiteSpace(_text[end - 1]) && !(trim == '~' && _text[end - 1] == '\n')) end--;
        return end;
    }

    private void LexCode(bool scriptOnly)
    {
        _openBraces = 0;
        _holes?.Clear();
        while (_at < _text.Length)
        {
            if (!scriptOnly && TryExit(evenInBraces: false)) return;
            LexToken(scriptOnly);
        }
    }

    private bool TryExit(bool evenInBraces)
    {
        if (!evenInBraces && (_openBraces > 0 || _holes is { Count: > 0 })) return false;
        var trim = Peek() is '-' or '~' ? 1 : 0;
        if (Peek(trim) != '}' || Peek(trim + 1) != '}') return false;
        _trimNext = trim == 1 ? Peek() : '\0';
        Add(TokenKind.CodeExit, _at, _at + trim + 2);
        _at += trim + 2;
        return true;
    }

    private void LexToken(bool scriptOnly)
    {
        var c = _text[_at];
        if (c == '\n') Single(TokenKind.NewLine);
        else if (char.IsWhiteSpace(c)) _at++;
        else if (c == '#') SkipComment(scriptOnly);
        else if (c == '_' || char.IsLetter(c)) LexIdentifier();
        else if (c is >= '0' and <= '9') LexNumber();
        else if (c is '"' or '\'') LexString(c);
        else if (c == '`') LexVerbatim();
        else if (c == '$') LexSpecial();
        else LexOperator(c);
    }

    private void Single(TokenKind kind, int length = 1)
    {
        Add(kind, _at, _at + length);
        _at += length;
    }

    private void SkipComment(bool scriptOnly)
    {
        var multi = Peek(1) == '#';
        _at += multi ? 2 : 1;
        while (_at < _text.Length)
        {
            if (!scriptOnly && IsExitAhead()) return;
            if (multi && Peek() == '#' && Peek(1) == '#')
            {
                _at += 2;
                return;
            }
            if (!multi && Peek() == '\n') return;
            _at++;
        }
    }

    private bool IsExitAhead()
    {
        var trim = Peek() is '-' or '~' ? 1 : 0;
        if (Peek(trim) != '}' || Peek(trim + 1) != '}') return false;
        _openBraces = 0;
        _holes?.Clear();
        return true;
    }

    private void LexIdentifier()
    {
        var start = _at++;
        while (_at < _text.Length && (_text[_at] == '_' || char.IsLetterOrDigit(_text[_at]))) _at++;
        Add(TokenKind.Identifier, start, _at);
    }

    private void LexSpecial()
    {
        if (Peek(1) is '"' or '\'')
        {
            var quote = Peek(1);
            var start = _at;
            _at += 2;
            LexInterpolated(start, quote, isFirst: true);
            return;
        }
        var begin = _at++;
        if (Peek() == '$') _at++;
        else while (_at < _text.Length && (_text[_at] == '_' || char.IsLetterOrDigit(_text[_at]))) _at++;
        Add(TokenKind.SpecialIdentifier, begin, _at);
    }

    /// <summary>Reads literal text up to a hole or the closing quote.</summary>
    private void LexInterpolated(int start, char quote, bool isFirst)
    {
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '\\' && Peek(1) == '{') _at += 2;
            else if (c == '\\') SkipEscape();
            else if (c == quote)
            {
                _at++;
                Add(isFirst ? TokenKind.InterpolatedText : TokenKind.InterpolatedEnd, start, _at);
                return;
            }
            else if (c == '{')
            {
                Add(isFirst ? TokenKind.InterpolatedBegin : TokenKind.InterpolatedMiddle, start, _at);
                Single(TokenKind.HoleOpen);
                (_holes ??= new Stack<char>()).Push(quote);
                return;
            }
            else _at++;
        }
        Unterminated(quote);
    }

    private void Unterminated(char quote)
    {
        var last = Math.Max(0, _text.Length - 1);
        _errors.Add((last, $"Unexpected end of file while parsing a string not terminated by a {quote}"));
        Add(TokenKind.Invalid, last, _text.Length);
        _at = _text.Length;
    }

    private void LexString(char quote)
    {
        var start = _at++;
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '\\')
            {
                SkipEscape();
            }
            else if (c == quote)
            {
                _at++;
                Add(TokenKind.Text, start, _at);
                return;
            }
            else
            {
                _at++;
            }
        }
        Unterminated(quote);
    }

    private void SkipEscape()
    {
        var next = Peek(1);
        switch (next)
        {
            case '0' or '\'' or '"' or '\\' or 'b' or 'f' or 'n' or 'r' or 't' or 'v' or '\n':
                _at += 2;
                break;
            case '\r':
                _at += Peek(2) == '\n' ? 3 : 2;
                break;
            case 'u':
                SkipHex(4, 'u');
                break;
            case 'x':
                SkipHex(2, 'x');
                break;
            default:
                _errors.Add((Math.Min(_at + 1, _text.Length - 1), $"Unexpected escape character `{(next == '\0' ? "<eof>" : next.ToString())}` in string. Only 0 ' \" \\ b f n r t v u0000-uFFFF x00-xFF are allowed"));
                _at += 2;
                break;
        }
    }

    private void SkipHex(int digits, char kind)
    {
        _at += 2;
        for (var i = 0; i < digits; i++, _at++)
        {
            if (char.IsAsciiHexDigit(Peek())) continue;
            _errors.Add((Math.Min(_at, _text.Length - 1), $"Unexpected hex number `{Peek()}` following `\\{kind}`. Expecting {(digits == 4 ? "\\u0000 to \\uffff" : "\\x00 to \\xff")}."));
            return;
        }
    }

    private void LexVerbatim()
    {
        var start = _at++;
        while (_at < _text.Length)
        {
            if (_text[_at] != '`')
            {
                _at++;
            }
            else if (Peek(1) == '`')
            {
                _at += 2;
            }
            else
            {
                _at++;
                Add(TokenKind.VerbatimText, start, _at);
                return;
            }
        }
        var last = _text.Length - 1;
        _errors.Add((last, "Unexpected end of file while parsing a verbatim string not terminated by a `"));
        Add(TokenKind.Invalid, last, _text.Length);
    }

    private void LexNumber()
    {
        var start = _at;
        if (Peek() == '0' && Peek(1) is 'x' or 'X') LexRadix(start, char.IsAsciiHexDigit, TokenKind.HexInteger, "hex", "[0-9a-fA-F]");
        else if (Peek() == '0' && Peek(1) is 'b' or 'B') LexRadix(start, c => c is '0' or '1', TokenKind.BinaryInteger, "binary", "0 or 1");
        else LexDecimal(start);
    }

    private void LexRadix(int start, Func<char, bool> isDigit, TokenKind kind, string name, string digits)
    {
        var prefix = Peek(1);
        _at += 2;
        var any = false;
        while (isDigit(Peek()) || Peek() == '_')
        {
            any |= Peek() != '_';
            _at++;
        }
        if (!any)
        {
            _errors.Add((start, $"Invalid {name} number, expecting at least a {name} digit {digits} after 0{prefix}"));
            Add(TokenKind.Invalid, start, _at);
            return;
        }
        if (Peek() is 'u' or 'U') _at++;
        Add(kind, start, _at);
    }

    private void LexDecimal(int start)
    {
        SkipDigits();
        var isFloat = false;
        if (Peek() == '.' && Peek(1) != '.' && (!char.IsLetter(Peek(1)) || IsExponent(1)) && Peek(1) != '_')
        {
            isFloat = true;
            _at++;
            SkipDigits();
        }
        if (Peek() is 'e' or 'E')
        {
            _at++;
            if (isFloat && Peek() is '+' or '-') _at++;
            if (!char.IsAsciiDigit(Peek()))
            {
                _errors.Add((Math.Min(_at, _text.Length - 1), "Expecting at least one digit after the exponent"));
                Add(TokenKind.Invalid, start, _at);
                return;
            }
            SkipDigits();
        }
        if (Peek() is 'f' or 'F' or 'd' or 'D' or 'm' or 'M')
        {
            isFloat = true;
            _at++;
        }
        Add(isFloat ? TokenKind.Float : TokenKind.Integer, start, _at);
    }

    private bool IsExponent(int ahead) =>
        Peek(ahead) is 'e' or 'E' && (char.IsAsciiDigit(Peek(ahead + 1)) || (Peek(ahead + 1) is '+' or '-' && char.IsAsciiDigit(Peek(ahead + 2))));

    private void SkipDigits()
    {
        while (Peek() is (>= '0' and <= '9') or '_') _at++;
    }

    private void LexOperator(char c)
    {
        var next = Peek(1);
        switch (c)
        {
            case ';': Single(TokenKind.Semicolon); break;
            case '(': Single(TokenKind.OpenParen); break;
            case ')': Single(TokenKind.CloseParen); break;
            case '[': Single(TokenKind.OpenBracket); break;
            case ']': Single(TokenKind.CloseBracket); break;
            case '{': _openBraces++; Single(TokenKind.OpenBrace); break;
            case '}': LexCloseBrace(); break;
            case ',': Single(TokenKind.Comma); break;
            case ':': Single(TokenKind.Colon); break;
            case '@': Single(TokenKind.At); break;
            case '^': Single(TokenKind.Caret); break;
            case '.': LexDots(next); break;
            case '?': LexQuestion(next); break;
            case '=': Pair(next, '=', TokenKind.DoubleEqual, '>', TokenKind.Arrow, TokenKind.Equal); break;
            case '!': Pair(next, '=', TokenKind.NotEqual, '\0', default, TokenKind.Exclamation); break;
            case '<': Pair(next, '=', TokenKind.LessEqual, '<', TokenKind.ShiftLeft, TokenKind.Less); break;
            case '>': Pair(next, '=', TokenKind.GreaterEqual, '>', TokenKind.ShiftRight, TokenKind.Greater); break;
            case '|': Pair(next, '|', TokenKind.Or, '>', TokenKind.Pipe, TokenKind.Pipe); break;
            case '&': Pair(next, '&', TokenKind.And, '\0', default, TokenKind.Invalid); break;
            case '+': Pair(next, '=', TokenKind.PlusEqual, '+', TokenKind.PlusPlus, TokenKind.Plus); break;
            case '-': Pair(next, '=', TokenKind.MinusEqual, '-', TokenKind.MinusMinus, TokenKind.Minus); break;
            case '*': Pair(next, '=', TokenKind.AsteriskEqual, '\0', default, TokenKind.Asterisk); break;
            case '%': Pair(next, '=', TokenKind.PercentEqual, '\0', default, TokenKind.Percent); break;
            case '/' when next == '/' && Peek(2) == '=': Single(TokenKind.DoubleDivideEqual, 3); break;
            case '/': Pair(next, '=', TokenKind.DivideEqual, '/', TokenKind.DoubleDivide, TokenKind.Divide); break;
            default:
                _errors.Add((_at, $"Unexpected character `{c}`"));
                Single(TokenKind.Invalid);
                break;
        }
    }

    private void Pair(char next, char first, TokenKind ifFirst, char second, TokenKind ifSecond, TokenKind otherwise)
    {
        if (next == first) Single(ifFirst, 2);
        else if (second != '\0' && next == second) Single(ifSecond, 2);
        else Single(otherwise);
    }

    private void LexDots(char next)
    {
        if (next != '.') Single(TokenKind.Dot);
        else if (Peek(2) == '<') Single(TokenKind.DoubleDotLess, 3);
        else if (Peek(2) == '.') Single(TokenKind.TripleDot, 3);
        else Single(TokenKind.DoubleDot, 2);
    }

    private void LexQuestion(char next)
    {
        if (next == '?') Single(TokenKind.DoubleQuestion, 2);
        else if (next == '!') Single(TokenKind.QuestionExclamation, 2);
        else if (next == '.') Single(TokenKind.QuestionDot, 2);
        else Single(TokenKind.Question);
    }

    // In a hole the first closing brace always ends the hole, even when an object literal was opened there.
    private void LexCloseBrace()
    {
        if (_holes is { Count: > 0 })
        {
            Single(TokenKind.HoleClose);
            LexInterpolated(_at, _holes.Pop(), isFirst: false);
            return;
        }
        if (_openBraces > 0) _openBraces--;
        else _errors.Add((_at, "Unexpected } while no matching {"));
        Single(TokenKind.CloseBrace);
    }
}

using System.Globalization;
using System.Numerics;
using System.Text;
using Automation.Templates.Rendering;
using Automation.Templates.Syntax;

namespace Automation.Templates.Parsing;

internal sealed partial class Parser
{
    private const int UnaryPrecedence = 200;
    private const int LargestExponent = 10_000;    // 1e9999 is a number; 1e999999999 is an attack

    private int _level;              // expressions inside expressions
    private bool _mayAssign;         // whether the outermost expression is a statement of its own

    /// <summary>Where an expression stands, as far as it changes what belongs to it.</summary>
    private enum Mode
    {
        Any,
        Primary,        // no operators: a loop's variable, a default
        WhenValue,      // `||` separates values
        LoopList,       // `limit:2` and `reversed` belong to the loop
        PipeTarget,     // the next pipe belongs to the chain
        Then,           // a colon ends the branch
    }

    private static bool StartsExpression(TokenKind kind) => kind is
        TokenKind.Identifier or TokenKind.SpecialIdentifier or TokenKind.Integer or TokenKind.HexInteger or TokenKind.BinaryInteger
        or TokenKind.Float or TokenKind.Text or TokenKind.VerbatimText or TokenKind.InterpolatedText or TokenKind.InterpolatedBegin
        or TokenKind.OpenParen or TokenKind.OpenBracket or TokenKind.OpenBrace or TokenKind.Exclamation or TokenKind.Minus
        or TokenKind.Plus or TokenKind.PlusPlus or TokenKind.MinusMinus or TokenKind.At or TokenKind.Caret;

    private static (BinaryOperator Operator, int Precedence)? BinaryOf(TokenKind kind) => kind switch
    {
        TokenKind.DoubleQuestion => (BinaryOperator.Coalesce, 20),
        TokenKind.QuestionExclamation => (BinaryOperator.IfPresent, 20),
        TokenKind.Or => (BinaryOperator.Or, 30),
        TokenKind.And => (BinaryOperator.And, 40),
        TokenKind.DoubleEqual => (BinaryOperator.Equal, 70),
        TokenKind.NotEqual => (BinaryOperator.NotEqual, 70),
        TokenKind.Less => (BinaryOperator.Less, 80),
        TokenKind.LessEqual => (BinaryOperator.LessOrEqual, 80),
        TokenKind.Greater => (BinaryOperator.Greater, 80),
        TokenKind.GreaterEqual => (BinaryOperator.GreaterOrEqual, 80),
        TokenKind.Plus => (BinaryOperator.Add, 90),
        TokenKind.Minus => (BinaryOperator.Subtract, 90),
        TokenKind.Asterisk => (BinaryOperator.Multiply, 100),
        TokenKind.Divide => (BinaryOperator.Divide, 100),
        TokenKind.DoubleDivide => (BinaryOperator.FloorDivide, 100),
        TokenKind.Percent => (BinaryOperator.Modulo, 100),
        TokenKind.ShiftLeft => (BinaryOperator.ShiftLeft, 100),
        TokenKind.ShiftRight => (BinaryOperator.ShiftRight, 100),
        TokenKind.DoubleDot => (BinaryOperator.Range, 110),
        TokenKind.DoubleDotLess => (BinaryOperator.RangeExclusive, 110),
        _ => null,
    };

    private static BinaryOperator? CompoundOf(TokenKind kind) => kind switch
    {
        TokenKind.PlusEqual => BinaryOperator.Add,
        TokenKind.MinusEqual => BinaryOperator.Subtract,
        TokenKind.AsteriskEqual => BinaryOperator.Multiply,
        TokenKind.DivideEqual => BinaryOperator.Divide,
        TokenKind.DoubleDivideEqual => BinaryOperator.FloorDivide,
        TokenKind.PercentEqual => BinaryOperator.Modulo,
        _ => null,
    };

    private Expression? ExpectExpression(string what, string grammar, Mode mode = Mode.Any, bool isArgument = false)
    {
        if (StartsExpression(Current.Kind)) return ParseExpression(precedence: 0, mode, isArgument);
        SyntaxError(Current.Start, what, $"Expecting <expression> instead of `{TextOf(Current)}`", grammar);
        return null;
    }

    /// <param name="precedence">Operators that bind no tighter than this are left to the caller.</param>
    /// <param name="mode">Where the expression stands.</param>
    /// <param name="isArgument">Whether a following operand belongs to a call around this expression.</param>
    private Expression? ParseExpression(int precedence = 0, Mode mode = Mode.Any, bool isArgument = false)
    {
        var depth = _depth;
        EnterDepth();
        _level++;
        if (_level > 1) _mayAssign = false;
        var mayAssign = _mayAssign;
        _mayAssign = false;
        var expression = new Reader(this, precedence, mode, isArgument, mayAssign).Read();
        _level--;
        _depth = depth;
        return expression;
    }

    private Expression? ParsePrimary(bool inCall)
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                return ParseWord();
            case TokenKind.SpecialIdentifier:
                return ParseVariable();
            case TokenKind.Integer or TokenKind.HexInteger or TokenKind.BinaryInteger or TokenKind.Float:
                return ParseNumber();
            case TokenKind.Text:
                return ParseText();
            case TokenKind.VerbatimText:
                Next();
                return new Literal(SpanFrom(token.Start), _source.Text[(token.Start + 1)..(token.End - 1)].Replace("``", "`", StringComparison.Ordinal));
            case TokenKind.InterpolatedText or TokenKind.InterpolatedBegin:
                return ParseInterpolated();
            case TokenKind.OpenParen:
                return ParseNested();
            case TokenKind.OpenBracket:
                return ParseArray();
            case TokenKind.OpenBrace:
                return ParseObject();
            case TokenKind.PlusPlus or TokenKind.MinusMinus:
                return ParsePrefixIncrement();
            default:
                return ParseUnary(inCall);
        }
    }

    private Expression ParseWord()
    {
        var token = Current;
        var text = _source.Text.AsSpan(token.Start, token.End - token.Start);
        switch (text)
        {
            case "true": return Constant(Boxes.True);
            case "false": return Constant(Boxes.False);
            case "null": return Constant(null);
            case "this":
                Next();
                Facts.Effect(token.Start);
                return new ThisExpression(SpanFrom(token.Start));
            case "do": return ParseAnonymousFunction();
            case "for" or "while" or "tablerow" when Ahead().Kind == TokenKind.Dot: return ParseLoopMember();
            default: return ParseVariable();
        }
    }

    private Literal Constant(object? value)
    {
        var start = Current.Start;
        Next();
        return new Literal(SpanFrom(start), value);
    }

    private Expression ParseVariable()
    {
        var token = Current;
        Next();
        var at = SpanFrom(token.Start);
        if (token.Kind == TokenKind.Identifier)
        {
            var name = NameOf(token);
            Facts.Read(name, token.Start);
            if (name is "include" or "include_join") NoteInclude(name, token.Start);
            if (name is "object" or "array" or "math" or "date" && !Is(TokenKind.Dot)) Facts.Effect(token.Start);
            return new GlobalVariable(at, name);
        }
        var text = _source.Text.AsSpan(token.Start + 1, token.End - token.Start - 1);
        if (text.IsEmpty) return new ArgumentVariable(at, ArgumentVariable.All);
        if (text is "$") return new BlockVariable(at);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new ArgumentVariable(at, index)
            : new LocalVariable(at, NamePool.Get(text));
    }

    private void NoteInclude(string name, int offset)
    {
        var partial = Current;
        if (partial.Kind == TokenKind.Text) Facts.Named(Unescape(partial.Start + 1, partial.End - 1));
        // Arguments by name may follow; whatever else does may make another name of it.
        var isPlain = name == "include" && partial.Kind == TokenKind.Text
            && (Ahead().Kind is TokenKind.CodeExit or TokenKind.NewLine or TokenKind.Semicolon or TokenKind.Eof
                || (Ahead().Kind is TokenKind.Identifier && Ahead(2).Kind is TokenKind.Colon));
        Facts.Include(isPlain ? Unescape(partial.Start + 1, partial.End - 1) : null, offset);
    }

    private Expression ParseLoopMember()
    {
        var start = Current;
        var kind = WordIs(start, "for") ? LoopKind.For : WordIs(start, "while") ? LoopKind.While : LoopKind.TableRow;
        Next();
        Next();
        var name = Current;
        if (Is(TokenKind.Identifier)) Next();
        var at = SpanFrom(start.Start);
        LoopProperty? property = (name.Kind == TokenKind.Identifier ? _source.Text.AsSpan(name.Start, name.End - name.Start) : "") switch
        {
            "index" => LoopProperty.Index,
            "rindex" => LoopProperty.ReverseIndex,
            "first" => LoopProperty.First,
            "last" => LoopProperty.Last,
            "even" => LoopProperty.Even,
            "odd" => LoopProperty.Odd,
            "length" => LoopProperty.Length,
            "changed" => LoopProperty.Changed,
            "col" => LoopProperty.Column,
            _ => null,
        };
        if (property is null) Error(start.Start, $"The loop variable <{at.Text}> is not supported");
        else if (!Suits(kind, property.Value)) Error(start.Start, $"The loop variable <{at.Text}> is invalid");
        return new LoopMember(at, kind, property ?? LoopProperty.Index, name.Start);
    }

    private static bool Suits(LoopKind kind, LoopProperty property) => kind switch
    {
        LoopKind.While => property is LoopProperty.Index or LoopProperty.First or LoopProperty.Even or LoopProperty.Odd,
        LoopKind.For => property != LoopProperty.Column,
        _ => true,
    };

    private Literal ParseNumber()
    {
        var token = Current;
        Next();
        var text = _source.Text.AsSpan(token.Start, token.End - token.Start);
        var digits = text.Contains('_') ? text.ToString().Replace("_", "", StringComparison.Ordinal) : text;
        var value = token.Kind switch
        {
            TokenKind.HexInteger => ParseRadix(digits[2..], bitsPerDigit: 4),
            TokenKind.BinaryInteger => ParseRadix(digits[2..], bitsPerDigit: 1),
            TokenKind.Float => ParseFloat(digits, token),
            _ => ParseInteger(digits, token),
        };
        return new Literal(SpanFrom(token.Start), value);
    }

    // As in C, the bits are the number: eight hex digits fill an int, sign included, unless marked unsigned.
    private static object ParseRadix(ReadOnlySpan<char> digits, int bitsPerDigit)
    {
        var isUnsigned = digits[^1] is 'u' or 'U';
        if (isUnsigned) digits = digits[..^1];
        var value = BigInteger.Zero;
        foreach (var digit in digits) value = (value << bitsPerDigit) | Convert.ToInt32(digit.ToString(), 16);
        if (value <= uint.MaxValue && !isUnsigned) return Boxes.Of(unchecked((int)(uint)value));
        if (value <= ulong.MaxValue && !isUnsigned) return unchecked((long)(ulong)value);
        return Numbers.Normalize(value, isLong: false);
    }

    private object ParseInteger(ReadOnlySpan<char> digits, Token token)
    {
        if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var small)) return Boxes.Of(small);
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var large)) return large;
        var exponentAt = digits.IndexOfAny('e', 'E');
        var exponent = 0;
        if (exponentAt >= 0 && !int.TryParse(digits[(exponentAt + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out exponent)) exponent = int.MaxValue;
        if (exponent > LargestExponent || digits.Length > LargestExponent)
        {
            Error(token.Start, $"Unable to parse `{TextOf(token)[..Math.Min(40, token.End - token.Start)]}`: the number is too large.");
            return Boxes.Of(0);
        }
        var mantissa = exponentAt >= 0 ? digits[..exponentAt] : digits;
        return Numbers.Normalize(BigInteger.Parse(mantissa, NumberStyles.None, CultureInfo.InvariantCulture) * BigInteger.Pow(10, exponent), isLong: false);
    }

    private object ParseFloat(ReadOnlySpan<char> digits, Token token)
    {
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var suffix = char.ToLowerInvariant(digits[^1]);
        var number = suffix is 'f' or 'd' or 'm' ? digits[..^1] : digits;
        if (suffix == 'f') return float.Parse(number, Style, CultureInfo.InvariantCulture);
        if (suffix == 'm' || (suffix != 'd' && _options.FloatAsDecimal))
        {
            if (decimal.TryParse(number, Style, CultureInfo.InvariantCulture, out var exact)) return exact;
            Error(token.Start, $"Unable to parse decimal `{TextOf(token)}`");
            return 0m;
        }
        return double.Parse(number, Style, CultureInfo.InvariantCulture);
    }

    private Literal ParseText()
    {
        var token = Current;
        Next();
        return new Literal(SpanFrom(token.Start), Unescape(token.Start + 1, token.End - 1));
    }

    private string Unescape(int start, int end)
    {
        var text = _source.Text.AsSpan(start, end - start);
        if (!text.Contains('\\')) return text.Length <= 32 ? NamePool.Get(text) : text.ToString();
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length) result.Append(text[i]);
            else i += AppendEscape(result, text[(i + 1)..]);
        }
        return result.ToString();
    }

    /// <returns>How many characters behind the backslash belong to the escape.</returns>
    private static int AppendEscape(StringBuilder result, ReadOnlySpan<char> text)
    {
        switch (text[0])
        {
            case '0': result.Append('\0'); return 1;
            case 'b': result.Append('\b'); return 1;
            case 'f': result.Append('\f'); return 1;
            case 'n': result.Append('\n'); return 1;
            case 'r': result.Append('\r'); return 1;
            case 't': result.Append('\t'); return 1;
            case 'v': result.Append('\v'); return 1;
            case '\n': return 1;
            case '\r': return text.Length > 1 && text[1] == '\n' ? 2 : 1;
            case 'u' or 'x':
                var digits = text[0] == 'u' ? 4 : 2;
                if (text.Length > digits && int.TryParse(text.Slice(1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                {
                    result.Append((char)code);
                    return 1 + digits;
                }
                return 1;
            default:
                result.Append(text[0]);
                return 1;
        }
    }

    private Expression? ParseInterpolated()
    {
        var start = Current.Start;
        if (Is(TokenKind.InterpolatedText))
        {
            var only = Current;
            Next();
            return new InterpolatedText(SpanFrom(start), [new Literal(SpanFrom(start), Unescape(only.Start + 2, only.End - 1))]);
        }
        var parts = new List<Expression>();
        AddTextPart(parts, Current.Start + 2, Current.End);
        Next();
        while (Accept(TokenKind.HoleOpen))
        {
            var value = ExpectExpression("interpolated expression", "$\"...{<expression>}...\"");
            if (value is not null) parts.Add(value);
            if (!Is(TokenKind.HoleClose))
            {
                if (Is(TokenKind.NewLine)) Error(Current.Start, "Opened interpolated expression not closed on the same line.");
                return null;
            }
            Next();
            if (Is(TokenKind.InterpolatedMiddle))
            {
                AddTextPart(parts, Current.Start, Current.End);
                Next();
            }
            else if (Is(TokenKind.InterpolatedEnd))
            {
                AddTextPart(parts, Current.Start, Current.End - 1);
                Next();
                return new InterpolatedText(SpanFrom(start), [.. parts]);
            }
        }
        return null;
    }

    private void AddTextPart(List<Expression> parts, int start, int end)
    {
        if (end > start) parts.Add(new Literal(new Span(_source, start, end), Unescape(start, end)));
    }

    private Nested ParseNested()
    {
        var start = Current.Start;
        Next();
        var inner = ExpectExpression("nested expression", "(<expression>)");
        if (!Accept(TokenKind.CloseParen)) Error(Current.Start, $"Invalid token `{TextOf(Current)}`. Expecting a closing `)`.");
        return new Nested(SpanFrom(start), inner ?? new Literal(SpanFrom(start), value: null));
    }

    private ArrayLiteral ParseArray()
    {
        var start = Current.Start;
        EnterDepth();
        Next();
        var items = new List<Expression>();
        SkipLineBreaks();
        while (!Is(TokenKind.CloseBracket))
        {
            if (items.Count == 0 && !StartsExpression(Current.Kind)) break;
            if (ExpectExpression("array initializer", "[item1, item2,...]") is not { } item) break;
            items.Add(item);
            SkipLineBreaks();
            if (!Accept(TokenKind.Comma)) break;
            SkipLineBreaks();
        }
        ExpectAndSkip(TokenKind.CloseBracket, "]");
        return new ArrayLiteral(SpanFrom(start), [.. items]);
    }

    private void SkipLineBreaks()
    {
        while (Is(TokenKind.NewLine)) Next();
    }

    private void ExpectAndSkip(TokenKind kind, string text)
    {
        if (!Is(kind)) Error(Current.Start, $"Unexpected token found `{TextOf(Current)}` while expecting `{text}`.");
        Next();
    }

    private ObjectLiteral ParseObject()
    {
        var start = Current.Start;
        Next();
        var members = new List<KeyValuePair<string, Expression>>();
        SkipLineBreaks();
        var isFine = true;
        while (isFine && !Is(TokenKind.CloseBrace))
        {
            isFine = ParseMember(members);
            if (!isFine) break;
            SkipLineBreaks();
            if (!Accept(TokenKind.Comma)) break;
            SkipLineBreaks();
        }
        if (!Accept(TokenKind.CloseBrace) && isFine) Error(Current.Start, $"Unexpected token found `{TextOf(Current)}` while expecting `}}`.");
        return new ObjectLiteral(SpanFrom(start), [.. members]);
    }

    private bool ParseMember(List<KeyValuePair<string, Expression>> members)
    {
        var key = Current;
        if (!Is(TokenKind.Identifier) && !Is(TokenKind.Text))
        {
            Error(key.Start, $"Unexpected token `{TextOf(key)}` while parsing object initializer. Expecting a simple identifier for the member name.");
            return false;
        }
        var name = key.Kind == TokenKind.Text ? Unescape(key.Start + 1, key.End - 1) : NameOf(key);
        Next();
        SkipLineBreaks();
        if (!Is(TokenKind.Colon))
        {
            Error(Current.Start, $"Unexpected token `{TextOf(Current)}` Expecting a colon : after identifier `{name}` for object initializer member name");
            return false;
        }
        Next();
        SkipLineBreaks();
        if (!StartsExpression(Current.Kind))
        {
            Error(Current.Start, $"Unexpected token `{TextOf(Current)}`. Expecting an expression for the value of the member.");
            return false;
        }
        if (ParseExpression() is { } value) members.Add(new(name, value));
        return true;
    }

    private IncrementExpression? ParsePrefixIncrement()
    {
        var start = Current;
        Next();
        var target = StartsExpression(Current.Kind) ? ParseExpression(UnaryPrecedence, isArgument: true) : null;
        if (target is null)
        {
            SyntaxError(Current.Start, "unary expression", $"Expecting <expression> instead of `{TextOf(Current)}`", "<operator> <expression>");
            return null;
        }
        NoteAssignment(target);
        return new IncrementExpression(SpanFrom(start.Start), target, start.Kind == TokenKind.PlusPlus ? 1 : -1, givesOld: false);
    }

    private Expression? ParseUnary(bool inCall)
    {
        var start = Current;
        UnaryOperator? op = start.Kind switch
        {
            TokenKind.Exclamation => UnaryOperator.Not,
            TokenKind.Minus => UnaryOperator.Negate,
            TokenKind.Plus => UnaryOperator.Plus,
            TokenKind.At => UnaryOperator.Alias,
            TokenKind.Caret => UnaryOperator.Expand,
            _ => null,
        };
        if (op is null) return null;
        Next();
        if (!StartsExpression(Current.Kind))
        {
            SyntaxError(Current.Start, "unary expression", $"Expecting <expression> instead of `{TextOf(Current)}`", "<operator> <expression>");
            return new Literal(SpanFrom(start.Start), value: null);
        }
        var operand = ParseExpression(UnaryPrecedence, isArgument: inCall || op is UnaryOperator.Alias or UnaryOperator.Expand);
        if (operand is null) return null;
        if (op == UnaryOperator.Negate && operand is Literal { Value: not null and not string and not bool } number)
        {
            return new Literal(SpanFrom(start.Start), Operators.Negate(number.Value, SpanFrom(start.Start)));
        }
        return new UnaryExpression(SpanFrom(start.Start), op.Value, operand);
    }

    private AnonymousFunction ParseAnonymousFunction()
    {
        var start = Current.Start;
        Facts.Effect(start);
        Next();
        var (level, mayAssign) = (_level, _mayAssign);
        _level = 0;
        var function = ParseFunctionRest(start, "func <variable> ... end", isAnonymous: true);
        (_level, _mayAssign) = (level, mayAssign);
        return new AnonymousFunction(SpanFrom(start), function);
    }

    private void NoteAssignment(Expression target)
    {
        if (target is GlobalVariable global) Facts.Assign(global.Name, global.At.Start);
        else Facts.Effect(target.At.Start);
    }

    /// <summary>Gives a piped value to the call that stands leftmost in the target.</summary>
    private Expression Pipe(Expression value, Expression target) => target switch
    {
        CallExpression call => new CallExpression(call.At, call.Target, [new Argument(value, name: null), .. call.Arguments], isPiped: true),
        BinaryExpression binary => binary.With(Pipe(value, binary.Left)),
        ConditionalExpression conditional => conditional.With(Pipe(value, conditional.Condition)),
        _ => new CallExpression(target.At, target, [new Argument(value, name: null)], isPiped: true),
    };
}

using Automation.Templates.Syntax;

namespace Automation.Templates.Parsing;

internal sealed partial class Parser
{
    /// <summary>Reads one expression: operands with their operators, a plain call once a second operand follows, then <c>?:</c> and pipes.</summary>
    private ref struct Reader(Parser parser, int precedence, Mode mode, bool isArgument, bool mayAssign)
    {
        private Expression? _callee;
        private List<Argument>? _arguments;
        private Expression? _left;
        private string? _name;
        private int _nameAt;
        private bool _hasOperator;
        private int _links;

        public Expression? Read()
        {
            do
            {
                if (!ReadOperand()) return null;
            }
            while (TakesAnotherOperand());
            CloseCall();
            return ReadConditionalAndPipes();
        }

        /// <returns>False when nothing there can be read; the fault is noted.</returns>
        private bool ReadOperand()
        {
            _left = parser.ParsePrimary(isArgument || _callee is not null);
            if (_left is null)
            {
                parser.Error(parser.Current.Start, $"Unexpected token `{parser.TextOf(parser.Current)}` while parsing expression");
                return false;
            }
            while (_left is not AnonymousFunction && ReadSuffix())
            {
            }
            return true;
        }

        private bool ReadSuffix() =>
            ReadMember() || ReadIndexer() || ReadParenthesizedCall() || (mode != Mode.Primary && (ReadIncrement() || ReadNamedArgument() || ReadAssignment() || ReadBinary()));

        private bool ReadMember()
        {
            if (!parser.Is(TokenKind.Dot) && !parser.Is(TokenKind.QuestionDot)) return false;
            var isSafe = parser.Is(TokenKind.QuestionDot) || IsSafe(_left!);
            EnterLink();
            parser.Next();
            var token = parser.Current;
            if (token.Kind != TokenKind.Identifier)
            {
                parser.Error(token.Start, $"Invalid token `{parser.TextOf(token)}`. The dot operator is expected to be followed by a plain identifier");
                return false;
            }
            parser.Next();
            var name = parser.NameOf(token);
            if (name is "empty" or "blank" && parser.Is(TokenKind.Question) && parser.Current.Start == token.End)
            {
                parser.Next();
                name = name == "empty" ? "empty?" : "blank?";
            }
            parser.NoteImpure(_left!, name);
            _left = new MemberExpression(parser.SpanFrom(_left!.At.Start), _left, name, token.Start, isSafe);
            return true;
        }

        // A chain of members is walked from its end, one call deeper per link.
        private void EnterLink()
        {
            if (++_links > DeepestNesting) throw parser.TooDeep();
        }

        private static bool IsSafe(Expression target) => target is MemberExpression { IsSafe: true } or IndexerExpression { IsSafe: true };

        private bool ReadIndexer()
        {
            if (!parser.Is(TokenKind.OpenBracket) || parser.Previous.End != parser.Current.Start) return false;
            if (_left is not (PathExpression or Literal or Nested or CallExpression or ThisExpression or InterpolatedText)) return false;
            EnterLink();
            parser.Next();
            Expression? index = null;
            if (StartsExpression(parser.Current.Kind)) index = parser.ParseExpression();
            else parser.SyntaxError(parser.Current.Start, "indexer expression", $"Expecting <index_expression> instead of `{parser.TextOf(parser.Current)}`", "<expression>[<index_expression>]");
            if (!parser.Accept(TokenKind.CloseBracket) && parser.Current.Kind != TokenKind.Eof) parser.Error(parser.Current.Start, $"Unexpected `{parser.TextOf(parser.Current)}`. Expecting ']'");
            _left = new IndexerExpression(parser.SpanFrom(_left.At.Start), _left, index ?? new Literal(_left.At, value: null), IsSafe(_left));
            return true;
        }

        private bool ReadParenthesizedCall()
        {
            if (!parser.Is(TokenKind.OpenParen) || parser.Previous.End != parser.Current.Start || _left is not PathExpression) return false;
            parser.Next();
            var arguments = new List<Argument>();
            while (!parser.Is(TokenKind.CloseParen) && !parser.Is(TokenKind.Eof))
            {
                if (arguments.Count > 0 && !parser.Accept(TokenKind.Comma))
                {
                    parser.Error(parser.Current.Start, "Expecting a comma to separate arguments in a function call.");
                    break;
                }
                if (parser.ParseArgument() is not { } argument) break;
                arguments.Add(argument);
            }
            if (!parser.Accept(TokenKind.CloseParen)) parser.Error(parser.Current.Start, "Expecting a closing parenthesis for a function call.");
            _left = new CallExpression(parser.SpanFrom(_left.At.Start), _left, [.. arguments], isPiped: false);
            return true;
        }

        private bool ReadIncrement()
        {
            if (!parser.Is(TokenKind.PlusPlus) && !parser.Is(TokenKind.MinusMinus)) return false;
            if (_left is not (PathExpression or Nested) || parser.Previous.End != parser.Current.Start) return false;
            var delta = parser.Is(TokenKind.PlusPlus) ? 1 : -1;
            parser.Next();
            parser.NoteAssignment(_left);
            _left = new IncrementExpression(parser.SpanFrom(_left.At.Start), _left, delta, givesOld: true);
            return true;
        }

        private bool ReadNamedArgument()
        {
            if (!parser.Is(TokenKind.Colon) || mode == Mode.Then || _callee is null || _name is not null) return false;
            var name = _left switch { GlobalVariable global => global.Name, LocalVariable local => local.Name, _ => null };
            if (name is null)
            {
                parser.Error(_left!.At.Start, "Expecting a simple global or local variable before `:` in order to create a named argument");
                return false;
            }
            if (_left is GlobalVariable read) parser.Facts.NotRead(read.Name, read.At.Start);
            parser.Next();
            (_name, _nameAt) = (name, _left!.At.Start);
            var value = parser.ExpectExpression("expression statement", "<expression>", isArgument: true);
            _left = value ?? new Literal(parser.SpanFrom(_nameAt), value: null);
            return true;
        }

        private bool ReadAssignment()
        {
            var op = CompoundOf(parser.Current.Kind);
            if ((op is null && !parser.Is(TokenKind.Equal)) || _callee is not null || precedence > 0) return precedence > 0 && ReadMisplacedAssignment();
            if (!mayAssign || _hasOperator) MisplacedAssignment();
            var opAt = parser.Current.Start;
            parser.Next();
            if (op is null && _left is CallExpression { IsPiped: false } call && IsDefinition(call))
            {
                ReadDefinition(call);
                return true;
            }
            ForgetRead(op);
            var value = parser.ExpectExpression("assign expression", "<target_expression> = <value_expression>");
            _left = new AssignExpression(parser.SpanFrom(_left!.At.Start), _left, value ?? new Literal(_left.At, value: null), op, opAt);
            return true;
        }

        private bool ReadMisplacedAssignment()
        {
            if (!parser.Is(TokenKind.Equal) && CompoundOf(parser.Current.Kind) is null) return false;
            MisplacedAssignment();
            parser.Next();
            parser.ExpectExpression("assign expression", "<target_expression> = <value_expression>");
            return true;
        }

        private void MisplacedAssignment() =>
            parser.SyntaxError(_left!.At.Start, "assign expression", "Expression is only allowed for a top level assignment", "<target_expression> = <value_expression>");

        private void ForgetRead(BinaryOperator? op)
        {
            if (op is null && _left is GlobalVariable global) parser.Facts.NotRead(global.Name, global.At.Start);
            parser.NoteAssignment(_left!);
        }

        private static bool IsDefinition(CallExpression call) =>
            call.Target is GlobalVariable or LocalVariable && Array.TrueForAll(call.Arguments, a => a.Value is GlobalVariable && a.Name is null);

        private void ReadDefinition(CallExpression call)
        {
            var parameters = Array.ConvertAll(call.Arguments, a => new Parameter(((GlobalVariable)a.Value).Name, @default: null));
            var bound = parser.Facts.BoundCount;
            foreach (var argument in call.Arguments) parser.Facts.NotRead(((GlobalVariable)argument.Value).Name, argument.Value.At.Start);
            foreach (var parameter in parameters) parser.Facts.Bind(parameter.Name);
            var result = parser.ExpectExpression("assign expression", "<target_expression> = <value_expression>");
            parser.Facts.UnbindTo(bound);
            if (call.Target is GlobalVariable name) parser.Facts.NotRead(name.Name, name.At.Start);
            parser.NoteAssignment(call.Target);
            var at = parser.SpanFrom(call.At.Start);
            var function = new FunctionNode(at, parameters, isVariadic: false, returnsValue: true) { Result = result ?? new Literal(at, value: null) };
            _left = new AssignExpression(at, call.Target, new AnonymousFunction(at, function), op: null, call.At.End);
        }

        private bool ReadBinary()
        {
            if (BinaryOf(parser.Current.Kind) is not var (op, binds) || binds <= precedence) return false;
            if (mode == Mode.WhenValue && op == BinaryOperator.Or) return false;
            parser.EnterDepth();
            var opAt = parser.Current.Start;
            parser.Next();
            _hasOperator = true;
            if (!StartsExpression(parser.Current.Kind))
            {
                parser.SyntaxError(parser.Current.Start, "binary expression", $"Expecting an <expression> to the right of the operator instead of `{parser.TextOf(parser.Current)}`", "<expression> operator <expression>");
                return true;
            }
            var right = parser.ParseExpression(binds, mode == Mode.LoopList ? Mode.Any : mode, isArgument || _callee is not null);
            if (right is not null) _left = new BinaryExpression(parser.SpanFrom(_left!.At.Start), op, opAt, _left, right);
            return true;
        }

        /// <summary>Whether the next token begins an argument; the first operand is then what is called.</summary>
        private bool TakesAnotherOperand()
        {
            if (mode == Mode.Primary || isArgument || !StartsExpression(parser.Current.Kind) || EndsWithFunction()) return false;
            if (_left is AssignExpression || BinaryOf(parser.Current.Kind) is not null) return false;
            if (mode == Mode.LoopList && _callee is null && IsLoopOption()) return false;
            if (_callee is null)
            {
                _callee = _left;
                _arguments = [];
            }
            else
            {
                AddArgument();
            }
            return true;
        }

        private bool EndsWithFunction() => _left is AnonymousFunction && _callee is not null;

        private bool IsLoopOption() => parser.Is(TokenKind.Identifier) && (parser.IsWord("reversed") || parser.Ahead().Kind == TokenKind.Colon);

        private void AddArgument()
        {
            _arguments!.Add(new Argument(_left!, _name));
            _name = null;
        }

        private void CloseCall()
        {
            if (_callee is null) return;
            AddArgument();
            _left = new CallExpression(parser.SpanFrom(_callee.At.Start), _callee, [.. _arguments!], isPiped: false);
            _callee = null;
        }

        private Expression? ReadConditionalAndPipes()
        {
            if (precedence > 0 || mode == Mode.Primary || isArgument) return _left;
            if (parser.Is(TokenKind.Question)) ReadConditional();
            if (mode == Mode.PipeTarget) return _left;
            while (parser.Is(TokenKind.Pipe)) ReadPipe();
            return _left;
        }

        private void ReadConditional()
        {
            const string Grammar = "<condition> ? <then_value> : <else_value>";
            parser.Next();
            var then = parser.ExpectExpression("conditional expression", Grammar, Mode.Then);
            parser.ExpectAndSkip(TokenKind.Colon, ":");
            var otherwise = parser.ExpectExpression("conditional expression", Grammar, mode == Mode.Then ? Mode.Then : Mode.Any);
            if (then is not null && otherwise is not null) _left = new ConditionalExpression(parser.SpanFrom(_left!.At.Start), _left, then, otherwise);
        }

        private void ReadPipe()
        {
            parser.EnterDepth();
            parser.Next();
            parser.SkipLineBreaks();
            var target = parser.ExpectExpression("pipe expression", "<expression> | <expression>", mode == Mode.Then ? Mode.Then : Mode.PipeTarget);
            if (target is not null) _left = parser.Pipe(_left!, target);
        }
    }

    private Argument? ParseArgument()
    {
        string? name = null;
        if (Is(TokenKind.Identifier) && Ahead().Kind == TokenKind.Colon)
        {
            name = NameOf(Current);
            Next();
            Next();
        }
        var value = ExpectExpression("function call", "<function>(<argument>, ...)");
        return value is null ? null : new Argument(value, name);
    }

    private void NoteImpure(Expression owner, string name)
    {
        if (owner is not GlobalVariable group) return;
        var isImpure = (group.Name, name) is ("object", "eval" or "eval_template") or ("array", "cycle") or ("math", "random" or "uuid") or ("date", "now" or "utc_now" or "format");
        if (isImpure) Facts.Effect(owner.At.Start);
    }
}

using Automation.Templates.Syntax;

namespace Automation.Templates.Parsing;

internal sealed partial class Parser
{
    private const string IfGrammar = "if <expression> ... end|else|else if";
    private const string ElseGrammar = "else | else if <expression> ... end|else|else if";
    private const string CaseGrammar = "case <expression> ... end|when|else";
    private const string WhenGrammar = "when <expression> ... end|when|else";

    private enum Stop
    {
        End, Else, When, Eof,
    }

    private Block ParsePage()
    {
        var start = _statements.Count;
        while (!_isLost && ParseSequence() is var stop and not Stop.Eof)
        {
            if (stop == Stop.End) ParseStrayEnd();
            else if (stop == Stop.Else) ParseStrayElse();
            else ParseStrayWhen();
        }
        return TakeBlock(start, offset: 0);
    }

    private void ParseStrayEnd()
    {
        Next();
        ExpectEndOfStatement();
        SyntaxError(Previous.End - 1, "ScriptPage", "Found <end> statement without a corresponding beginning of a block", "...");
        _isLost = true;
    }

    // It takes over the rest of its block, so that one fault gives one message.
    private void ParseStrayElse()
    {
        Error(Current.Start, "A else condition must be preceded by another if/else/when condition or a for loop.");
        SkipElseBranches();
    }

    private void SkipElseBranches()
    {
        var stop = Stop.Else;
        while (!_isLost && stop is Stop.Else or Stop.When)
        {
            Next();
            if (IsWord("if"))
            {
                Next();
                ExpectExpression("if statement", IfGrammar);
            }
            if (!ExpectEndOfStatement()) return;
            _ = ParseBlock(out stop);
        }
        if (stop == Stop.End) ConsumeEnd();
        else if (!_isLost) MissingEnd("else statement", ElseGrammar);
    }

    private void ParseStrayWhen()
    {
        Error(Current.Start, "A when condition must be preceded by another when/else condition or a case.");
        SkipElseBranches();
    }

    private Block TakeBlock(int start, int offset)
    {
        if (start == _statements.Count) return Block.Empty;
        var block = new Block(new Span(_source, offset, Previous.End), _statements.GetRange(start, _statements.Count - start).ToArray());
        _statements.RemoveRange(start, _statements.Count - start);
        return block;
    }

    private Block ParseBlock(out Stop stop)
    {
        EnterDepth();
        var outerIndent = _indent;
        _indent = null;
        var (start, offset) = (_statements.Count, Current.Start);
        stop = ParseSequence();
        _indent = outerIndent;
        _depth--;
        return TakeBlock(start, offset);
    }

    private Stop ParseSequence()
    {
        while (!_isLost)
        {
            switch (Current.Kind)
            {
                case TokenKind.Eof:
                    return Stop.Eof;
                case TokenKind.Raw:
                    _statements.Add(new RawText(new Span(_source, Current.Start, Current.End)));
                    Next();
                    break;
                case TokenKind.CodeEnter:
                    _indent = IndentBefore();
                    Next();
                    break;
                case TokenKind.CodeExit:
                    _indent = null;
                    Next();
                    break;
                case TokenKind.NewLine:
                case TokenKind.Semicolon:
                    Next();
                    break;
                case TokenKind.Identifier when IsWord("end"):
                    return Stop.End;
                case TokenKind.Identifier when IsWord("else"):
                    return Stop.Else;
                case TokenKind.Identifier when IsWord("when"):
                    return Stop.When;
                default:
                    AddStatement();
                    break;
            }
        }
        return Stop.Eof;
    }

    /// <summary>The white space between the last line break of the text before this tag and the tag; empty when anything else stands there.</summary>
    private string IndentBefore()
    {
        if (_position == 0 || Previous.Kind != TokenKind.Raw) return "";
        var text = _source.Text.AsSpan(Previous.Start, Previous.End - Previous.Start);
        text = text[(text.LastIndexOf('\n') + 1)..];
        return text.IsWhiteSpace() ? NamePool.Get(text) : "";
    }

    private void AddStatement()
    {
        var indent = _indent;
        EnterDepth();
        var statement = ParseStatement();
        _depth--;
        if (statement is null) return;
        statement.Indent = indent;
        _statements.Add(statement);
    }

    private Statement? ParseStatement()
    {
        var start = Current.Start;
        if (!Is(TokenKind.Identifier)) return ParseExpressionStatement();
        switch (_source.Text.AsSpan(start, Current.End - start))
        {
            case "if": return ParseIf();
            case "for" when Ahead().Kind != TokenKind.Dot: return ParseFor(LoopKind.For);
            case "tablerow" when Ahead().Kind != TokenKind.Dot: return ParseFor(LoopKind.TableRow);
            case "while" when Ahead().Kind != TokenKind.Dot: return ParseWhile();
            case "case": return ParseCase();
            case "func": return ParseFunction();
            case "with": return ParseWith();
            case "wrap": return ParseWrap();
            case "capture": return ParseCapture();
            case "import": return ParseImport();
            case "readonly": return ParseReadOnly();
            case "ret": return ParseReturn();
            case "break": return ParseJump(Flow.Break);
            case "continue": return ParseJump(Flow.Continue);
            default: return ParseExpressionStatement();
        }
    }

    private Statement? ParseExpressionStatement()
    {
        var start = Current.Start;
        if (!StartsExpression(Current.Kind))
        {
            Error(start, $"Unexpected token {TextOf(Current)}");
            _isLost = true;
            return null;
        }
        _mayAssign = true;
        var expression = ParseExpression();
        ExpectEndOfStatementAfterExpression();
        return expression is null ? null : new ExpressionStatement(expression.At, expression);
    }

    private void ExpectEndOfStatementAfterExpression()
    {
        if (!_isLost) ExpectEndOfStatement();
    }

    private void ConsumeEnd()
    {
        Next();
        ExpectEndOfStatement();
    }

    private void MissingEnd(string what, string grammar) =>
        SyntaxError(Previous.Start, what, "The <end> statement was not found", grammar);

    private Block ParseBlockToEnd(string what, string grammar)
    {
        var block = ParseBlock(out var stop);
        CloseBlock(stop, what, grammar);
        return block;
    }

    private void CloseBlock(Stop stop, string what, string grammar)
    {
        if (stop == Stop.End)
        {
            ConsumeEnd();
        }
        else if (stop == Stop.Else)
        {
            ParseStrayElse();
        }
        else if (stop == Stop.When)
        {
            ParseStrayWhen();
        }
        else
        {
            MissingEnd(what, grammar);
        }
    }

    private IfStatement ParseIf()
    {
        var start = Current.Start;
        var branches = new List<Branch>(2);
        var (what, grammar) = ("if statement", IfGrammar);
        Next();
        var condition = ExpectExpression(what, grammar);
        while (ExpectEndOfStatement())
        {
            var body = ParseBlock(out var stop);
            branches.Add(new Branch(condition, body));
            if (stop == Stop.Else && what != "else statement")
            {
                Next();
                (what, grammar) = IsWord("if") ? ("if statement", IfGrammar) : ("else statement", ElseGrammar);
                condition = null;
                if (!Is(TokenKind.Identifier) || what == "else statement") continue;
                Next();
                condition = ExpectExpression(what, grammar) ?? new Literal(SpanFrom(start), value: null);
                continue;
            }
            CloseBlock(stop, what, grammar);
            break;
        }
        return new IfStatement(SpanFrom(start), [.. branches]);
    }

    private ForStatement? ParseFor(LoopKind kind)
    {
        var start = Current.Start;
        var (what, word) = kind == LoopKind.For ? ("for statement", "for") : ("tablerow statement", "tablerow");
        var grammar = $"{word} <variable> in <expression> ... end";
        Next();
        var variable = ParseLoopVariable(start, what, grammar);
        if (variable is null) return null;
        if (IsWord("in")) Next();
        else SyntaxError(start, what, $"Expecting 'in' word instead of `{TextOf(Current)}`", grammar);
        var list = ExpectExpression(what, grammar, Mode.LoopList);
        var options = ParseLoopOptions();
        if (!ExpectEndOfStatement()) return null;

        var bound = Facts.BoundCount;
        if (variable is GlobalVariable global) Facts.Bind(global.Name);
        else if (variable is not LocalVariable) Facts.Effect(start);
        var body = ParseBlock(out var stop);
        Facts.UnbindTo(bound);
        var otherwise = ParseLoopElse(ref stop, word);
        CloseBlock(stop, otherwise is null ? what : "else statement", otherwise is null ? grammar : ElseGrammar);
        return list is null ? null : new ForStatement(SpanFrom(start), kind, variable, list, options, body, otherwise);
    }

    private Expression? ParseLoopVariable(int start, string what, string grammar)
    {
        var variable = ExpectExpression(what, grammar, Mode.Primary);
        if (variable is null) return null;
        if (variable is GlobalVariable global) Facts.NotRead(global.Name, global.At.Start);
        if (variable is not PathExpression) SyntaxError(start, what, $"Expecting a variable instead of `{variable.At.Text}`", grammar);
        return variable;
    }

    private LoopOption[] ParseLoopOptions()
    {
        if (!Is(TokenKind.Identifier)) return [];
        var options = new List<LoopOption>();
        while (Is(TokenKind.Identifier))
        {
            var at = Current;
            Next();
            var value = Accept(TokenKind.Colon) ? ExpectExpression("named argument", "<name>: <expression>", isArgument: true) : null;
            if (value is null && !WordIs(at, "reversed")) value = new Literal(new Span(_source, at.Start, at.End), value: null);
            options.Add(new LoopOption(NameOf(at), value, new Span(_source, at.Start, at.End)));
        }
        return [.. options];
    }

    private Block? ParseLoopElse(ref Stop stop, string word)
    {
        if (stop != Stop.Else) return null;
        Next();
        if (IsWord("if"))
        {
            Error(Current.Start, $"Invalid if/else combination within a {word} statement.");
            Next();
            ExpectExpression("if statement", IfGrammar);
        }
        if (!ExpectEndOfStatement()) return null;
        return ParseBlock(out stop);
    }

    private WhileStatement? ParseWhile()
    {
        const string Grammar = "while <expression> ... end";
        var start = Current.Start;
        Next();
        var condition = ExpectExpression("while statement", Grammar);
        if (!ExpectEndOfStatement()) return null;
        var body = ParseBlockToEnd("while statement", Grammar);
        return condition is null ? null : new WhileStatement(SpanFrom(start), condition, body);
    }

    private CaseStatement? ParseCase()
    {
        var start = Current.Start;
        Next();
        var subject = ExpectExpression("case statement", CaseGrammar);
        if (!ExpectEndOfStatement()) return null;
        EnterDepth();
        var outerIndent = _indent;
        _indent = null;
        var branches = new List<When>();
        var stop = SkipToWhen();
        if (stop == Stop.Else && branches.Count == 0)
        {
            ParseStrayElse();
        }
        else
        {
            ParseWhens(branches, stop);
        }
        _indent = outerIndent;
        _depth--;
        return subject is null ? null : new CaseStatement(SpanFrom(start), subject, [.. branches]);
    }

    private void ParseWhens(List<When> branches, Stop stop)
    {
        var (what, grammar) = ("case statement", CaseGrammar);
        while (stop is Stop.When or Stop.Else && what != "else statement")
        {
            var isElse = stop == Stop.Else;
            Next();
            (what, grammar) = isElse ? ("else statement", ElseGrammar) : ("when statement", WhenGrammar);
            var values = isElse ? null : ParseWhenValues();
            if (!ExpectEndOfStatement()) return;
            branches.Add(new When(values, ParseBlock(out stop)));
        }
        CloseBlock(stop, what, grammar);
    }

    private Stop SkipToWhen()
    {
        var hasComplained = false;
        while (!_isLost)
        {
            switch (Current.Kind)
            {
                case TokenKind.Eof:
                    return Stop.Eof;
                case TokenKind.Raw or TokenKind.CodeEnter or TokenKind.CodeExit or TokenKind.NewLine or TokenKind.Semicolon:
                    Next();
                    break;
                case TokenKind.Identifier when IsWord("when"):
                    return Stop.When;
                case TokenKind.Identifier when IsWord("else"):
                    return Stop.Else;
                case TokenKind.Identifier when IsWord("end"):
                    return Stop.End;
                default:
                    if (!hasComplained) Error(Current.Start, $"Unexpected statement/expression `{TextOf(Current)}` in the body of a `case` statement. Only `when`/`else` are expected.");
                    hasComplained = true;
                    ParseStatement();
                    break;
            }
        }
        return Stop.Eof;
    }

    private Expression[] ParseWhenValues()
    {
        var values = new List<Expression>(1);
        do
        {
            if (ExpectExpression("when statement", WhenGrammar, Mode.WhenValue) is { } value) values.Add(value);
        }
        while (Accept(TokenKind.Comma) || Accept(TokenKind.Or));
        return [.. values];
    }

    private FunctionStatement? ParseFunction()
    {
        const string Grammar = "func <variable> ... end";
        var start = Current.Start;
        Facts.Effect(start);
        Next();
        PathExpression? name = null;
        if (Is(TokenKind.Identifier) || Is(TokenKind.SpecialIdentifier)) name = ParseVariable() as PathExpression;
        else SyntaxError(start, "function statement", $"Expecting a variable instead of `{TextOf(Current)}`", Grammar);
        if (name is GlobalVariable global)
        {
            Facts.NotRead(global.Name, global.At.Start);
            Facts.Assign(global.Name, start);
        }
        var function = ParseFunctionRest(start, Grammar, isAnonymous: false);
        return name is null ? null : new FunctionStatement(SpanFrom(start), name, function);
    }

    /// <summary>Parameters and body, from behind the name.</summary>
    private FunctionNode ParseFunctionRest(int start, string grammar, bool isAnonymous)
    {
        var bound = Facts.BoundCount;
        var (outerReturns, isVariadic) = (_returns, false);
        _returns = false;
        var parameters = Is(TokenKind.OpenParen) ? ParseParameters(start, grammar, out isVariadic) : null;
        foreach (var parameter in parameters ?? []) Facts.Bind(parameter.Name);
        if (!_isLost) ExpectEndOfStatement();
        var body = ParseBlock(out var stop);
        if (stop == Stop.End && isAnonymous) Next();
        else if (stop == Stop.Eof) MissingEnd("function statement", grammar);
        else CloseBlock(stop, "function statement", grammar);
        Facts.UnbindTo(bound);
        var function = new FunctionNode(SpanFrom(start), parameters, isVariadic, _returns) { Body = body };
        _returns = outerReturns;
        return function;
    }

    private Parameter[] ParseParameters(int start, string grammar, out bool isVariadic)
    {
        isVariadic = false;
        var hasOptional = false;
        var parameters = new List<Parameter>();
        Next();
        while (!Is(TokenKind.CloseParen) && !Is(TokenKind.Eof))
        {
            if (parameters.Count > 0 && !Accept(TokenKind.Comma)) Error(Current.Start, "Expecting a comma to separate arguments in a function call.");
            if (!Is(TokenKind.Identifier))
            {
                SyntaxError(start, "function statement", $"Expecting a variable instead of `{TextOf(Current)}`", grammar);
                break;
            }
            parameters.Add(ParseParameter(ref hasOptional, ref isVariadic));
        }
        if (!Accept(TokenKind.CloseParen)) Error(Current.Start, "Expecting a closing parenthesis for a function call.");
        return [.. parameters];
    }

    private Parameter ParseParameter(ref bool hasOptional, ref bool isVariadic)
    {
        var at = Current;
        Next();
        if (Accept(TokenKind.TripleDot))
        {
            isVariadic = true;
            return new Parameter(NameOf(at), @default: null);
        }
        if (Accept(TokenKind.Equal))
        {
            if (isVariadic) Error(at.Start, "Cannot declare an optional parameter after a variable parameter (`...`).");
            hasOptional = true;
            return new Parameter(NameOf(at), ParseDefault());
        }
        if (hasOptional || isVariadic) Error(at.Start, "Cannot declare a normal parameter after an optional parameter.");
        return new Parameter(NameOf(at), @default: null);
    }

    private Expression ParseDefault()
    {
        var start = Current.Start;
        var value = ExpectExpression("function statement", "func <variable> ... end", Mode.Primary);
        if (value is not (Literal or UnaryExpression { Operand: Literal })) Error(start, $"Expecting only a literal instead of `{value?.At.Text ?? TextOf(Current)}` for the default value of a parameter.");
        return value ?? new Literal(SpanFrom(start), value: null);
    }

    private WithStatement? ParseWith()
    {
        const string Grammar = "with <variable> ... end";
        var start = Current.Start;
        Facts.Effect(start);
        Next();
        var target = ExpectExpression("with statement", Grammar);
        if (!ExpectEndOfStatement()) return null;
        var body = ParseBlockToEnd("with statement", Grammar);
        return target is null ? null : new WithStatement(SpanFrom(start), target, body);
    }

    private WrapStatement? ParseWrap()
    {
        const string Grammar = "wrap <function_call> ... end";
        var start = Current.Start;
        Facts.Effect(start);
        Next();
        var target = ExpectExpression("wrap statement", Grammar);
        if (!ExpectEndOfStatement()) return null;
        var body = ParseBlockToEnd("wrap statement", Grammar);
        return target is null ? null : new WrapStatement(SpanFrom(start), target, body);
    }

    private CaptureStatement? ParseCapture()
    {
        const string Grammar = "capture <variable> ... end";
        var start = Current.Start;
        Facts.Effect(start);
        Next();
        var target = ExpectExpression("capture statement", Grammar);
        if (target is GlobalVariable global)
        {
            Facts.NotRead(global.Name, global.At.Start);
            Facts.Assign(global.Name, start);
        }
        if (!ExpectEndOfStatement()) return null;
        var body = ParseBlockToEnd("capture statement", Grammar);
        return target is null ? null : new CaptureStatement(SpanFrom(start), target, body);
    }

    private ImportStatement? ParseImport()
    {
        var start = Current.Start;
        Facts.Effect(start);
        Next();
        var source = ExpectExpression("import statement", "import <expression>");
        ExpectEndOfStatementAfterExpression();
        return source is null ? null : new ImportStatement(SpanFrom(start), source);
    }

    private ReadOnlyStatement? ParseReadOnly()
    {
        const string Grammar = "readonly <variable>";
        var start = Current.Start;
        Facts.Effect(start);
        Next();
        if (!Is(TokenKind.Identifier) && !Is(TokenKind.SpecialIdentifier))
        {
            SyntaxError(start, "readonly statement", $"Expecting a variable instead of `{TextOf(Current)}`", Grammar);
            return null;
        }
        var variable = ParseVariable();
        ExpectEndOfStatementAfterExpression();
        return variable is null ? null : new ReadOnlyStatement(SpanFrom(start), variable);
    }

    private ReturnStatement ParseReturn()
    {
        var start = Current.Start;
        Facts.Effect(start);
        Next();
        Expression? value = null;
        if (StartsExpression(Current.Kind))
        {
            value = ParseExpression();
            _returns = true;
        }
        ExpectEndOfStatementAfterExpression();
        return new ReturnStatement(SpanFrom(start), value);
    }

    private JumpStatement ParseJump(Flow flow)
    {
        var start = Current.Start;
        Next();
        var at = SpanFrom(start);
        ExpectEndOfStatement();
        return new JumpStatement(at, flow);
    }
}

using System.Runtime.InteropServices;

namespace Automation.Templates.Parsing;

internal enum TokenKind : byte
{
    Eof, Raw, CodeEnter, CodeExit, NewLine, Semicolon,
    Identifier, SpecialIdentifier, Integer, HexInteger, BinaryInteger, Float, Text, VerbatimText,
    InterpolatedText, InterpolatedBegin, InterpolatedMiddle, InterpolatedEnd, HoleOpen, HoleClose,
    OpenParen, CloseParen, OpenBracket, CloseBracket, OpenBrace, CloseBrace,
    Dot, QuestionDot, Comma, Colon, Question, Equal,
    PlusEqual, MinusEqual, AsteriskEqual, DivideEqual, DoubleDivideEqual, PercentEqual,
    PlusPlus, MinusMinus, Plus, Minus, Asterisk, Divide, DoubleDivide, Percent,
    ShiftLeft, ShiftRight, DoubleEqual, NotEqual, Less, Greater, LessEqual, GreaterEqual,
    And, Or, DoubleQuestion, QuestionExclamation, DoubleDot, DoubleDotLess, TripleDot,
    Pipe, Exclamation, At, Caret, Arrow, Invalid,
}

/// <summary>One token; text and position are looked up in the source only when needed.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct Token(TokenKind kind, int start, int end)
{
    public readonly int Start = start;
    public readonly int End = end;
    public readonly TokenKind Kind = kind;
}

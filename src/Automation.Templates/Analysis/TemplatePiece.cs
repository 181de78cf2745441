namespace Automation.Templates.Analysis;

/// <summary>What a piece of output is.</summary>
public enum TemplatePieceKind
{
    /// <summary>Text known beforehand.</summary>
    Text,

    /// <summary>A value known only when rendering.</summary>
    Value,

    /// <summary>From here to the matching <see cref="BranchEnd"/> one alternative at most is printed; the first begins.</summary>
    BranchStart,

    /// <summary>The next alternative begins.</summary>
    BranchNext,

    BranchEnd,
}

/// <summary>A piece of what a template may print, in the order of printing; partials stand where they are included.</summary>
/// <param name="Text">The text; empty unless the kind is <see cref="TemplatePieceKind.Text"/>.</param>
/// <param name="Paths">Of a value: the paths of the model it is made of. Of a branch: those known to be there in this alternative.</param>
/// <param name="IsTotal">Of a branch start: whether one alternative is surely printed.</param>
/// <param name="IsFallback">Of a branch start: whether later alternatives stand in only where earlier ones are missing.</param>
public sealed record TemplatePiece(
    TemplatePieceKind Kind, TemplatePlace Place, string Text, IReadOnlyList<string> Paths, bool IsTotal = false, bool IsFallback = false);

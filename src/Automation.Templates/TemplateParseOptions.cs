namespace Automation.Templates;

/// <summary>What the text of a template is.</summary>
public enum TemplateMode
{
    /// <summary>Text with code between double braces.</summary>
    Text,

    /// <summary>Code only.</summary>
    ScriptOnly,

    /// <summary>Text after a front matter between <c>+++</c> lines, which is skipped.</summary>
    FrontMatterAndContent,
}

/// <summary>How text is read.</summary>
public sealed record TemplateParseOptions
{
    public static TemplateParseOptions Default { get; } = new();

    public TemplateMode Mode { get; init; }

    /// <summary>How deep expressions and statements may nest. Default 250; at most 500, which the stack is known to bear.</summary>
    public int ExpressionDepthLimit { get; init; } = 250;

    /// <summary>Whether <c>1.5</c> without a suffix is a decimal instead of a double.</summary>
    public bool FloatAsDecimal { get; init; }
}

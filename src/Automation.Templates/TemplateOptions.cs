using System.Globalization;

namespace Automation.Templates;

/// <summary>How templates run: culture, limits and how forgiving missing values are.</summary>
/// <remarks>Zero switches a limit off, except where said otherwise.</remarks>
public sealed record TemplateOptions
{
    /// <summary>The language's own defaults, with a bound on work added so that no template runs for ever.</summary>
    public static TemplateOptions Scriban { get; } = new();

    /// <summary>For mail: tighter limits, each of them an error and none a silent cut.</summary>
    /// <remarks>Set <see cref="EscapeHtml"/> for HTML parts. Why: docs/decisions/0003-mail-profile-escapes-html.md.</remarks>
    public static TemplateOptions Mail { get; } = new()
    {
        HasRaw = true,
        LoopLimit = 10_000,
        RecursiveLimit = 50,
        LimitToString = 0,
        OutputLimit = 2_000_000,
        StepLimit = 1_000_000,
        RegexTimeout = TimeSpan.FromMilliseconds(250),
        RenderTimeout = TimeSpan.FromSeconds(5),
    };

    /// <summary>Governs numbers and dates. Default invariant.</summary>
    public CultureInfo Culture { get; init; } = CultureInfo.InvariantCulture;

    /// <summary>Turns under one outermost loop, internal iteration of array functions included. Default 1,000.</summary>
    public int LoopLimit { get; init; } = 1000;

    /// <summary>Depth of functions and includes. Default 100; never more than 400, which the stack is known to bear.</summary>
    public int RecursiveLimit { get; init; } = 100;

    /// <summary>Characters of one value and of the whole output, cut with <c>...</c>. Default 1,048,576.</summary>
    public int LimitToString { get; init; } = 1_048_576;

    /// <summary>Depth of values when printed. Default 20.</summary>
    public int ObjectRecursionLimit { get; init; } = 20;

    /// <summary>Time for one match. Default 10 seconds; zero is no limit of its own.</summary>
    public TimeSpan RegexTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Statements, loop turns, calls and items copied, over the whole render. Default 20 million.</summary>
    public long StepLimit { get; init; } = 20_000_000;

    /// <summary>Characters written, and characters of any one text built on the way; more is an error. Default 16 million.</summary>
    public int OutputLimit { get; init; } = 16_000_000;

    /// <summary>Time for the whole render by <see cref="Clock"/>. Default: no limit besides <see cref="StepLimit"/>.</summary>
    public TimeSpan RenderTimeout { get; init; }

    /// <summary>Whether a name nobody defined is an error.</summary>
    public bool StrictVariables { get; init; }

    /// <summary>Whether a member of null is null.</summary>
    public bool RelaxedTargetAccess { get; init; }

    /// <summary>Whether a missing member is null. Default true.</summary>
    public bool RelaxedMemberAccess { get; init; } = true;

    /// <summary>Whether calling what does not exist gives null.</summary>
    public bool RelaxedFunctionAccess { get; init; }

    /// <summary>Whether an index out of bounds is null. Default true.</summary>
    public bool RelaxedIndexerAccess { get; init; } = true;

    /// <summary>Whether indexing by null gives null.</summary>
    public bool NullIndexer { get; init; }

    /// <summary>Whether <c>break</c> and <c>continue</c> outside a loop end the template instead of failing.</summary>
    public bool BreakAsReturn { get; init; }

    /// <summary>Whether a function that never returns a value is an error inside an expression.</summary>
    public bool ErrorForStatementFunctionAsExpression { get; init; }

    /// <summary>Whether a run-time error is printed in place as <c>[message]</c> and rendering goes on.</summary>
    public bool RenderExceptions { get; init; }

    /// <summary>Whether line breaks in values are followed by the indentation of their block. Default true.</summary>
    public bool AutoIndent { get; init; } = true;

    /// <summary>Whether <see cref="AutoIndent"/> indents empty lines too. Default true.</summary>
    public bool IndentOnEmptyLines { get; init; } = true;

    /// <summary>Whether printed values are HTML-escaped unless piped through <c>raw</c>.</summary>
    public bool EscapeHtml { get; init; }

    /// <summary>Whether the function <c>raw</c> exists. Plain Scriban has none.</summary>
    public bool HasRaw { get; init; }

    public ITemplateLoader? Loader { get; init; }

    /// <summary>How partials and evaluated text are parsed.</summary>
    public TemplateParseOptions ParseOptions { get; init; } = TemplateParseOptions.Default;

    /// <summary>Answers <c>date.now</c> and measures <see cref="RenderTimeout"/>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

namespace Automation.Templates.Analysis;

/// <summary>What can be wrong with a template that parses.</summary>
public enum TemplateProblemKind
{
    /// <summary>A name that neither the model, the language nor the template defines.</summary>
    UnknownVariable,

    /// <summary>A member that its owner does not have.</summary>
    UnknownMember,

    /// <summary>A call of what is no function.</summary>
    UnknownFunction,

    /// <summary>An <c>include</c> of what is not there.</summary>
    UnknownPartial,

    /// <summary>An <c>include</c> of what does not parse, or of itself.</summary>
    BrokenPartial,

    /// <summary>What is printed may be missing and nothing stands in for it.</summary>
    MayBeBlank,

    /// <summary>A member is read of what may be null, which ends the render.</summary>
    MayFail,

    /// <summary>A value is printed without escaping.</summary>
    Raw,
}

/// <summary>One thing to mend.</summary>
/// <param name="Subject">The path, function or partial it is about, as the model or the template names it.</param>
/// <param name="Owner">Of an unknown member: the path it was sought in; else empty.</param>
/// <param name="Suggestion">The known name nearest to an unknown one; empty when none is near.</param>
public sealed record TemplateProblem(TemplateProblemKind Kind, TemplatePlace Place, string Subject, string Owner = "", string Suggestion = "")
{
    /// <summary>Of an unknown member: the members there are.</summary>
    public IReadOnlyList<string> Known { get; init; } = [];
}

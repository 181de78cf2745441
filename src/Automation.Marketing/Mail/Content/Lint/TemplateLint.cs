namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>Looks a template over before it is published: what would fail, be blank or break a rule, each with its place and its remedy.</summary>
/// <remarks>Pure: reads no clock, no database and no files. Never throws for bad text.</remarks>
public sealed class TemplateLint
{
    private TemplateLint()
    {
    }

    /// <param name="template">The template as written.</param>
    /// <param name="partials">Texts of all partials by name, with or without <c>.sbn</c>.</param>
    /// <param name="options">What else is known.</param>
    /// <returns>Findings in the order of languages, parts and places; each once.</returns>
    public static IReadOnlyList<LintFinding> Check(TemplateSource template, IReadOnlyDictionary<string, string> partials, LintOptions options) => [];

    /// <summary>Looks over a partial alone: its syntax, names, links and images. What a whole mail must have is not asked of it.</summary>
    /// <param name="name">Its name, with or without <c>.sbn</c>.</param>
    /// <param name="text">Its text.</param>
    /// <param name="partials">Texts of all partials by name, with or without <c>.sbn</c>.</param>
    /// <param name="options">What else is known.</param>
    public static IReadOnlyList<LintFinding> CheckPartial(string name, string text, IReadOnlyDictionary<string, string> partials, LintOptions options) => [];
}

using System.Globalization;
using Automation.Templates;
using Automation.Templates.Analysis;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>Gathers findings; each once, however many ways lead to it.</summary>
internal sealed class Findings
{
    // Nobody mends more at a time, and hostile templates have no end of faults.
    private const int Most = 1_000;

    private readonly List<LintFinding> all = [];
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    public IReadOnlyList<LintFinding> All => all;

    public bool HasErrors(string part, string language) => all.Exists(each => each.Severity is LintSeverity.Error && IsOf(each, part, language));

    public void Error(string code, string message, Spot spot, params IReadOnlyList<string> values) => Add(LintSeverity.Error, code, message, spot, values);

    public void Warning(string code, string message, Spot spot, params IReadOnlyList<string> values) => Add(LintSeverity.Warning, code, message, spot, values);

    private static bool IsOf(LintFinding finding, string part, string language) =>
        (finding.Part == part && finding.Language == language) || finding.Part.StartsWith(PartialTexts.Folder, StringComparison.Ordinal);

    private void Add(LintSeverity severity, string code, string message, Spot spot, IReadOnlyList<string> values)
    {
        if (all.Count >= Most) return;
        var finding = new LintFinding(severity, code, spot.Part, spot.Language, spot.Line, spot.Column, spot.EndLine, spot.EndColumn, message, values);
        if (known.Add(finding.ToString())) all.Add(finding);
    }
}

/// <summary>Where a finding stands.</summary>
internal sealed record Spot(string Part, string Language, int Line, int Column, int EndLine, int EndColumn)
{
    /// <summary>A part as a whole.</summary>
    public static Spot Whole(string part, string language) => new(part, language, 0, 0, 0, 0);

    /// <param name="place">In a part or a partial, which is named by the text's own name.</param>
    /// <param name="language">Of the mail; partials have none.</param>
    public static Spot At(TemplatePlace place, string language)
    {
        var ((line, column), (endLine, endColumn)) = (place.Start, place.End);
        return new Spot(place.Template, IsPartial(place.Template) ? "" : language, line, column, endLine, endColumn);
    }

    /// <summary>Where a message of the parser or the renderer points; its end of text is the end of <paramref name="text"/>.</summary>
    public static Spot At(TemplateMessage message, string language, string text)
    {
        var (line, column) = message.Line > 0 ? (message.Line, message.Column) : (text.AsSpan().Count('\n') + 1, text.Length - text.LastIndexOf('\n'));
        return new Spot(message.Template, IsPartial(message.Template) ? "" : language, line, column, line, column + 1);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Part}.{Language}({Line},{Column})");

    private static bool IsPartial(string name) => name.StartsWith(PartialTexts.Folder, StringComparison.Ordinal);
}

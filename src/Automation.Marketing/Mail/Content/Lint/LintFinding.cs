using System.Globalization;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>Errors stop a publish; warnings are advice.</summary>
public enum LintSeverity { Error, Warning }

/// <summary>One thing to mend in a template.</summary>
/// <param name="Severity">Whether it stops a publish.</param>
/// <param name="Code">Which rule found it: one of <see cref="LintCodes"/>.</param>
/// <param name="Part"><c>subject</c>, <c>html</c>, <c>text</c>, <c>settings</c> or <c>partials/&lt;name&gt;</c>.</param>
/// <param name="Language"><c>ja</c>, <c>en</c>; empty where the part has none.</param>
/// <param name="Line">From 1; 0 when the whole part is meant.</param>
/// <param name="Column">From 1, in UTF-16 units; 0 when the whole part is meant.</param>
/// <param name="EndLine">Where the place ends; same counting.</param>
/// <param name="EndColumn">One behind the last character.</param>
/// <param name="Message">English, with <c>{0}</c>… for <paramref name="Values"/>: what is wrong and how to mend it. It is the key of the Japanese words.</param>
/// <param name="Values">What the message's places hold, in order.</param>
public sealed record LintFinding(
    LintSeverity Severity, string Code, string Part, string Language, int Line, int Column, int EndLine, int EndColumn, string Message, IReadOnlyList<string> Values)
{
    /// <summary>The English sentence.</summary>
    public string Text => string.Format(CultureInfo.InvariantCulture, Message, [.. Values]);

    /// <summary><c>html.ja(3,14) : error : unknown-member : …</c></summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Part}{(Language.Length == 0 ? "" : ".")}{Language}({Line},{Column}) : {(Severity is LintSeverity.Error ? "error" : "warning")} : {Code} : {Text}");
}

using Automation.Templates.Analysis;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>What the code says: syntax, names, functions, partials, and what may be missing.</summary>
internal static class NameRules
{
    private const int MostNames = 12;

    public static void Check(LintedPart part, PartialTexts partials, Findings findings)
    {
        foreach (var message in part.Template.Messages)
            findings.Error(LintCodes.Syntax, "This cannot be read: {0} Mend the code between the double braces.", Spot.At(message, part.Language, part.Text), Sentence(message.Text));
        foreach (var problem in part.Analysis.Problems) Report(problem, part, partials, findings);
        if (!part.Analysis.IsComplete)
            findings.Error(LintCodes.TooTangled, "This part is too large or too tangled to be checked. Split it, or include fewer partials in each other.", part.Whole);
    }

    private static void Report(TemplateProblem problem, LintedPart part, PartialTexts partials, Findings findings)
    {
        var spot = part.At(problem.Place);
        switch (problem.Kind)
        {
            case TemplateProblemKind.UnknownVariable:
                UnknownVariable(problem, spot, findings);
                break;
            case TemplateProblemKind.UnknownMember:
                UnknownMember(problem, spot, findings);
                break;
            case TemplateProblemKind.UnknownFunction:
                UnknownFunction(problem, spot, findings);
                break;
            case TemplateProblemKind.UnknownPartial:
                UnknownPartial(problem, Nearest.Of(problem.Subject, partials.Names), spot, findings);
                break;
            case TemplateProblemKind.BrokenPartial:
                findings.Error(LintCodes.BrokenPartial, "The partial '{0}' has errors of its own. Mend the partial first.", spot, problem.Subject);
                break;
            case TemplateProblemKind.MayBeBlank:
                findings.Error(
                    LintCodes.MissingDefault, "'{0}' may be missing and would leave a gap. Put a default behind it (?? \"…\" or | object.default \"…\"), declare one, or show it only inside an if.", spot, problem.Subject);
                break;
            case TemplateProblemKind.MayFail:
                findings.Error(
                    LintCodes.MayFail, "'{0}' may be missing, and reading something of it would then stop the mail. Write ?. instead of the dot, or put it inside an if.", spot, problem.Subject);
                break;
            case TemplateProblemKind.Raw when part.Name == "html" || part.Language.Length == 0:
                findings.Warning(
                    LintCodes.Unescaped, "'{0}' is printed without escaping: what people typed there becomes part of the HTML. Remove | raw unless the value is HTML of your own.", spot, problem.Subject);
                break;
        }
    }

    private static void UnknownVariable(TemplateProblem problem, Spot spot, Findings findings)
    {
        if (problem.Suggestion.Length > 0) findings.Error(LintCodes.UnknownVariable, "'{0}' is not known to mails. Did you mean '{1}'?", spot, problem.Subject, problem.Suggestion);
        else findings.Error(LintCodes.UnknownVariable, "'{0}' is not known to mails. Use what they are given, such as contact, shop or links, or declare a default of that name.", spot, problem.Subject);
    }

    private static void UnknownMember(TemplateProblem problem, Spot spot, Findings findings)
    {
        if (problem.Suggestion.Length > 0)
        {
            findings.Error(LintCodes.UnknownMember, "'{0}' has no '{1}'. Did you mean '{2}'?", spot, problem.Owner, problem.Subject, problem.Suggestion);
            return;
        }
        var names = problem.Known.Take(MostNames).ToList();
        if (names.Count == 0) findings.Error(LintCodes.UnknownMember, "'{0}' has no '{1}', nor any other part. Print it as it is.", spot, problem.Owner, problem.Subject);
        else findings.Error(LintCodes.UnknownMember, "'{0}' has no '{1}'. Use one of these: {2}.", spot, problem.Owner, problem.Subject, string.Join(", ", names));
    }

    private static void UnknownFunction(TemplateProblem problem, Spot spot, Findings findings)
    {
        if (problem.Suggestion.Length > 0) findings.Error(LintCodes.UnknownFunction, "There is no function '{0}'. Did you mean '{1}'?", spot, problem.Subject, problem.Suggestion);
        else findings.Error(LintCodes.UnknownFunction, "There is no function '{0}'. Remove it, or use one that the language has.", spot, problem.Subject);
    }

    private static void UnknownPartial(TemplateProblem problem, string suggestion, Spot spot, Findings findings)
    {
        if (suggestion.Length > 0) findings.Error(LintCodes.UnknownPartial, "There is no partial '{0}'. Did you mean '{1}'?", spot, problem.Subject, suggestion);
        else findings.Error(LintCodes.UnknownPartial, "There is no partial '{0}'. Make one of that name, or remove the include.", spot, problem.Subject);
    }

    private static string Sentence(string text) => text.TrimEnd() is var trimmed && trimmed.EndsWith('.') ? trimmed : trimmed + ".";
}

using Automation.Marketing.Journeys.Activities;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Publishing;

/// <summary>What a flow mails exists and is sound, and a flow that sells knows what it sells for (brief §4.4).</summary>
internal sealed class MailRule(TemplateCatalogue templates, IEnumerable<ITemplateCheck> checks) : IWorkflowRule
{
    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph)
    {
        foreach (var mail in graph.Steps.OfType<SendEmail>())
        {
            foreach (var finding in Mail(mail)) yield return finding;
        }
        if (Selling(graph) is { } selling && !HasGoal(graph.Definition))
            yield return WorkflowFinding.Error(
                selling, "no-goal", "This flow sends selling mail and has no goal. Set one in the flow's settings: a purchase within 30 days is usual.");
    }

    private IEnumerable<WorkflowFinding> Mail(SendEmail mail)
    {
        if (mail.Template is null || !mail.Template.TryGetLiteral(out var id) || id.Length == 0) yield break;
        if (templates.Find(id) is not { } template)
        {
            yield return WorkflowFinding.Error(mail, "unknown-template", "There is no template '{0}'. Choose one that exists, or make it first.", id);
            yield break;
        }
        foreach (var finding in checks.SelectMany(check => check.Check(template)))
            yield return new WorkflowFinding(mail.Id, finding.Severity, finding.Code, finding.Message, finding.Values);
        if (template.Class is MessageClass.Marketing && Defers(mail) && !IsGiven(mail.ValidFor))
            yield return WorkflowFinding.Warning(
                mail, "no-valid-for", "This mail waits when it is over a limit, and nothing says how long it stays worth sending: 7 days are taken. Set 'Stays valid for', e.g. P7D.");
    }

    // The first step that sells; when a template is chosen only at run time, the flow's own approach is believed.
    private SendEmail? Selling(WorkflowGraph graph) => graph.Steps.OfType<SendEmail>().FirstOrDefault(mail =>
        mail.Template is not null && mail.Template.TryGetLiteral(out var id)
            ? templates.Find(id)?.Approach is Approach.A1 or Approach.A2
            : Settings(graph.Definition)?.Selling is true);

    private static bool HasGoal(WorkflowDefinition definition) => Settings(definition)?.Goal is not null;

    private static FlowSettings? Settings(WorkflowDefinition definition)
    {
        try
        {
            return FlowSettings.Of(definition);
        }
        catch (BadInputException)
        {
            return null;   // named by the rule about settings
        }
    }

    private static bool Defers(SendEmail mail) =>
        mail.OverCap is null || !mail.OverCap.TryGetLiteral(out var text) || !Enum.TryParse<OverCap>(text, ignoreCase: true, out var overCap) || overCap is OverCap.Defer;

    private static bool IsGiven(Input<string>? input) => input is not null && (!input.TryGetLiteral(out var text) ? input.Expression is not null : text.Length > 0);
}

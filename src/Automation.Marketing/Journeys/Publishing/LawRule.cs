using Automation.Marketing.Journeys.Activities;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Law;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Publishing;

/// <summary>A flow with marketing mail is published only when the mail says by whom it is sent and how to refuse it (brief §7).</summary>
/// <param name="senderLacks">See <see cref="LawChecks.Missing"/>; empty: the sender is complete, or not asked about.</param>
internal sealed class LawRule(TemplateCatalogue templates, ITemplateRenderer renderer, IReadOnlyList<string> senderLacks) : IWorkflowRule
{
    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph)
    {
        var mails = graph.Steps.OfType<SendEmail>().Select(mail => (Mail: mail, Template: TemplateOf(mail))).Where(one => one.Template is { Class: MessageClass.Marketing }).ToList();
        if (senderLacks.Count > 0 && mails.Count > 0)
            yield return WorkflowFinding.Error(
                mails[0].Mail, "sender-incomplete", "This flow sends marketing mail, and the sender's details are not complete. Complete them under 'Law and delivery'.");
        foreach (var (mail, template) in mails)
        {
            if (LawChecks.OfTemplate(template!, renderer).Any(check => check.State is LawState.Failed))
                yield return WorkflowFinding.Error(
                    mail, "unlawful-template", "The template '{0}' does not show who sends it and how to refuse it, as the law asks of every marketing mail. Add the sender block to it.",
                    template!.Id);
        }
    }

    private MailTemplate? TemplateOf(SendEmail mail) => mail.Template is not null && mail.Template.TryGetLiteral(out var id) ? templates.Find(id) : null;
}

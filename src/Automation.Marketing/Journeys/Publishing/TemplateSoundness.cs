using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Content.Lint;
using Automation.Workflows.Definitions;

namespace Automation.Marketing.Journeys.Publishing;

/// <summary>Lets no flow out that sends a template with errors: the same look-over as when the template itself is published.</summary>
public sealed class TemplateSoundness(TemplateDesk desk) : ITemplateCheck
{
    /// <summary>The findings' code.</summary>
    public const string Code = "faulty-template";

    // Whoever mends a template sees the rest beside its text.
    private const int MostNamed = 5;

    public IEnumerable<WorkflowFinding> Check(MailTemplate template) => desk.Check(TemplateContent.Of(template.Source))
        .Where(fault => fault.Severity is LintSeverity.Error).Take(MostNamed)
        .Select(fault => WorkflowFinding.Error(null, "faulty-template", "The template '{0}' cannot go out as it is: {1}", template.Id, fault));
}

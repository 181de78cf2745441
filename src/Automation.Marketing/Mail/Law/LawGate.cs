using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Law;

/// <summary>Stands before everything that publishes marketing mail.</summary>
public sealed class LawGate(PublicAddress address, TemplateCatalogue catalogue, ITemplateRenderer renderer)
{
    public Uri PublicUrl => address.Url;

    /// <exception cref="RuleBrokenException">The sender's details or the template do not meet the law; it is said which.</exception>
    public async Task RequireAsync(AutomationDb db, string? templateId, CancellationToken cancellation)
    {
        // A template that does not exist is somebody else's complaint.
        if (catalogue.Find(templateId ?? "") is { } template) await LawChecks.RequireAsync(db, address.Url, template, renderer, cancellation);
    }

    /// <summary>Each marketing template with what it fails to show.</summary>
    public IEnumerable<(string Template, IReadOnlyList<LawCheck> Checks)> OfTemplates() =>
        catalogue.All.Where(template => template.Class is MessageClass.Marketing).Select(template => (template.Id, LawChecks.OfTemplate(template, renderer)));
}

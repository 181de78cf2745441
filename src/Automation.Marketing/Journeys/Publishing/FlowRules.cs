using Automation.Marketing.Campaigns;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;
using Automation.Workflows.Activities;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Journeys.Publishing;

/// <summary>What a flow must keep to before it is published: the runtime's rules and marketing's own.</summary>
public sealed class FlowRules(
    ActivityRegistry registry, TemplateCatalogue templates, ITemplateRenderer renderer, IEnumerable<IExpressionHandler> handlers,
    IEnumerable<ITemplateCheck> templateChecks, IEnumerable<ISegmentNames> segments, PublicAddress address, HttpAccess http, TimeProvider clock)
{
    /// <summary>Errors first, in the order of the drawing.</summary>
    /// <param name="isShipped">It stands ready from the first start, when nobody has said yet who sends; until then its mail waits.</param>
    /// <param name="resolver">Finds workflows used as activities; null: there are none.</param>
    public async Task<IReadOnlyList<WorkflowFinding>> CheckAsync(
        AutomationDb db, WorkflowDefinition definition, bool isShipped, CancellationToken cancellation, WorkflowResolver? resolver = null)
    {
        var known = new KnownNames(
            await db.Anchors.AsNoTracking().Select(anchor => anchor.Key).ToHashSetAsync(cancellation),
            await ContactFields.LoadAsync(db, cancellation),
            await SegmentsAsync(db, cancellation));
        var policy = await db.SendingPolicyAsync(cancellation);
        IWorkflowRule[] rules =
        [
            new SettingsRule(renderer),
            new MailRule(templates, templateChecks),
            new StepRule(renderer, known),
            new OutsideRule(http),
            new LawRule(templates, renderer, isShipped ? [] : LawChecks.Missing(await db.ShopAsync(cancellation), address.Url)),
            new LoopRule(),
            new CapsRule(templates, policy),
            new WelcomeRule(isShipped ? [] : await WelcomeScores.UnwelcomeAsync(db, clock.GetUtcNow(), TemplateUses.In(definition), cancellation)),
        ];
        var findings = WorkflowValidator.Validate(definition, registry, handlers, resolver, rules);
        return [.. findings.OrderBy(finding => finding.Severity)];
    }

    // Null: nobody knows which segments there are.
    private async Task<HashSet<string>?> SegmentsAsync(AutomationDb db, CancellationToken cancellation)
    {
        HashSet<string>? names = null;
        foreach (var source in segments) (names ??= []).UnionWith(await source.AllAsync(db, cancellation));
        return names;
    }
}

/// <summary>Looks over the text of a template that a flow is about to send; filled by the part that checks templates.</summary>
public interface ITemplateCheck
{
    /// <returns>What is wrong with it, worded for the person, <c>{0}</c>, … where the values stand; findings carry no activity.</returns>
    IEnumerable<WorkflowFinding> Check(MailTemplate template);
}

/// <summary>Which segments there are; filled by the part that owns them.</summary>
public interface ISegmentNames
{
    Task<IReadOnlyCollection<string>> AllAsync(AutomationDb db, CancellationToken cancellation);
}

/// <summary>What names in a flow may refer to.</summary>
/// <param name="Segments">Null: not known.</param>
internal sealed record KnownNames(IReadOnlySet<string> Anchors, ContactFields Fields, IReadOnlySet<string>? Segments);

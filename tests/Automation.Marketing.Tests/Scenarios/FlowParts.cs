using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Publishing;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Automation.Marketing.Tests.Scenarios;

/// <summary>What flows are kept and run with, put together as the service does it.</summary>
internal sealed record FlowParts(FlowCatalogue Catalogue, FlowEngine Engine, FlowDefinitions Definitions)
{
    public static FlowParts Of(
        IDbContextFactory<AutomationDb> dbs, TemplateCatalogue templates, TemplateRenderer renderer, TimeProvider clock, IEnumerable<ISegmentNames>? segments = null, HttpAccess? http = null)
    {
        var registry = ActivityRegistry.WithGeneralActivities().Add<HttpEndpoint>().Add<SendHttpRequest>().AddFrom(typeof(FlowCatalogue).Assembly);
        var handlers = new[] { new ScribanHandler(renderer) };
        var catalogue = new FlowCatalogue(registry);
        var engine = new FlowEngine(dbs, catalogue, new WorkflowRunner(registry, handlers, clock), templates, renderer, clock, NullLogger<FlowEngine>.Instance);
        var rules = new FlowRules(registry, templates, renderer, handlers, [new TemplateSoundness(new TemplateDesk(dbs, templates, clock))], segments ?? [], new PublicAddress(), http ?? new HttpAccess(), clock);
        return new FlowParts(catalogue, engine, new FlowDefinitions(registry, rules, engine, NullLogger<FlowDefinitions>.Instance));
    }
}

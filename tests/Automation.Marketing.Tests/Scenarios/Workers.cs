using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Calls;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Journeys.Dates;
using Automation.Marketing.Journeys.Migration;
using Automation.Marketing.Journeys.Publishing;
using Automation.Marketing.Leads;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Events;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Content;
using Automation.Workflows.Activities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Automation.Marketing.Tests.Scenarios;

/// <summary>What one process works with. A second one on the same database is another process, or the same after a restart.</summary>
internal sealed class Workers
{
    // Parsed once for all tests; each process publishes over them for itself.
    private static readonly Lazy<TemplateShelf> ShippedTemplates = new(() => TemplateCatalogue.Load(Shipped.Templates).Shipped);

    public Workers(
        IDbContextFactory<AutomationDb> dbs, TimeProvider clock, IMailProvider provider, TemplateCatalogue? templates = null, DeliveryOptions? options = null,
        IEnumerable<ISegmentNames>? segments = null, HttpAccess? http = null, IHttpCaller? caller = null)
    {
        Templates = templates ?? new TemplateCatalogue(ShippedTemplates.Value);
        var renderer = new TemplateRenderer(clock);
        (var catalogue, Engine, Flows) = FlowParts.Of(dbs, Templates, renderer, clock, segments, http);
        Control = new FlowControlling(Engine);
        Migrations = new FlowMigrations(catalogue);
        Jobs = new FlowJobs(dbs, Engine, Migrations, clock, NullLogger<FlowJobs>.Instance);
        Dates = new FlowDates(dbs, clock);
        Calls = new FlowCalls(dbs, caller ?? new AllowedHttpCaller(new HttpAccess(), clock), clock, NullLogger<FlowCalls>.Instance);
        Sender = new MailSender(
            dbs, new MailComposer(Templates, renderer), provider, new LinkFactory(new PublicAddress(), clock), options ?? new DeliveryOptions(), clock,
            NullLogger<MailSender>.Instance);
        Decisions = new DueDecisions(dbs, clock);
        Unknown = new UnknownOutcomes(dbs, clock, NullLogger<UnknownOutcomes>.Instance);
        Reported = new ReportedEvents(dbs, clock, NullLogger<ReportedEvents>.Instance);
        Broadcasts = new Broadcasts(dbs, Templates, Sender, clock);
        Leads = new LeadRound(dbs, clock);
        Promises = new Promises(dbs, clock);
        Notices = new NoticeMail(dbs, provider, new PublicAddress(), clock);
        Calendar = new SeasonCalendar(dbs, Broadcasts, clock);
        Review = new OccurrenceReview(dbs, Templates, clock);
        Desk = new TemplateDesk(dbs, Templates, clock);
        Uses = new TemplateUses(catalogue, Desk);
    }

    public TemplateCatalogue Templates { get; }
    public FlowDefinitions Flows { get; }
    public FlowEngine Engine { get; }
    public FlowControlling Control { get; }
    public FlowMigrations Migrations { get; }
    public FlowJobs Jobs { get; }
    public FlowDates Dates { get; }
    public FlowCalls Calls { get; }
    public MailSender Sender { get; }
    public DueDecisions Decisions { get; }
    public UnknownOutcomes Unknown { get; }
    public ReportedEvents Reported { get; }
    public Broadcasts Broadcasts { get; }
    public LeadRound Leads { get; }
    public Promises Promises { get; }
    public NoticeMail Notices { get; }
    public SeasonCalendar Calendar { get; }
    public OccurrenceReview Review { get; }
    public TemplateDesk Desk { get; }
    public TemplateUses Uses { get; }

    /// <summary>Works until nothing is due any more.</summary>
    public async Task DrainAsync()
    {
        while (await RoundAsync() > 0) { }
    }

    private async Task<int> RoundAsync() =>
        await Reported.WorkAsync(default) + await Engine.WorkAsync(default) + await Jobs.WorkAsync(default) + await Dates.WorkAsync(default) + await Calls.WorkAsync(default) + await Calendar.LaunchDueAsync(default) + await Broadcasts.WorkAsync(default)
        + await Decisions.WorkAsync(default) + await Sender.SendDueAsync(default) + await Unknown.SettleDueAsync(default)
        + await Leads.WorkAsync(default) + await Promises.WorkAsync(default) + await Notices.WorkAsync(default);
}

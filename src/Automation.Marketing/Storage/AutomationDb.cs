using System.Text;
using Automation.Marketing.Accounts;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Campaigns.Weekly;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Contacts.Complaints;
using Automation.Marketing.Contacts.Connections;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Contacts;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys.Calls;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Journeys.Dates;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Mail.Delivery.Speed;
using Automation.Marketing.Mail.Events;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Mail;
using Automation.Marketing.Reports.Journey;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Storage;

/// <summary>The one store. Its two subclasses say what differs between the databases.</summary>
public abstract class AutomationDb(DbContextOptions options) : DbContext(options)
{
    internal Statements Statements { get; } = new();

    public DbSet<Contact> Contacts => Set<Contact>();
    public DbSet<ContactTag> ContactTags => Set<ContactTag>();
    public DbSet<ContactSource> ContactSources => Set<ContactSource>();
    public DbSet<LeadEvent> LeadEvents => Set<LeadEvent>();
    public DbSet<Purchase> Purchases => Set<Purchase>();
    public DbSet<ConsentEntry> ConsentEntries => Set<ConsentEntry>();
    public DbSet<Complaint> Complaints => Set<Complaint>();
    public DbSet<LifecycleChange> LifecycleChanges => Set<LifecycleChange>();
    public DbSet<ScoringVersion> ScoringVersions => Set<ScoringVersion>();
    public DbSet<ContactScore> ContactScores => Set<ContactScore>();
    public DbSet<ScoreReset> ScoreResets => Set<ScoreReset>();
    public DbSet<ScoreCheck> ScoreChecks => Set<ScoreCheck>();
    public DbSet<OutgoingEvent> OutgoingEvents => Set<OutgoingEvent>();
    public DbSet<OutgoingEndpoint> OutgoingEndpoints => Set<OutgoingEndpoint>();
    public DbSet<OutgoingDelivery> OutgoingDeliveries => Set<OutgoingDelivery>();
    public DbSet<Deal> Deals => Set<Deal>();
    public DbSet<Interaction> Interactions => Set<Interaction>();
    public DbSet<DealFile> DealFiles => Set<DealFile>();
    public DbSet<HandOff> HandOffs => Set<HandOff>();
    public DbSet<HandBack> HandBacks => Set<HandBack>();
    public DbSet<SalesTask> Tasks => Set<SalesTask>();
    public DbSet<Notice> Notices => Set<Notice>();
    public DbSet<OutboxMessage> OutboxMessages => Set<OutboxMessage>();
    public DbSet<MessageChange> MessageChanges => Set<MessageChange>();
    public DbSet<DeliveryEvent> DeliveryEvents => Set<DeliveryEvent>();
    public DbSet<WebhookBatch> WebhookBatches => Set<WebhookBatch>();
    public DbSet<SendingHold> SendingHolds => Set<SendingHold>();
    public DbSet<SendingDay> SendingDays => Set<SendingDay>();
    public DbSet<SendingRate> SendingRates => Set<SendingRate>();
    public DbSet<SuppressedAddress> SuppressedAddresses => Set<SuppressedAddress>();
    public DbSet<TemplateVersion> TemplateVersions => Set<TemplateVersion>();
    public DbSet<TemplateDraft> TemplateDrafts => Set<TemplateDraft>();
    public DbSet<Broadcast> Broadcasts => Set<Broadcast>();
    public DbSet<BroadcastRecipient> BroadcastRecipients => Set<BroadcastRecipient>();
    public DbSet<PaperSend> PaperSends => Set<PaperSend>();
    public DbSet<Anchor> Anchors => Set<Anchor>();
    public DbSet<AnchorDate> AnchorDates => Set<AnchorDate>();
    public DbSet<Occurrence> Occurrences => Set<Occurrence>();
    public DbSet<OccurrenceDraft> OccurrenceDrafts => Set<OccurrenceDraft>();
    public DbSet<WeeklyMail> WeeklyMails => Set<WeeklyMail>();
    public DbSet<FlowDefinition> FlowDefinitions => Set<FlowDefinition>();
    public DbSet<FlowControl> FlowControls => Set<FlowControl>();
    public DbSet<FlowAction> FlowActions => Set<FlowAction>();
    public DbSet<FlowJob> FlowJobs => Set<FlowJob>();
    public DbSet<HeldStimulus> FlowHeld => Set<HeldStimulus>();
    public DbSet<DatePlan> DatePlans => Set<DatePlan>();
    public DbSet<DateTrigger> DateTriggers => Set<DateTrigger>();
    public DbSet<CalendarEntry> CalendarEntries => Set<CalendarEntry>();
    public DbSet<FlowTrigger> FlowTriggers => Set<FlowTrigger>();
    public DbSet<FlowInstance> FlowInstances => Set<FlowInstance>();
    public DbSet<FlowBookmark> FlowBookmarks => Set<FlowBookmark>();
    public DbSet<FlowCall> FlowCalls => Set<FlowCall>();
    public DbSet<FlowStep> FlowSteps => Set<FlowStep>();
    public DbSet<FlowTestRun> FlowTestRuns => Set<FlowTestRun>();
    public DbSet<HiddenRun> HiddenRuns => Set<HiddenRun>();
    public DbSet<Stimulus> Stimuli => Set<Stimulus>();
    public DbSet<User> Users => Set<User>();
    public DbSet<UserSession> UserSessions => Set<UserSession>();
    public DbSet<AccountLink> AccountLinks => Set<AccountLink>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<Setting> Settings => Set<Setting>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<PolicyVersion> PolicyVersions => Set<PolicyVersion>();
    public DbSet<CapExemption> CapExemptions => Set<CapExemption>();
    public DbSet<SlotHold> SlotHolds => Set<SlotHold>();
    public DbSet<MailPreference> MailPreferences => Set<MailPreference>();
    public DbSet<JourneyVersion> JourneyVersions => Set<JourneyVersion>();
    public DbSet<Connection> Connections => Set<Connection>();
    public DbSet<CompanyMark> CompanyMarks => Set<CompanyMark>();
    public DbSet<PurchaseCycle> PurchaseCycles => Set<PurchaseCycle>();
    public DbSet<CategoryCycle> CategoryCycles => Set<CategoryCycle>();
    public DbSet<AttemptInFlight> AttemptsInFlight => Set<AttemptInFlight>();

    /// <summary>How this database spells what SQL text alone cannot say portably.</summary>
    public abstract SqlDialect Dialect { get; }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(AutomationDb).Assembly);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(SnakeCase(property.Name));
    }

    private static string SnakeCase(string name)
    {
        var snake = new StringBuilder(name.Length + 8);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && snake.Length > 0) snake.Append('_');
            snake.Append(char.ToLowerInvariant(c));
        }
        return snake.ToString();
    }
}

using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys.Calls;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Journeys;

/// <summary>What every round works with.</summary>
internal sealed record FlowTools(FlowCatalogue Flows, WorkflowRunner Runner, TemplateCatalogue Templates, ITemplateRenderer Renderer, ILogger Logger);

/// <summary>
/// One transaction's work on the runs of some people, whom it holds: reads what concerns them at once, runs the bursts in
/// memory, and writes what came of it at once. Only what a step itself writes goes to the database in between.
/// </summary>
internal sealed partial class FlowRound
{
    private const int MostKey = 100;

    private readonly FlowTools tools;
    private readonly Guid[] people;
    private readonly Dictionary<Guid, List<FlowRun>> runs = [];
    private readonly Dictionary<Guid, MailModels> models = [];
    private readonly List<FlowStep> journal = [];
    private readonly List<MailRequest> mails = [];
    private readonly List<(Guid Instance, string Reason)> ended = [];
    private readonly List<(FlowInstance By, WorkflowRequest.Publish Event)> published = [];
    private readonly List<FlowCall> calls = [];
    private ILookup<(string Name, string Key), FlowTrigger> triggers = Enumerable.Empty<FlowTrigger>().ToLookup(_ => ("", ""));
    private ILookup<string, FlowTrigger> entered = Enumerable.Empty<FlowTrigger>().ToLookup(_ => "");
    private Dictionary<(Guid Contact, string Flow), Entries> entries = [];
    private FlowGates gates = null!;
    private ShopIdentity shop = ShopIdentity.Unnamed;
    private SendingPolicy policy = SendingPolicy.Shop;
    private bool modelsAsked;

    public FlowRound(FlowTools tools, AutomationDb db, IReadOnlyList<Occasion> occasions, DateTimeOffset now)
    {
        (this.tools, Db, Now, Occasions) = (tools, db, now, occasions);
        people = [.. occasions.Select(occasion => occasion.ContactId).Distinct()];
    }

    public AutomationDb Db { get; }
    public DateTimeOffset Now { get; }
    public IReadOnlyList<Occasion> Occasions { get; }
    public TemplateCatalogue Templates => tools.Templates;
    public ITemplateRenderer Renderer => tools.Renderer;
    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;

    /// <summary>Each burst is saved before the next begins, so that <see cref="Current"/> is the one that cannot go on.</summary>
    public bool OneByOne { get; init; }

    /// <summary>Flows that are not started: they were tried and cannot.</summary>
    public IReadOnlySet<string> NotStarted { get; init; } = new HashSet<string>();

    /// <summary>The run being worked on.</summary>
    public FlowRun? Current { get; private set; }

    /// <summary>A test run takes mails here; null: they go to the outbox.</summary>
    public Func<MailRequest, Task>? InsteadOfMail { get; init; }

    public async Task WorkAsync(CancellationToken cancellation)
    {
        if (Occasions.Count == 0) return;
        await LoadAsync(cancellation);
        foreach (var occasion in Occasions)
        {
            cancellation.ThrowIfCancellationRequested();
            await (occasion switch
            {
                Occasion.Happened happened => ApplyAsync(happened, cancellation),
                Occasion.WaitIsOver over => WakeAsync(over, cancellation),
                Occasion.MustEnd end => EndAsync(end, cancellation),
                _ => throw new InvalidOperationException($"No round knows {occasion.GetType().Name}."),
            });
        }
        await SaveAsync(cancellation);
        var worked = Occasions.OfType<Occasion.Happened>().Select(happened => new object?[] { happened.Id }).ToList();
        await Db.ExecuteManyAsync("DELETE FROM stimuli WHERE id = @p0", worked, cancellation);
    }

    /// <summary>What is the same for everybody: the sender and its rules.</summary>
    public async Task LoadShopAsync(CancellationToken cancellation)
    {
        (shop, policy) = (await Db.ShopAsync(cancellation), await Db.SendingPolicyAsync(cancellation));
        Zone = LocalTime.ZoneOr(shop.TimeZone, TimeZoneInfo.Utc);
    }

    /// <summary>Mail is asked for all at once when the round is saved: decisions are for sets.</summary>
    public async Task AskAsync(MailRequest request, CancellationToken cancellation)
    {
        if (InsteadOfMail is { } take)
        {
            await take(request);
            return;
        }
        // What a newer mail replaces must have been written.
        if (request.CollapseKey is not null && mails.Exists(one => one.Identity.ContactId == request.Identity.ContactId)) await AskForMailsAsync(cancellation);
        mails.Add(request);
    }

    public async Task<MailModels> ModelsAsync(Guid contactId, CancellationToken cancellation)
    {
        if (models.TryGetValue(contactId, out var known)) return known;
        // Whoever asks first is seldom the only one to ask.
        var asked = modelsAsked ? [contactId] : people;
        modelsAsked = true;
        var loaded = await MailModels.LoadAsync(Db, asked, shop, _ => true, cancellation);
        foreach (var id in asked) models[id] = loaded;
        return loaded;
    }

    /// <summary>What was known of the person holds no more.</summary>
    public void PersonChanged(Guid contactId) => models.Remove(contactId);

    private async Task LoadAsync(CancellationToken cancellation)
    {
        await LoadShopAsync(cancellation);
        foreach (var run in await FlowRows.LiveOfAsync(Db, people, cancellation)) RunsOf(run.Instance.ContactId).Add(run);
        var starting = await LoadTriggersAsync([.. Occasions.OfType<Occasion.Happened>()], cancellation);
        var live = runs.Values.SelectMany(some => some).Select(run => run.Instance.DefinitionId);
        gates = await FlowGates.LoadAsync(Db, [.. live.Concat(starting).Distinct(StringComparer.Ordinal)], starting, Now, cancellation);
    }

    /// <returns>The flows that may be entered.</returns>
    private async Task<string[]> LoadTriggersAsync(IReadOnlyList<Occasion.Happened> happened, CancellationToken cancellation)
    {
        if (happened.Count == 0) return [];
        var found = await FlowTriggers.ReadAsync(
            Db, $"{Db.Dialect.Among("name", "@p0")} AND {Db.Dialect.Among("key", "@p1")} ORDER BY definition_id", cancellation,
            happened.Select(one => one.Name).Distinct().ToArray(), happened.Select(one => one.Key).Distinct().ToArray());
        triggers = found.ToLookup(trigger => (trigger.Name, trigger.Key));
        string[] asked = [.. happened.Where(one => one.Name == Stimuli.Enter).Select(one => one.Key).Distinct()];
        entered = (asked.Length == 0 ? [] : await FlowEntryPoints.OfAsync(Db, asked, cancellation)).ToLookup(trigger => trigger.DefinitionId, StringComparer.Ordinal);
        string[] flows = [.. found.Select(trigger => trigger.DefinitionId).Concat(asked).Distinct(StringComparer.Ordinal)];
        if (flows.Length == 0) return [];
        var starters = happened.Where(one => triggers.Contains((one.Name, one.Key)) || one.Name == Stimuli.Enter).Select(one => one.ContactId).Distinct().ToArray();
        entries = await FlowRows.EntriesAsync(Db, starters, flows, cancellation);
        return flows;
    }

    private List<FlowRun> RunsOf(Guid contactId) => runs.TryGetValue(contactId, out var known) ? known : runs[contactId] = [];

    private List<FlowRun> LiveRunsOf(Guid contactId) => [.. RunsOf(contactId).Where(run => run.IsLive)];

    private async Task ApplyAsync(Occasion.Happened happened, CancellationToken cancellation)
    {
        switch (happened.Name)
        {
            case Stimuli.EventReceived:
                await EndByEventAsync(happened, cancellation);
                await WakeAsync(happened, cancellation);
                await StartAsync(happened, cancellation);
                break;
            case Stimuli.HandedBack or Stimuli.SegmentEntered or Stimuli.SegmentLeft or Stimuli.ScoreCrossed:
                await StartAsync(happened, cancellation);
                break;
            case Stimuli.Enter:
                await EnterAsync(happened, cancellation);
                break;
            case Stimuli.Wake:
                await WakeHeldAsync(happened, cancellation);
                break;
            case Stimuli.DatesChanged:
                await PlanAnewAsync(happened, cancellation);
                break;
            case Stimuli.EventPublished or Stimuli.RequestReceived:
                await WakeAsync(happened, cancellation);
                await StartAsync(happened, cancellation);
                break;
            case Stimuli.EventForWaiting or Stimuli.MailSettled or Stimuli.CallAnswered:
                await WakeAsync(happened, cancellation);
                break;
            case Stimuli.MustEnd:
                await EndAsync(happened, cancellation);
                break;
            default:
                throw new InvalidOperationException($"No flow knows the stimulus '{happened.Name}'.");
        }
    }

    private Task ResumeAsync(FlowRun run, LoadedFlow flow, string bookmarkId, IReadOnlyDictionary<string, object?>? input, CancellationToken cancellation) =>
        BurstAsync(run, flow, scope => tools.Runner.ResumeAsync(flow.Graph, run.State, bookmarkId, input, scope, cancellation), cancellation);

    private async Task BurstAsync(FlowRun run, LoadedFlow flow, Func<FlowScope, ValueTask<WorkflowResult>> burst, CancellationToken cancellation)
    {
        var scope = new FlowScope(this, run, flow.Settings);
        var result = await burst(scope);
        if (scope.EndReason is { } reason && result.State.Status is WorkflowStatus.Running)
        {
            result = tools.Runner.Cancel(flow.Graph, result.State) with { Journal = result.Journal };
            run.Instance.EndReason = reason;
        }
        foreach (var request in result.Requests)
        {
            if (request is WorkflowRequest.Publish publish) published.Add((run.Instance, publish));
            else if (request is WorkflowRequest.Call call) calls.Add(FlowCall.Of(run.Instance, call, Now));
            else throw new InvalidOperationException($"A person's flow cannot ask for {request.GetType().Name}.");
        }
        await TakeAsync(run, result, cancellation);
        Meters.Ran(run.Instance.Status.ToString());
    }

    private async Task TakeAsync(FlowRun run, WorkflowResult result, CancellationToken cancellation)
    {
        journal.AddRange(run.Take(result, Now));
        if (run.Instance.Status is FlowInstanceStatus.Faulted)
            tools.Logger.RunFaulted(run.Instance.Id, run.Instance.DefinitionVersionId, run.Incident?.ActivityId ?? "");
        // Its steps may have changed the person.
        PersonChanged(run.Instance.ContactId);
        if (!run.IsLive)
        {
            var place = (run.Instance.ContactId, run.Instance.DefinitionId);
            entries[place] = entries.GetValueOrDefault(place) with { LeftAt = Now };
        }
        if (OneByOne) await SaveAsync(cancellation);
    }

    private Task<LoadedFlow> FlowOfAsync(FlowRun run, CancellationToken cancellation) =>
        tools.Flows.LoadAsync(Db, run.Instance.DefinitionVersionId, cancellation);

    private async Task SaveAsync(CancellationToken cancellation)
    {
        await AskForMailsAsync(cancellation);
        foreach (var group in ended.GroupBy(one => one.Reason, one => one.Instance))
            await Outbox.CancelOfInstancesAsync(Db, [.. group], group.Key, Now, cancellation);
        ended.Clear();
        await FlowRows.SaveAsync(Db, [.. runs.Values.SelectMany(some => some).Where(run => run.IsChanged)], journal, cancellation);
        journal.Clear();
        await gates.SaveAsync(Db, Now, cancellation);
        foreach (var (by, request) in published) await PublishAsync(by, request, cancellation);
        published.Clear();
        await FlowCall.AddAsync(Db, calls, cancellation);
        calls.Clear();
    }

    private async Task PublishAsync(FlowInstance by, WorkflowRequest.Publish request, CancellationToken cancellation)
    {
        var data = PlainValue.ToJson(request.Payload);
        if (request.InstanceId is not null) await PublishedEvents.ToRunAsync(Db, by, request.EventName, data, Now, cancellation);
        else if (request.CorrelationId is { Length: > 0 } correlation)
        {
            // A run's correlation is its person.
            if (Guid.TryParse(correlation, out var person)) await PublishedEvents.ToPersonAsync(Db, person, request.EventName, data, Now, cancellation);
        }
        else
        {
            await PublishedEvents.ToPersonAsync(Db, by.ContactId, request.EventName, data, Now, cancellation);
            await PublishedEvents.ToAllWaitingAsync(Db, request.EventName, data, Now, cancellation, but: by.ContactId);
        }
    }

    private async Task AskForMailsAsync(CancellationToken cancellation)
    {
        if (mails.Count == 0) return;
        await Outbox.RequestAsync(Db, mails, policy, shop.TimeZone, Now, cancellation);
        mails.Clear();
    }
}

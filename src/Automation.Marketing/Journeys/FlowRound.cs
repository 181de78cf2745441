using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys.Activities;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Journeys.Dates;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Journeys;

/// <summary>What every round works with.</summary>
internal sealed record FlowTools(FlowCatalogue Flows, WorkflowRunner Runner, TemplateCatalogue Templates, ITemplateRenderer Renderer, ILogger Logger);

/// <summary>
/// One transaction's work on the runs of some people, whom it holds: reads what concerns them at once, runs the bursts in
/// memory, and writes what came of it at once. Only what a step itself writes goes to the database in between.
/// </summary>
internal sealed class FlowRound
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
            case Stimuli.EventPublished:
                await WakeAsync(happened, cancellation);
                await StartAsync(happened, cancellation);
                break;
            case Stimuli.EventForWaiting or Stimuli.MailSettled:
                await WakeAsync(happened, cancellation);
                break;
            case Stimuli.MustEnd:
                await EndAsync(happened, cancellation);
                break;
            default:
                throw new InvalidOperationException($"No flow knows the stimulus '{happened.Name}'.");
        }
    }

    // Goals and exits are asked on the event itself (brief §4.4).
    private async Task EndByEventAsync(Occasion.Happened happened, CancellationToken cancellation)
    {
        foreach (var run in LiveRunsOf(happened.ContactId))
        {
            Current = run;
            var flow = await FlowOfAsync(run, cancellation);
            if (await new FlowScope(this, run, flow.Settings).EndsByAsync(happened.Key, happened.Payload, cancellation) is { } reason) await EndAsync(run, reason, cancellation);
        }
        Current = null;
    }

    /// <param name="only">Wakes this run alone; null: every run that waits for it.</param>
    private async Task WakeAsync(Occasion.Happened happened, CancellationToken cancellation, Guid? only = null)
    {
        var name = WaitFor(happened.Name);
        foreach (var run in LiveRunsOf(happened.ContactId).Where(run => only is null || run.Instance.Id == only))
        {
            foreach (var wait in run.Waits.Where(wait => wait.Name == name && wait.Key == happened.Key).ToList())
            {
                Current = run;
                if (run.State.Bookmarks.Find(one => one.Id == wait.Id) is not { } bookmark) continue;
                var flow = await FlowOfAsync(run, cancellation);
                var concerns = name switch
                {
                    BookmarkKeys.WaitForEventName =>
                        await new FlowScope(this, run, flow.Settings).HoldsAsync(BookmarkKeys.Where(bookmark.Payload), happened.Payload, cancellation),
                    Event.StimulusName => PublishedEvents.IsFor(run.Instance, happened.Payload),
                    _ => true,
                };
                if (!concerns) continue;
                if (IsHeld(run)) gates.KeepWake(run.Instance, happened.Name, happened.Key, happened.Payload, Now);
                else await ResumeAsync(run, flow, bookmark.Id, InputOf(happened), cancellation);
            }
        }
        Current = null;
    }

    // The name of the bookmarks that a stimulus wakes.
    private static string WaitFor(string stimulus) => stimulus switch
    {
        Stimuli.EventReceived => BookmarkKeys.WaitForEventName,
        Stimuli.EventPublished or Stimuli.EventForWaiting => Event.StimulusName,
        _ => stimulus,
    };

    private static IReadOnlyDictionary<string, object?> InputOf(Occasion.Happened happened) => happened.Name switch
    {
        Stimuli.EventReceived => new Dictionary<string, object?>(StringComparer.Ordinal) { [WaitForEvent.EventInput] = happened.Payload },
        Stimuli.EventPublished or Stimuli.EventForWaiting => Event.InputOf(PlainValue.FromJson(JsonNode.Parse(happened.Payload)?["data"])),
        _ => JsonNode.Parse(happened.Payload)!.AsObject().ToDictionary(pair => pair.Key, pair => (object?)pair.Value?.GetValue<string>(), StringComparer.Ordinal),
    };

    private async Task WakeAsync(Occasion.WaitIsOver over, CancellationToken cancellation)
    {
        if (LiveRunsOf(over.ContactId).Find(run => run.Instance.Id == over.InstanceId) is not { } run) return;
        Current = run;
        if (IsHeld(run)) gates.SetAside(over.InstanceId, over.BookmarkId);
        else if (run.State.Bookmarks.Exists(bookmark => bookmark.Id == over.BookmarkId))
            await ResumeAsync(run, await FlowOfAsync(run, cancellation), over.BookmarkId, input: null, cancellation);
        else
            // Another step of the same round has ended the wait.
            await Db.ExecuteAsync("DELETE FROM flow_bookmarks WHERE instance_id = @p0 AND id = @p1", cancellation, over.InstanceId, over.BookmarkId);
        Current = null;
    }

    private bool IsHeld(FlowRun run) => run.Instance.PausedAt is not null || gates.IsPaused(run.Instance.DefinitionId);

    private async Task WakeHeldAsync(Occasion.Happened released, CancellationToken cancellation)
    {
        var kept = JsonNode.Parse(released.Payload)!.AsObject();
        var happened = released with { Name = (string)kept["name"]!, Key = (string)kept["key"]!, Payload = (string)kept["payload"]! };
        await WakeAsync(happened, cancellation, Guid.ParseExact(released.Key, "N"));
    }

    private async Task StartAsync(Occasion.Happened happened, CancellationToken cancellation)
    {
        foreach (var trigger in triggers[(happened.Name, happened.Key)])
        {
            if (trigger.Name == Stimuli.ScoreCrossed && !FlowEntryPoints.IsCrossed(trigger, happened.Payload)) continue;
            await TryEnterAsync(trigger, happened, asked: null, cancellation);
        }
        Current = null;
    }

    // One flow alone is entered: what was kept is let in, a date or a day of the calendar has come, or somebody asked for it.
    private async Task EnterAsync(Occasion.Happened asked, CancellationToken cancellation)
    {
        var entry = FlowEntry.Of(asked.Payload);
        var ways = entered[asked.Key].ToList();
        // A trigger that was drawn away meanwhile starts nothing any more.
        if ((entry.ActivityId is null ? ways.FirstOrDefault() : ways.Find(trigger => trigger.ActivityId == entry.ActivityId)) is { } way)
            await TryEnterAsync(way, asked with { Name = entry.Name, Payload = entry.Happened }, entry, cancellation);
        Current = null;
    }

    /// <param name="asked">The trigger's condition was met before; null: it is to be asked.</param>
    private async Task TryEnterAsync(FlowTrigger trigger, Occasion.Happened happened, FlowEntry? asked, CancellationToken cancellation)
    {
        if (NotStarted.Contains(trigger.DefinitionId)) return;
        Current = new FlowRun(NewInstance(trigger, happened, entry: 0, key: ""), isNew: true);
        var flow = await tools.Flows.LoadAsync(Db, trigger.DefinitionVersionId, cancellation);
        var scope = new FlowScope(this, Current, flow.Settings);
        if (asked is null && !await scope.HoldsAsync(BookmarkKeys.Where(JsonNode.Parse(trigger.Payload)), happened.Payload, cancellation)) return;
        var key = flow.Settings is { Reentry: Reentry.PerKey, Key: { } expression }
            ? Convert.ToString(await scope.EvaluateAsync(expression, cancellation), CultureInfo.InvariantCulture) ?? ""
            : "";
        if (key.Length > MostKey) key = key[..MostKey];
        if (!MayEnter(flow, happened.ContactId, trigger.DefinitionId, key)) return;
        var released = asked is { Released: true };
        if (!gates.LetsIn(trigger.DefinitionId, flow.Settings, released))
        {
            gates.KeepEntry(trigger, happened, Now);
            return;
        }
        var entry = await EntryAsync(flow, happened.ContactId, trigger.DefinitionId, key, cancellation);
        gates.Entered(trigger.DefinitionId, released);
        var start = new WorkflowStart
        {
            InstanceId = "",
            CorrelationId = happened.ContactId.ToString(),
            TriggerActivityId = trigger.ActivityId.Length > 0 ? trigger.ActivityId : null,
            Input = happened.Name == Stimuli.EventPublished ? InputOf(happened) : null,
        };
        await EnterAsync(flow, NewInstance(trigger, happened, entry, key), start, cancellation);
    }

    // What hangs on dates of the person, or on days of the calendar, is due at other instants now.
    private async Task PlanAnewAsync(Occasion.Happened changed, CancellationToken cancellation)
    {
        PersonChanged(changed.ContactId);
        foreach (var run in LiveRunsOf(changed.ContactId))
        {
            if (!run.Waits.Any(DatedWaits.IsOne)) continue;
            Current = run;
            var flow = await FlowOfAsync(run, cancellation);
            if (await DatedWaits.PlanAnewAsync(run.State, new FlowScope(this, run, flow.Settings), cancellation))
                await TakeAsync(run, new WorkflowResult(run.State, [], []), cancellation);
        }
        Current = null;
        await DatePlans.PlanAnewAsync(Db, changed.ContactId, Zone, Now, cancellation);
    }

    private FlowInstance NewInstance(FlowTrigger trigger, Occasion.Happened happened, int entry, string key) => new()
    {
        Id = Guid.CreateVersion7(Now),
        DefinitionId = trigger.DefinitionId,
        DefinitionVersionId = trigger.DefinitionVersionId,
        ContactId = happened.ContactId,
        Entry = entry,
        EntryKey = key,
        Event = happened.Payload,
        StartedAt = Now,
        UpdatedAt = Now,
    };

    private bool MayEnter(LoadedFlow flow, Guid contactId, string definitionId, string key)
    {
        var before = entries.GetValueOrDefault((contactId, definitionId));
        return flow.Settings.Reentry switch
        {
            Reentry.Once => before.Last == 0,
            Reentry.AfterExit => !LiveInFlow(flow, contactId, definitionId, key).Any() && !(before.LeftAt > Now - flow.Settings.CoolDown),
            Reentry.PerKey => !LiveInFlow(flow, contactId, definitionId, key).Any(),
            _ => true,
        };
    }

    // The number of the entry; where the rule says so, the live run gives way to it.
    private async Task<int> EntryAsync(LoadedFlow flow, Guid contactId, string definitionId, string key, CancellationToken cancellation)
    {
        if (flow.Settings.Reentry is Reentry.Restart)
        {
            foreach (var run in LiveInFlow(flow, contactId, definitionId, key).ToList()) await EndAsync(run, ExitReasons.Restarted, cancellation);
        }
        return entries.GetValueOrDefault((contactId, definitionId)).Last + 1;
    }

    private IEnumerable<FlowRun> LiveInFlow(LoadedFlow flow, Guid contactId, string definitionId, string key) => LiveRunsOf(contactId).Where(run =>
        run.Instance.DefinitionId == definitionId && (flow.Settings.Reentry is not Reentry.PerKey || run.Instance.EntryKey == key));

    private async Task EnterAsync(LoadedFlow flow, FlowInstance instance, WorkflowStart start, CancellationToken cancellation)
    {
        var run = new FlowRun(instance, isNew: true);
        RunsOf(instance.ContactId).Add(run);
        var place = (instance.ContactId, instance.DefinitionId);
        entries[place] = entries.GetValueOrDefault(place) with { Last = instance.Entry };
        Current = run;
        await BurstAsync(run, flow, scope => tools.Runner.StartAsync(flow.Graph, start with { InstanceId = instance.Id.ToString("N") }, scope, cancellation), cancellation);
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
            published.Add((run.Instance, request as WorkflowRequest.Publish
                ?? throw new InvalidOperationException($"A person's flow cannot ask for {request.GetType().Name}.")));
        }
        await TakeAsync(run, result, cancellation);
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

    private async Task EndAsync(Occasion.Happened happened, CancellationToken cancellation)
    {
        var said = JsonNode.Parse(happened.Payload);
        var eventId = (string?)said?["event_id"];
        var except = (string?)said?["except"];
        foreach (var run in LiveRunsOf(happened.ContactId))
        {
            Current = run;
            var flow = await FlowOfAsync(run, cancellation);
            var concerned = eventId is null ? IsEndedBy(happened.Key, flow.Settings) : (string?)JsonNode.Parse(run.Instance.Event)?["id"] == eventId;
            if (concerned && !(Guid.TryParse(except, out var spared) && spared == run.Instance.Id)) await EndAsync(run, happened.Key, cancellation);
        }
        Current = null;
    }

    // Who is gone is out of every flow; while sales works on a person only selling stops; otherwise what is not marketing goes on.
    private static bool IsEndedBy(string reason, FlowSettings settings) => reason switch
    {
        ExitReasons.Merged or ExitReasons.Erased => true,
        ExitReasons.SalesOwned => settings.Selling,
        _ => settings.Marketing,
    };

    private async Task EndAsync(Occasion.MustEnd end, CancellationToken cancellation)
    {
        if (LiveRunsOf(end.ContactId).Find(run => run.Instance.Id == end.InstanceId) is not { } run) return;
        try
        {
            _ = run.State;
        }
        catch (FormatException)
        {
            // Nobody can go on with it; it can still be ended.
            await FlowRows.EndUnreadAsync(Db, end.InstanceId, end.Reason, Now, cancellation);
            return;
        }
        await EndAsync(run, end.Reason, cancellation);
        Current = null;
    }

    private async Task EndAsync(FlowRun run, string reason, CancellationToken cancellation)
    {
        Current = run;
        var flow = await FlowOfAsync(run, cancellation);
        run.Instance.EndReason = reason;
        ended.Add((run.Instance.Id, reason));
        await TakeAsync(run, tools.Runner.Cancel(flow.Graph, run.State), cancellation);
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

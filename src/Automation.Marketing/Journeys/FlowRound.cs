using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys.Activities;
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
internal sealed class FlowRound
{
    private const int MostKey = 100;

    private readonly FlowTools tools;
    private readonly Guid[] people;
    private readonly Dictionary<Guid, List<FlowRun>> runs = [];
    private readonly Dictionary<Guid, MailModels> models = [];
    private readonly List<MailRequest> mails = [];
    private readonly List<(Guid Instance, string Reason)> ended = [];
    private ILookup<(string Name, string Key), FlowTrigger> triggers = Enumerable.Empty<FlowTrigger>().ToLookup(_ => ("", ""));
    private Dictionary<(Guid Contact, string Flow), Entries> entries = [];
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
        await LoadAsync(cancellation);
        foreach (var occasion in Occasions)
        {
            cancellation.ThrowIfCancellationRequested();
            await (occasion switch
            {
                Occasion.Happened happened => ApplyAsync(happened, cancellation),
                Occasion.WaitIsOver over => WakeAsync(over, cancellation),
                _ => throw new InvalidOperationException($"No round knows {occasion.GetType().Name}."),
            });
        }
        await SaveAsync(cancellation);
        var worked = Occasions.OfType<Occasion.Happened>().Select(happened => new object?[] { happened.Id }).ToList();
        await Db.ExecuteManyAsync("DELETE FROM stimuli WHERE id = @p0", worked, cancellation);
    }

    /// <summary>Ends a run where it stands.</summary>
    /// <returns>False when it is not live.</returns>
    public async Task<bool> StopAsync(Guid instanceId, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        if (runs.Values.SelectMany(some => some).FirstOrDefault(run => run.IsLive && run.Instance.Id == instanceId) is not { } run) return false;
        await EndAsync(run, ExitReasons.Stopped, cancellation);
        await SaveAsync(cancellation);
        return true;
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
        var over = Occasions.OfType<Occasion.WaitIsOver>().Select(one => one.InstanceId).Distinct().ToArray();
        foreach (var run in over.Length > 0 ? await FlowRows.LiveAsync(Db, over, cancellation) : await FlowRows.LiveOfAsync(Db, people, cancellation))
            RunsOf(run.Instance.ContactId).Add(run);
        await LoadTriggersAsync([.. Occasions.OfType<Occasion.Happened>()], cancellation);
    }

    private async Task LoadTriggersAsync(IReadOnlyList<Occasion.Happened> happened, CancellationToken cancellation)
    {
        if (happened.Count == 0) return;
        var found = await Db.QueryAsync(
            $"""
            SELECT definition_version_id, definition_id, activity_id, name, key, payload FROM flow_triggers
            WHERE {Db.Dialect.Among("name", "@p0")} AND {Db.Dialect.Among("key", "@p1")} ORDER BY definition_id
            """,
            row => new FlowTrigger { DefinitionVersionId = row.Text(0), DefinitionId = row.Text(1), ActivityId = row.Text(2), Name = row.Text(3), Key = row.Text(4), Payload = row.Text(5) },
            cancellation, happened.Select(one => one.Name).Distinct().ToArray(), happened.Select(one => one.Key).Distinct().ToArray());
        if (found.Count == 0) return;
        triggers = found.ToLookup(trigger => (trigger.Name, trigger.Key));
        var starters = happened.Where(one => triggers.Contains((one.Name, one.Key))).Select(one => one.ContactId).Distinct().ToArray();
        entries = await FlowRows.EntriesAsync(Db, starters, [.. found.Select(trigger => trigger.DefinitionId).Distinct()], cancellation);
    }

    private List<FlowRun> RunsOf(Guid contactId) => runs.TryGetValue(contactId, out var known) ? known : runs[contactId] = [];

    private List<FlowRun> LiveRunsOf(Guid contactId) => [.. RunsOf(contactId).Where(run => run.IsLive)];

    private async Task ApplyAsync(Occasion.Happened happened, CancellationToken cancellation)
    {
        switch (happened.Name)
        {
            case Stimuli.EventReceived:
                await EndByEventAsync(happened, cancellation);
                await WakeAsync(happened, BookmarkKeys.WaitForEventName, cancellation);
                await StartAsync(happened, cancellation);
                break;
            case Stimuli.HandedBack:
                await StartAsync(happened, cancellation);
                break;
            case Stimuli.MailSettled:
                await WakeAsync(happened, Stimuli.MailSettled, cancellation);
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
            if (flow.Settings.Goal?.Event != happened.Key && !flow.Settings.Exits.Any(exit => exit.Event == happened.Key)) continue;
            var scope = new FlowScope(this, run, flow.Settings);
            if (await MeetsAsync(scope, flow.Settings.Goal, happened, cancellation)) await EndAsync(run, "goal", cancellation);
            else
            {
                foreach (var exit in flow.Settings.Exits)
                {
                    if (!await MeetsAsync(scope, exit, happened, cancellation)) continue;
                    await EndAsync(run, "exit-rule", cancellation);
                    break;
                }
            }
        }
        Current = null;
    }

    private static async Task<bool> MeetsAsync(FlowScope scope, FlowEvent? wanted, Occasion.Happened happened, CancellationToken cancellation) =>
        wanted is not null && wanted.Event == happened.Key && await scope.HoldsAsync(wanted.Where, happened.Payload, cancellation);

    private async Task WakeAsync(Occasion.Happened happened, string name, CancellationToken cancellation)
    {
        foreach (var run in LiveRunsOf(happened.ContactId))
        {
            foreach (var wait in run.Waits.Where(wait => wait.Name == name && wait.Key == happened.Key).ToList())
            {
                Current = run;
                if (run.State.Bookmarks.Find(one => one.Id == wait.Id) is not { } bookmark) continue;
                var flow = await FlowOfAsync(run, cancellation);
                if (name == BookmarkKeys.WaitForEventName
                    && !await new FlowScope(this, run, flow.Settings).HoldsAsync(BookmarkKeys.Where(bookmark.Payload), happened.Payload, cancellation)) continue;
                await ResumeAsync(run, flow, bookmark.Id, InputOf(name, happened.Payload), cancellation);
            }
        }
        Current = null;
    }

    private static Dictionary<string, object?> InputOf(string name, string payload) =>
        name == BookmarkKeys.WaitForEventName
            ? new Dictionary<string, object?>(StringComparer.Ordinal) { [WaitForEvent.EventInput] = payload }
            : JsonNode.Parse(payload)!.AsObject().ToDictionary(pair => pair.Key, pair => (object?)pair.Value?.GetValue<string>(), StringComparer.Ordinal);

    private async Task WakeAsync(Occasion.WaitIsOver over, CancellationToken cancellation)
    {
        if (LiveRunsOf(over.ContactId).Find(run => run.Instance.Id == over.InstanceId) is not { } run) return;
        Current = run;
        if (run.State.Bookmarks.Exists(bookmark => bookmark.Id == over.BookmarkId))
            await ResumeAsync(run, await FlowOfAsync(run, cancellation), over.BookmarkId, input: null, cancellation);
        else
            // Another step of the same round has ended the wait.
            await Db.ExecuteAsync("DELETE FROM flow_bookmarks WHERE instance_id = @p0 AND id = @p1", cancellation, over.InstanceId, over.BookmarkId);
        Current = null;
    }

    private async Task StartAsync(Occasion.Happened happened, CancellationToken cancellation)
    {
        foreach (var trigger in triggers[(happened.Name, happened.Key)])
        {
            if (NotStarted.Contains(trigger.DefinitionId)) continue;
            Current = new FlowRun(NewInstance(trigger, happened, entry: 0, key: ""), isNew: true);
            var flow = await tools.Flows.LoadAsync(Db, trigger.DefinitionVersionId, cancellation);
            var scope = new FlowScope(this, Current, flow.Settings);
            if (!await scope.HoldsAsync(BookmarkKeys.Where(JsonNode.Parse(trigger.Payload)), happened.Payload, cancellation)) continue;
            var key = flow.Settings is { Reentry: Reentry.PerKey, Key: { } expression }
                ? Convert.ToString(await scope.EvaluateAsync(expression, cancellation), CultureInfo.InvariantCulture) ?? ""
                : "";
            if (key.Length > MostKey) key = key[..MostKey];
            if (await EntryAsync(flow, happened.ContactId, trigger.DefinitionId, key, cancellation) is not { } entry) continue;
            await EnterAsync(flow, NewInstance(trigger, happened, entry, key), trigger.ActivityId, cancellation);
        }
        Current = null;
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

    // The number of the entry, or null when the flow's re-entry rule says no.
    private async Task<int?> EntryAsync(LoadedFlow flow, Guid contactId, string definitionId, string key, CancellationToken cancellation)
    {
        var before = entries.GetValueOrDefault((contactId, definitionId));
        var live = LiveRunsOf(contactId).Where(run =>
            run.Instance.DefinitionId == definitionId && (flow.Settings.Reentry is not Reentry.PerKey || run.Instance.EntryKey == key)).ToList();
        var may = flow.Settings.Reentry switch
        {
            Reentry.Once => before.Last == 0,
            Reentry.AfterExit => live.Count == 0 && !(before.LeftAt > Now - flow.Settings.CoolDown),
            Reentry.PerKey => live.Count == 0,
            _ => true,
        };
        if (!may) return null;
        if (flow.Settings.Reentry is Reentry.Restart)
        {
            foreach (var run in live) await EndAsync(run, "restarted", cancellation);
        }
        return before.Last + 1;
    }

    private async Task EnterAsync(LoadedFlow flow, FlowInstance instance, string triggerActivityId, CancellationToken cancellation)
    {
        var run = new FlowRun(instance, isNew: true);
        RunsOf(instance.ContactId).Add(run);
        var place = (instance.ContactId, instance.DefinitionId);
        entries[place] = entries.GetValueOrDefault(place) with { Last = instance.Entry };
        var start = new WorkflowStart { InstanceId = instance.Id.ToString("N"), CorrelationId = instance.ContactId.ToString(), TriggerActivityId = triggerActivityId };
        Current = run;
        await BurstAsync(run, flow, scope => tools.Runner.StartAsync(flow.Graph, start, scope, cancellation), cancellation);
    }

    private Task ResumeAsync(FlowRun run, LoadedFlow flow, string bookmarkId, Dictionary<string, object?>? input, CancellationToken cancellation) =>
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
        await TakeAsync(run, result, cancellation);
    }

    private async Task TakeAsync(FlowRun run, WorkflowResult result, CancellationToken cancellation)
    {
        run.Take(result, Now);
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
        var eventId = JsonNode.Parse(happened.Payload)?["event_id"]?.GetValue<string>();
        foreach (var run in LiveRunsOf(happened.ContactId))
        {
            Current = run;
            var flow = await FlowOfAsync(run, cancellation);
            var concerned = eventId is null ? flow.Settings.Marketing : JsonNode.Parse(run.Instance.Event)?["id"]?.GetValue<string>() == eventId;
            if (concerned) await EndAsync(run, happened.Key, cancellation);
        }
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
        await FlowRows.SaveAsync(Db, [.. runs.Values.SelectMany(some => some).Where(run => run.IsChanged)], cancellation);
    }

    private async Task AskForMailsAsync(CancellationToken cancellation)
    {
        if (mails.Count == 0) return;
        await Outbox.RequestAsync(Db, mails, policy, shop.TimeZone, Now, cancellation);
        mails.Clear();
    }
}

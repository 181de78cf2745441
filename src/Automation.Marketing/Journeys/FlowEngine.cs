using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys.Activities;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Journeys;

/// <summary>
/// Runs flows on what happens: each stimulus and each wait that is over is worked off in one transaction, in which the
/// run's new state, its bookmarks, its journal and all that its steps ask for commit together.
/// </summary>
public sealed class FlowEngine(
    IDbContextFactory<AutomationDb> dbs, FlowCatalogue flows, WorkflowRunner runner, TemplateCatalogue templates, ITemplateRenderer renderer,
    TimeProvider clock, ILogger<FlowEngine> logger)
{
    private const int AtATime = 50;
    private const int MostFailures = 5;

    /// <summary>Works off what has happened, in order, then waits that are over.</summary>
    /// <returns>How much was done; 0 when nothing is due.</returns>
    public async Task<int> WorkAsync(CancellationToken stopping)
    {
        var done = 0;
        for (; done < AtATime && await TakeStimulusAsync(stopping); done++) { }
        return done > 0 ? done : await WakeDueAsync(stopping);
    }

    /// <summary>Ends one person's run where it stands, because somebody said so.</summary>
    /// <returns>False when there is no such run, or it has ended already.</returns>
    public async Task<bool> StopAsync(Guid instanceId, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var person = await db.FlowInstances.AsNoTracking().Where(instance => instance.Id == instanceId).Select(instance => instance.ContactId).SingleOrDefaultAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldAsync("contacts", [person], cancellation);
        if (await LoadAsync(db, instanceId, cancellation) is not { } instance) return false;
        await CancelAsync(await BurstAsync(db, cancellation), instance, await flows.LoadAsync(db, instance.DefinitionVersionId, cancellation), "stopped", cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private async Task<bool> TakeStimulusAsync(CancellationToken stopping)
    {
        await using var db = await dbs.CreateDbContextAsync(stopping);
        var failed = 0L;
        try
        {
            await using var transaction = await db.BeginWriteAsync(stopping);
            var next = await db.QueryAsync(
                $"SELECT id, name, key, contact_id, payload FROM stimuli WHERE failures < {MostFailures} ORDER BY failures, id LIMIT 1{db.Dialect.SkipLocked}",
                row => new Taken(row.Long(0), row.Text(1), row.Text(2), row.Guid(3), row.Text(4)), stopping);
            if (next.Count == 0) return false;
            failed = next[0].Id;
            await db.HoldAsync("contacts", [next[0].ContactId], stopping);
            await ApplyAsync(await BurstAsync(db, stopping), next[0], stopping);
            await db.ExecuteAsync("DELETE FROM stimuli WHERE id = @p0", stopping, next[0].Id);
            await transaction.CommitAsync(stopping);
        }
        catch (Exception problem) when (failed != 0 && problem is not OperationCanceledException)
        {
            // One stimulus that cannot be worked off must not stop the others.
            logger.StimulusFailed(problem, failed);
            await using var other = await dbs.CreateDbContextAsync(CancellationToken.None);
            await other.ExecuteAsync("UPDATE stimuli SET failures = failures + 1 WHERE id = @p0", CancellationToken.None, failed);
        }
        return true;
    }

    private async Task ApplyAsync(Burst burst, Taken stimulus, CancellationToken cancellation)
    {
        switch (stimulus.Name)
        {
            case Stimuli.EventReceived:
                await EndByEventAsync(burst, stimulus, cancellation);
                await WakeAsync(burst, stimulus, BookmarkKeys.WaitForEventName, cancellation);
                await StartAsync(burst, stimulus, cancellation);
                break;
            case Stimuli.HandedBack:
                await StartAsync(burst, stimulus, cancellation);
                break;
            case Stimuli.MailSettled:
                await WakeAsync(burst, stimulus, Stimuli.MailSettled, cancellation);
                break;
            case Stimuli.MustEnd:
                await EndAsync(burst, stimulus, cancellation);
                break;
            default:
                throw new InvalidOperationException($"No flow knows the stimulus '{stimulus.Name}'.");
        }
    }

    // Goals and exits are asked on the event itself (brief §4.4).
    private async Task EndByEventAsync(Burst burst, Taken stimulus, CancellationToken cancellation)
    {
        foreach (var instance in await RunningAsync(burst.Db, stimulus.ContactId, cancellation))
        {
            var flow = await flows.LoadAsync(burst.Db, instance.DefinitionVersionId, cancellation);
            var scope = burst.ScopeOf(instance, flow.Settings);
            if (await MeetsAsync(scope, flow.Settings.Goal, stimulus, cancellation)) await CancelAsync(burst, instance, flow, "goal", cancellation);
            else
            {
                foreach (var exit in flow.Settings.Exits)
                {
                    if (!await MeetsAsync(scope, exit, stimulus, cancellation)) continue;
                    await CancelAsync(burst, instance, flow, "exit-rule", cancellation);
                    break;
                }
            }
        }
    }

    private static async Task<bool> MeetsAsync(FlowScope scope, FlowEvent? wanted, Taken stimulus, CancellationToken cancellation) =>
        wanted is not null && wanted.Event == stimulus.Key && await scope.HoldsAsync(wanted.Where, stimulus.Payload, cancellation);

    private async Task WakeAsync(Burst burst, Taken stimulus, string name, CancellationToken cancellation)
    {
        var waiting = await burst.Db.FlowBookmarks.AsNoTracking()
            .Where(bookmark => bookmark.ContactId == stimulus.ContactId && bookmark.Name == name && bookmark.Key == stimulus.Key).ToListAsync(cancellation);
        foreach (var bookmark in waiting)
        {
            if (await LoadAsync(burst.Db, bookmark.InstanceId, cancellation) is not { } instance) continue;
            var flow = await flows.LoadAsync(burst.Db, instance.DefinitionVersionId, cancellation);
            var scope = burst.ScopeOf(instance, flow.Settings);
            if (await StateAsync(burst, instance, cancellation) is not { } state || state.Bookmarks.Find(one => one.Id == bookmark.Id) is not { } held) continue;
            if (name == BookmarkKeys.WaitForEventName && !await scope.HoldsAsync(BookmarkKeys.Where(held.Payload), stimulus.Payload, cancellation)) continue;
            await ResumeAsync(burst, scope, flow, state, bookmark.Id, InputOf(name, stimulus.Payload), cancellation);
        }
    }

    private static Dictionary<string, object?> InputOf(string name, string payload) =>
        name == BookmarkKeys.WaitForEventName
            ? new Dictionary<string, object?>(StringComparer.Ordinal) { [WaitForEvent.EventInput] = payload }
            : JsonNode.Parse(payload)!.AsObject().ToDictionary(pair => pair.Key, pair => (object?)pair.Value?.GetValue<string>(), StringComparer.Ordinal);

    private async Task StartAsync(Burst burst, Taken stimulus, CancellationToken cancellation)
    {
        var triggers = await burst.Db.FlowTriggers.AsNoTracking()
            .Where(trigger => trigger.Name == stimulus.Name && trigger.Key == stimulus.Key).OrderBy(trigger => trigger.DefinitionId).ToListAsync(cancellation);
        foreach (var trigger in triggers)
        {
            var flow = await flows.LoadAsync(burst.Db, trigger.DefinitionVersionId, cancellation);
            var instance = NewInstance(burst, trigger, stimulus, entry: 0, key: "");
            var scope = burst.ScopeOf(instance, flow.Settings);
            if (!await scope.HoldsAsync(BookmarkKeys.Where(JsonNode.Parse(trigger.Payload)), stimulus.Payload, cancellation)) continue;
            var key = flow.Settings is { Reentry: Reentry.PerKey, Key: { } expression }
                ? Convert.ToString(await scope.EvaluateAsync(expression, cancellation), System.Globalization.CultureInfo.InvariantCulture) ?? ""
                : "";
            if (await EntryAsync(burst, flow, stimulus.ContactId, key.Length > 100 ? key[..100] : key, cancellation) is not { } entry) continue;
            await EnterAsync(burst, flow, NewInstance(burst, trigger, stimulus, entry, key.Length > 100 ? key[..100] : key), trigger.ActivityId, cancellation);
        }
    }

    private static FlowInstance NewInstance(Burst burst, FlowTrigger trigger, Taken stimulus, int entry, string key) => new()
    {
        Id = Guid.CreateVersion7(burst.Now),
        DefinitionId = trigger.DefinitionId,
        DefinitionVersionId = trigger.DefinitionVersionId,
        ContactId = stimulus.ContactId,
        Entry = entry,
        EntryKey = key,
        Event = stimulus.Payload,
        StartedAt = burst.Now,
        UpdatedAt = burst.Now,
    };

    // The number of the entry, or null when the flow's re-entry rule says no.
    private async Task<int?> EntryAsync(Burst burst, LoadedFlow flow, Guid contactId, string key, CancellationToken cancellation)
    {
        var id = flow.Graph.Definition.DefinitionId;
        var before = await burst.Db.FlowInstances.AsNoTracking().Where(instance => instance.ContactId == contactId && instance.DefinitionId == id)
            .Select(instance => new { instance.Id, instance.Entry, instance.EntryKey, instance.Status, instance.FinishedAt }).ToListAsync(cancellation);
        var entry = before.Select(instance => instance.Entry).DefaultIfEmpty().Max() + 1;
        var live = before.Where(instance => instance.Status is FlowInstanceStatus.Running && (flow.Settings.Reentry is not Reentry.PerKey || instance.EntryKey == key)).ToList();
        switch (flow.Settings.Reentry)
        {
            case Reentry.Once:
                return before.Count == 0 ? entry : null;
            case Reentry.AfterExit:
                return live.Count == 0 && !before.Any(instance => instance.FinishedAt > burst.Now - flow.Settings.CoolDown) ? entry : null;
            case Reentry.PerKey:
                return live.Count == 0 ? entry : null;
            default:
                foreach (var running in live)
                {
                    if (await LoadAsync(burst.Db, running.Id, cancellation) is not { } instance) continue;
                    await CancelAsync(burst, instance, await flows.LoadAsync(burst.Db, instance.DefinitionVersionId, cancellation), "restarted", cancellation);
                }
                return entry;
        }
    }

    private async Task EnterAsync(Burst burst, LoadedFlow flow, FlowInstance instance, string triggerActivityId, CancellationToken cancellation)
    {
        burst.Db.FlowInstances.Add(instance);
        await burst.Db.SaveChangesAsync(cancellation);
        var scope = burst.ScopeOf(instance, flow.Settings);
        var result = await runner.StartAsync(
            flow.Graph,
            new WorkflowStart { InstanceId = instance.Id.ToString("N"), CorrelationId = instance.ContactId.ToString(), TriggerActivityId = triggerActivityId },
            scope, cancellation);
        await SaveAsync(burst, scope, flow, result, cancellation);
    }

    private async Task ResumeAsync(
        Burst burst, FlowScope scope, LoadedFlow flow, WorkflowState state, string bookmarkId, Dictionary<string, object?>? input, CancellationToken cancellation) =>
        await SaveAsync(burst, scope, flow, await runner.ResumeAsync(flow.Graph, state, bookmarkId, input, scope, cancellation), cancellation);

    private async Task SaveAsync(Burst burst, FlowScope scope, LoadedFlow flow, WorkflowResult result, CancellationToken cancellation)
    {
        if (scope.EndReason is { } reason && result.State.Status is WorkflowStatus.Running)
        {
            result = runner.Cancel(flow.Graph, result.State) with { Journal = result.Journal };
            scope.Instance.EndReason = reason;
        }
        var (instance, state) = (scope.Instance, result.State);
        instance.State = state.ToJson();
        instance.Revision++;
        instance.UpdatedAt = burst.Now;
        instance.Status = state.Status is WorkflowStatus.Running && state.Bookmarks.Count > 0
            ? FlowInstanceStatus.Running
            : state.SubStatus switch
            {
                WorkflowSubStatus.Faulted => FlowInstanceStatus.Faulted,
                WorkflowSubStatus.Cancelled => FlowInstanceStatus.Cancelled,
                // Nothing can wake it any more: with an incident that is a fault, not an end.
                _ => state.Incidents.Count > 0 ? FlowInstanceStatus.Faulted : FlowInstanceStatus.Finished,
            };
        if (instance.Status is FlowInstanceStatus.Faulted)
        {
            instance.EndReason = "fault";
            logger.RunFaulted(instance.Id, instance.DefinitionVersionId, state.Incidents.Count > 0 ? state.Incidents[^1].ActivityId : "");
        }
        if (instance.Status is not FlowInstanceStatus.Running) instance.FinishedAt = burst.Now;
        await burst.Db.SaveChangesAsync(cancellation);
        await SaveBookmarksAsync(burst.Db, instance, state, cancellation);
        await SaveStepsAsync(burst.Db, instance, result, cancellation);
    }

    private static async Task SaveBookmarksAsync(AutomationDb db, FlowInstance instance, WorkflowState state, CancellationToken cancellation)
    {
        await db.ExecuteAsync("DELETE FROM flow_bookmarks WHERE instance_id = @p0", cancellation, instance.Id);
        if (instance.Status is not FlowInstanceStatus.Running) return;
        await db.InsertManyAsync(
            "flow_bookmarks", ["id", "instance_id", "contact_id", "name", "key", "node_id", "due_at"],
            [.. state.Bookmarks.Select(bookmark => new object?[]
            {
                bookmark.Id, instance.Id, instance.ContactId, bookmark.Name,
                BookmarkKeys.Of(bookmark.Name, bookmark.Payload, bookmark.Hash).FirstOrDefault() ?? bookmark.Hash, bookmark.ActivityNodeId, bookmark.DueAt,
            })],
            "", cancellation);
    }

    private static Task<int> SaveStepsAsync(AutomationDb db, FlowInstance instance, WorkflowResult result, CancellationToken cancellation)
    {
        var told = result.Journal.Where(entry => entry.EventName is "Completed" or "Faulted" or "Suspended"
            && entry.ActivityType is not ("Elsa.Workflow" or "Elsa.Flowchart" or "Elsa.Sequence"));
        return db.InsertManyAsync(
            "flow_steps", ["instance_id", "contact_id", "activity_type", "activity_id", "happened", "detail", "at"],
            [.. told.Select(entry => new object?[]
            {
                instance.Id, instance.ContactId, entry.ActivityType, entry.ActivityId, entry.EventName,
                entry.EventName == "Faulted" ? result.State.Incidents.LastOrDefault(one => one.ActivityId == entry.ActivityId)?.Message ?? "" : entry.Outcomes ?? "",
                entry.Timestamp,
            })],
            "", cancellation);
    }

    private async Task EndAsync(Burst burst, Taken stimulus, CancellationToken cancellation)
    {
        var eventId = JsonNode.Parse(stimulus.Payload)?["event_id"]?.GetValue<string>();
        foreach (var instance in await RunningAsync(burst.Db, stimulus.ContactId, cancellation))
        {
            var flow = await flows.LoadAsync(burst.Db, instance.DefinitionVersionId, cancellation);
            var concerned = eventId is null ? flow.Settings.Marketing : JsonNode.Parse(instance.Event)?["id"]?.GetValue<string>() == eventId;
            if (concerned) await CancelAsync(burst, instance, flow, stimulus.Key, cancellation);
        }
    }

    private async Task CancelAsync(Burst burst, FlowInstance instance, LoadedFlow flow, string reason, CancellationToken cancellation)
    {
        if (await StateAsync(burst, instance, cancellation) is { } state)
        {
            instance.EndReason = reason;
            await SaveAsync(burst, burst.ScopeOf(instance, flow.Settings), flow, runner.Cancel(flow.Graph, state), cancellation);
        }
        await Outbox.CancelOfInstancesAsync(burst.Db, [instance.Id], reason, burst.Now, cancellation);
    }

    // A run whose state cannot be read is set apart here and now: its person's events must reach the other flows.
    private async Task<WorkflowState?> StateAsync(Burst burst, FlowInstance instance, CancellationToken cancellation)
    {
        try
        {
            return WorkflowState.FromJson(instance.State);
        }
        catch (Exception problem)
        {
            logger.RunPoisoned(problem, instance.Id);
            (instance.Status, instance.EndReason, instance.FinishedAt) = (FlowInstanceStatus.Faulted, "fault", burst.Now);
            await burst.Db.SaveChangesAsync(cancellation);
            await burst.Db.ExecuteAsync("DELETE FROM flow_bookmarks WHERE instance_id = @p0", cancellation, instance.Id);
            return null;
        }
    }

    private async Task<int> WakeDueAsync(CancellationToken stopping)
    {
        await using var db = await dbs.CreateDbContextAsync(stopping);
        var due = await db.QueryAsync(
            $"SELECT instance_id, id, contact_id FROM flow_bookmarks WHERE due_at <= @p0 ORDER BY due_at LIMIT {AtATime}",
            row => (Instance: row.Guid(0), Bookmark: row.Text(1), Contact: row.Guid(2)), stopping, clock.GetUtcNow());
        foreach (var (instance, bookmark, contact) in due)
        {
            stopping.ThrowIfCancellationRequested();
            await WakeOneAsync(instance, bookmark, contact, stopping);
        }
        return due.Count;
    }

    private async Task WakeOneAsync(Guid instanceId, string bookmarkId, Guid contactId, CancellationToken stopping)
    {
        try
        {
            await using var db = await dbs.CreateDbContextAsync(stopping);
            await using var transaction = await db.BeginWriteAsync(stopping);
            await db.HoldAsync("contacts", [contactId], stopping);
            if (await LoadAsync(db, instanceId, stopping) is not { } instance) return;
            var flow = await flows.LoadAsync(db, instance.DefinitionVersionId, stopping);
            var burst = await BurstAsync(db, stopping);
            var state = WorkflowState.FromJson(instance.State);
            if (!state.Bookmarks.Exists(bookmark => bookmark.Id == bookmarkId)) return;
            await ResumeAsync(burst, burst.ScopeOf(instance, flow.Settings), flow, state, bookmarkId, input: null, stopping);
            await transaction.CommitAsync(stopping);
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            // A poisoned run is set apart; the others go on.
            logger.RunPoisoned(problem, instanceId);
            await using var other = await dbs.CreateDbContextAsync(CancellationToken.None);
            await using var transaction = await other.BeginWriteAsync(CancellationToken.None);
            await other.ExecuteAsync(
                "UPDATE flow_instances SET status = 'Faulted', end_reason = 'fault', finished_at = @p1 WHERE id = @p0", CancellationToken.None, instanceId, clock.GetUtcNow());
            await other.ExecuteAsync("DELETE FROM flow_bookmarks WHERE instance_id = @p0", CancellationToken.None, instanceId);
            await transaction.CommitAsync(CancellationToken.None);
        }
    }

    // Two workers never run one instance at once: the row is held to the end of the transaction.
    private static async Task<FlowInstance?> LoadAsync(AutomationDb db, Guid id, CancellationToken cancellation)
    {
        await db.HoldAsync("flow_instances", [id], cancellation);
        return await db.FlowInstances.SingleOrDefaultAsync(instance => instance.Id == id && instance.Status == FlowInstanceStatus.Running, cancellation);
    }

    private static async Task<List<FlowInstance>> RunningAsync(AutomationDb db, Guid contactId, CancellationToken cancellation) =>
        await db.FlowInstances.Where(instance => instance.ContactId == contactId && instance.Status == FlowInstanceStatus.Running)
            .OrderBy(instance => instance.Id).ToListAsync(cancellation);

    private async Task<Burst> BurstAsync(AutomationDb db, CancellationToken cancellation) => new(
        db, await db.ShopAsync(cancellation), await db.SendingPolicyAsync(cancellation), templates, renderer, clock.GetUtcNow());

    private sealed record Taken(long Id, string Name, string Key, Guid ContactId, string Payload);

    /// <summary>What one transaction's runs share.</summary>
    private sealed record Burst(
        AutomationDb Db, ShopIdentity Shop, SendingPolicy Policy, TemplateCatalogue Templates, ITemplateRenderer Renderer, DateTimeOffset Now)
    {
        public FlowScope ScopeOf(FlowInstance instance, FlowSettings settings) => new(Db, instance, settings, Shop, Policy, Templates, Renderer, Now);
    }
}

internal static partial class FlowLog
{
    [LoggerMessage(3001, LogLevel.Error, "Stimulus {Id} could not be worked off")]
    public static partial void StimulusFailed(this ILogger logger, Exception problem, long id);

    [LoggerMessage(3002, LogLevel.Warning, "Run {Instance} of {Flow} faulted at {Activity}")]
    public static partial void RunFaulted(this ILogger logger, Guid instance, string flow, string activity);

    [LoggerMessage(3003, LogLevel.Error, "Run {Instance} cannot go on and is set apart")]
    public static partial void RunPoisoned(this ILogger logger, Exception problem, Guid instance);
}

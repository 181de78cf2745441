using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys;

/// <summary>Who comes into a flow, by which trigger, and whether they may.</summary>
internal sealed partial class FlowRound
{
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
            Input = happened.Name is Stimuli.EventPublished or Stimuli.RequestReceived ? InputOf(happened) : null,
        };
        await EnterAsync(flow, NewInstance(trigger, happened, entry, key), start, cancellation);
    }

    private FlowInstance NewInstance(FlowTrigger trigger, Occasion.Happened happened, int entry, string key) => new()
    {
        Id = RowId.New(Now),
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
}

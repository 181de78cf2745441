using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys.Activities;
using Automation.Marketing.Journeys.Dates;
using Automation.Marketing.Storage;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys;

/// <summary>What wakes a waiting run, and what moves the end of its wait.</summary>
internal sealed partial class FlowRound
{
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
        Stimuli.RequestReceived => One(HttpEndpoint.RequestInput, PlainValue.FromJson(JsonNode.Parse(happened.Payload)?["data"])),
        Stimuli.CallAnswered => One(SendHttpRequest.AnswerInput, PlainValue.FromJson(JsonNode.Parse(happened.Payload))),
        Stimuli.EventPublished or Stimuli.EventForWaiting => Event.InputOf(PlainValue.FromJson(JsonNode.Parse(happened.Payload)?["data"])),
        _ => JsonNode.Parse(happened.Payload)!.AsObject().ToDictionary(pair => pair.Key, pair => (object?)pair.Value?.GetValue<string>(), StringComparer.Ordinal),
    };

    private static Dictionary<string, object?> One(string name, object? value) => new(StringComparer.Ordinal) { [name] = value };

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
}

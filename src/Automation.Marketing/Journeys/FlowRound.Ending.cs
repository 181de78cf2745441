using System.Text.Json.Nodes;

namespace Automation.Marketing.Journeys;

/// <summary>What ends a run before its last step.</summary>
internal sealed partial class FlowRound
{
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
}

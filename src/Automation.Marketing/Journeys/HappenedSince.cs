using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Journeys;

/// <summary>Asks just before a send what has come in since the run began: an event may still be on its way through the queue.</summary>
internal static class HappenedSince
{
    public static async Task<string?> ReasonToEndAsync(FlowScope scope, CancellationToken cancellation)
    {
        var (goal, exits) = (scope.Settings.Goal, scope.Settings.Exits);
        var types = exits.Select(exit => exit.Event).Concat(goal is null ? [] : [goal.Event]).Distinct().ToArray();
        if (types.Length == 0) return null;
        foreach (var (type, happened) in await EventsAsync(scope, types, cancellation))
        {
            if (await scope.EndsByAsync(type, happened, cancellation) is { } reason) return reason;
        }
        return null;
    }

    // What started the run is not what ends it.
    private static async Task<IReadOnlyList<(string Type, string Payload)>> EventsAsync(FlowScope scope, string[] types, CancellationToken cancellation)
    {
        var own = JsonNode.Parse(scope.Instance.Event)?["id"]?.ToString();
        var received = await scope.Db.QueryAsync(
            $"""
            SELECT type, source, source_id, occurred_at, data FROM lead_events
            WHERE contact_id = @p0 AND received_at >= @p1 AND {scope.Db.Dialect.Among("type", "@p2")} ORDER BY received_at
            """,
            row => (Type: row.Text(0), Id: row.Text(2), Payload: Stimuli.EventOf(row.Text(0), row.Instant(3), row.Text(1), row.Text(2), JsonNode.Parse(row.Text(4)))),
            cancellation, scope.Instance.ContactId, scope.Instance.StartedAt, types);
        return [.. received.Where(one => one.Id != own).Select(one => (one.Type, one.Payload))];
    }
}

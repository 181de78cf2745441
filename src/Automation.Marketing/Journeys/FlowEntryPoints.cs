using System.Text.Json.Nodes;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Journeys;

/// <summary>By which ways a published flow is entered.</summary>
internal static class FlowEntryPoints
{
    /// <summary>The triggers of these flows; for one that has none, its beginning, under no activity's id.</summary>
    public static async Task<List<FlowTrigger>> OfAsync(AutomationDb db, string[] flows, CancellationToken cancellation)
    {
        var triggers = await FlowTriggers.ReadAsync(db, $"{db.Dialect.Among("definition_id", "@p0")} ORDER BY activity_id", cancellation, [flows]);
        var published = await db.QueryAsync(
            $"SELECT id, definition_id FROM flow_definitions WHERE {db.Dialect.Among("definition_id", "@p0")} AND is_published = @p1",
            row => new FlowTrigger { DefinitionVersionId = row.Text(0), DefinitionId = row.Text(1), ActivityId = "", Name = "", Key = "", Payload = "{}" }, cancellation, flows, true);
        return [.. triggers, .. published.Where(flow => !triggers.Exists(trigger => trigger.DefinitionId == flow.DefinitionId))];
    }

    /// <summary>Whether a score rose from below the trigger's threshold to it or beyond.</summary>
    public static bool IsCrossed(FlowTrigger trigger, string happened)
    {
        var data = JsonNode.Parse(happened)?["data"];
        return (double?)JsonNode.Parse(trigger.Payload)?["threshold"] is { } threshold && (double?)data?["before"] < threshold && (double?)data?["after"] >= threshold;
    }
}

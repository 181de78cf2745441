using System.Text.Json.Nodes;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Journeys;

/// <summary>By which ways a published flow is entered.</summary>
internal static class FlowEntryPoints
{
    /// <summary>The triggers of these flows; for one that has none, its beginning, under no activity's id.</summary>
    public static async Task<List<FlowTrigger>> OfAsync(AutomationDb db, string[] flows, CancellationToken cancellation)
    {
        var triggers = await db.QueryAsync(
            $"SELECT definition_version_id, definition_id, activity_id, name, key, payload FROM flow_triggers WHERE {db.Dialect.Among("definition_id", "@p0")} ORDER BY activity_id",
            row => Way(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5)), cancellation, flows);
        var published = await db.QueryAsync(
            $"SELECT id, definition_id FROM flow_definitions WHERE {db.Dialect.Among("definition_id", "@p0")} AND is_published = @p1",
            row => Way(row.Text(0), row.Text(1), "", "", "", "{}"), cancellation, flows, true);
        return [.. triggers, .. published.Where(flow => !triggers.Exists(trigger => trigger.DefinitionId == flow.DefinitionId))];
    }

    /// <summary>Whether a score rose from below the trigger's threshold to it or beyond.</summary>
    public static bool IsCrossed(FlowTrigger trigger, string happened)
    {
        var data = JsonNode.Parse(happened)?["data"];
        return (double?)JsonNode.Parse(trigger.Payload)?["threshold"] is { } threshold && (double?)data?["before"] < threshold && (double?)data?["after"] >= threshold;
    }

    private static FlowTrigger Way(string version, string flow, string activity, string name, string key, string payload) =>
        new() { DefinitionVersionId = version, DefinitionId = flow, ActivityId = activity, Name = name, Key = key, Payload = payload };
}

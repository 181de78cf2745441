using Automation.Marketing.Storage;

namespace Automation.Marketing.Journeys.Control;

/// <summary>What was held goes on.</summary>
/// <param name="Until">What was kept by then; what comes later is not concerned.</param>
internal sealed record FlowRelease(HeldEntries Entries, DateTimeOffset Until)
{
    /// <summary>Waits that were over meanwhile come due again, each at the instant at which it was.</summary>
    public static Task<int> WaitsAsync(AutomationDb db, Guid[] instanceIds, CancellationToken cancellation) =>
        db.ExecuteAsync(
            $"UPDATE flow_bookmarks SET due_at = held_due_at, held_due_at = NULL WHERE {db.Dialect.Among("instance_id", "@p0")} AND held_due_at IS NOT NULL",
            cancellation, [instanceIds]);

    /// <summary>What would have woken the run.</summary>
    public static async Task HeldOfRunAsync(AutomationDb db, string definitionId, Guid instanceId, DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = await db.QueryAsync(
            "SELECT id FROM flow_held WHERE definition_id = @p0 AND instance_id = @p1 ORDER BY id", row => row.Long(0), cancellation, definitionId, instanceId);
        await LetGoAsync(db, ids, now, cancellation);
    }

    /// <returns>How many were let go or dropped; 0: none are left.</returns>
    public async Task<int> HeldAsync(AutomationDb db, string definitionId, int atMost, DateTimeOffset now, CancellationToken cancellation)
    {
        // A run that is paused by itself keeps what is its own.
        var held = await db.QueryAsync(
            $"""
            SELECT h.id, h.instance_id FROM flow_held h
            WHERE h.definition_id = @p0 AND h.at <= @p1
              AND (h.instance_id IS NULL OR NOT EXISTS (SELECT 1 FROM flow_instances i WHERE i.id = h.instance_id AND i.paused_at IS NOT NULL))
            ORDER BY h.id LIMIT {atMost}
            """,
            row => (Id: row.Long(0), IsEntry: row.IsNull(1)), cancellation, definitionId, Until);
        var dropped = Entries is HeldEntries.Drop ? held.Where(one => one.IsEntry).Select(one => one.Id).ToList() : [];
        await LetGoAsync(db, [.. held.Select(one => one.Id).Except(dropped)], now, cancellation);
        await DeleteAsync(db, dropped, cancellation);
        return held.Count;
    }

    private static async Task LetGoAsync(AutomationDb db, IReadOnlyCollection<long> ids, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.ExecuteManyAsync(
            "INSERT INTO stimuli (name, key, contact_id, payload, created_at, failures) SELECT name, key, contact_id, payload, @p1, 0 FROM flow_held WHERE id = @p0",
            [.. ids.Select(id => new object?[] { id, now })], cancellation);
        await DeleteAsync(db, ids, cancellation);
    }

    private static Task DeleteAsync(AutomationDb db, IReadOnlyCollection<long> ids, CancellationToken cancellation) =>
        db.ExecuteManyAsync("DELETE FROM flow_held WHERE id = @p0", [.. ids.Select(id => new object?[] { id })], cancellation);
}

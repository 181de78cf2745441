using Automation.Marketing.Storage;

namespace Automation.Marketing.Campaigns.Turns;

/// <summary>Whose turn it is: rows of a broadcast that does not go to everybody at once.</summary>
internal static class TurnRows
{
    /// <summary>Of rows <c>r</c>: those whom a mail was for, or a card in its place. Whoever has no mail address never had a turn, and so no zone.</summary>
    public const string HadTurn = $"(r.apart IS NULL OR (r.apart = '{nameof(SetApart.OnPaper)}' AND r.zone IS NOT NULL))";

    private const string Waiting = "broadcast_id = @p0 AND turn_at IS NOT NULL";

    /// <summary>Gives the next people of the frozen audience their turns.</summary>
    /// <returns>The last of them; null: everyone has a turn.</returns>
    public static async Task<Guid?> PlanNextAsync(AutomationDb db, Guid broadcastId, TurnPlan plan, Guid after, int atMost, CancellationToken cancellation)
    {
        var people = await db.QueryAsync(
            $"""
            SELECT r.contact_id, c.time_zone, r.apart, CASE WHEN c.address IS NOT NULL OR c.phone IS NOT NULL THEN 1 ELSE 0 END FROM broadcast_recipients r LEFT JOIN contacts c ON c.id = r.contact_id
            WHERE r.broadcast_id = @p0 AND r.contact_id > @p1 ORDER BY r.contact_id LIMIT {atMost}
            """,
            row => (Id: row.Guid(0), Zone: row.TextOrNull(1), IsApart: !row.IsNull(2), HasPaper: row.Bool(3)), cancellation, broadcastId, after);
        await db.ExecuteManyAsync(
            "UPDATE broadcast_recipients SET turn_at = @p2, version = @p3, apart = @p4, zone = @p5 WHERE broadcast_id = @p0 AND contact_id = @p1",
            [.. people.Where(person => !person.IsApart).Select(person => Row(broadcastId, person.Id, plan.Of(person.Id, person.Zone, person.HasPaper)))], cancellation);
        return people.Count == 0 ? null : people[^1].Id;
    }

    /// <summary>The next whose turn has come, in order.</summary>
    public static Task<List<(Guid ContactId, string? Version)>> DueAsync(AutomationDb db, Guid broadcastId, DateTimeOffset now, int atMost, CancellationToken cancellation) =>
        db.QueryAsync(
            $"SELECT contact_id, version FROM broadcast_recipients WHERE {Waiting} AND turn_at <= @p1 ORDER BY turn_at, contact_id LIMIT {atMost}",
            row => (row.Guid(0), row.TextOrNull(1)), cancellation, broadcastId, now);

    /// <summary>They stand on the list for postcards and calls, by their version.</summary>
    public static Task SetOnPaperAsync(AutomationDb db, Guid broadcastId, IEnumerable<Guid> contactIds, CancellationToken cancellation) =>
        db.ExecuteAsync(
            $"UPDATE broadcast_recipients SET apart = '{nameof(SetApart.OnPaper)}' WHERE broadcast_id = @p0 AND {db.Dialect.Among("contact_id", "@p1")}", cancellation, broadcastId, contactIds.ToArray());

    /// <summary>They had their turn.</summary>
    public static Task PassAsync(AutomationDb db, Guid broadcastId, IEnumerable<Guid> contactIds, CancellationToken cancellation) =>
        db.ExecuteAsync($"UPDATE broadcast_recipients SET turn_at = NULL WHERE broadcast_id = @p0 AND {db.Dialect.Among("contact_id", "@p1")}", cancellation, broadcastId, contactIds.ToArray());

    /// <summary>The first instant at which it is somebody's turn; null: everyone had theirs.</summary>
    public static async Task<DateTimeOffset?> NextAsync(AutomationDb db, Guid broadcastId, CancellationToken cancellation) =>
        (await db.QueryAsync($"SELECT MIN(turn_at) FROM broadcast_recipients WHERE {Waiting}", row => row.InstantOrNull(0), cancellation, broadcastId))[0];

    public static async Task<bool> TestIsOutAsync(AutomationDb db, Guid broadcastId, CancellationToken cancellation) =>
        (await db.QueryAsync($"SELECT COUNT(*) FROM broadcast_recipients WHERE {Waiting} AND version IS NOT NULL", row => row.Int(0), cancellation, broadcastId))[0] == 0;

    /// <summary>Those who waited for the better version get their turns.</summary>
    public static async Task PlaceRestAsync(AutomationDb db, Guid broadcastId, TurnPlan plan, string winner, DateTimeOffset from, CancellationToken cancellation)
    {
        var zones = await db.QueryAsync($"SELECT DISTINCT zone FROM broadcast_recipients WHERE {Waiting} AND version IS NULL", row => row.TextOrNull(0), cancellation, broadcastId);
        foreach (var zone in zones.OfType<string>())
        {
            await db.ExecuteAsync(
                $"UPDATE broadcast_recipients SET turn_at = @p1 WHERE {Waiting} AND version IS NULL AND zone = @p2", cancellation,
                broadcastId, plan.RestAt(from, winner, LocalTime.ZoneOr(zone, TimeZoneInfo.Utc)), zone);
        }
    }

    /// <summary>Spreads the turns so that no hour has more than this many; nobody comes earlier than planned, nor before <paramref name="from"/>.</summary>
    /// <remarks>
    /// In order of turns, each comes a fixed step after the one before, or at its own time when that is later: the largest of
    /// "planned − number × step" so far, plus "number × step".
    /// </remarks>
    public static Task SpreadAsync(AutomationDb db, Guid broadcastId, int perHour, DateTimeOffset from, CancellationToken cancellation)
    {
        var planned = $"CASE WHEN turn_at < @p1 THEN {db.Dialect.Milliseconds("@p1")} ELSE {db.Dialect.Milliseconds("turn_at")} END";
        var step = $"(n * {(long)TimeSpan.FromHours(1).TotalMilliseconds} / {perHour})";
        return db.ExecuteAsync($"""
            WITH waiting AS (
                SELECT contact_id, {planned} AS planned, ROW_NUMBER() OVER (ORDER BY turn_at, contact_id) - 1 AS n
                FROM broadcast_recipients WHERE {Waiting} AND turn_at < @p2),
            spread AS (
                SELECT contact_id, {step} + MAX(planned - {step}) OVER (ORDER BY n ROWS UNBOUNDED PRECEDING) AS at FROM waiting)
            UPDATE broadcast_recipients SET turn_at = {db.Dialect.Instant("spread.at")}
            FROM spread WHERE broadcast_recipients.broadcast_id = @p0 AND broadcast_recipients.contact_id = spread.contact_id
            """, cancellation, broadcastId, from, TurnPlan.NotYet);
    }

    private static object?[] Row(Guid broadcastId, Guid contactId, Turn turn) => [broadcastId, contactId, turn.At, turn.Version, turn.Apart, turn.Zone];
}

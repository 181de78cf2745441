using Automation.Marketing.Deals;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Reports;

/// <summary>What may have become of a deal that was handed back. <c>All</c>: whatever did.</summary>
public enum HandBackOutcome { All, Undone, Engaged, Requalified, Won, Dormant }

/// <param name="Flow">The flow that the hand-back started; empty: none.</param>
/// <param name="HandedBack">All of them; each of the others is a part of it.</param>
/// <param name="Engaged">The person did something of their own afterwards.</param>
/// <param name="Requalified">Became qualified, accepted or a deal again.</param>
public sealed record HandBackLine(HandBackReason Reason, string Flow, int HandedBack, int Undone, int Engaged, int Requalified, int Won, int Dormant);

/// <summary>What became of the deals that sales handed back, by reason and flow. What follows counts for a hand-back until the person's next one;
/// one that was undone counts as nothing but undone.</summary>
public static class HandBackReport
{
    /// <summary>Of those handed back in the period, as things stand now.</summary>
    public static Task<List<HandBackLine>> OfAsync(AutomationDb db, Period period, CancellationToken cancellation) => db.QueryAsync(
        $"""
        {Seen}
        SELECT reason, flow, COUNT(*), {Sum("undone")}, {Sum("engaged")}, {Sum("requalified")}, {Sum("won")}, {Sum("dormant")} FROM seen GROUP BY reason, flow ORDER BY reason, flow
        """,
        row => new HandBackLine(row.Enum<HandBackReason>(0), row.Text(1), row.Int(2), row.Int(3), row.Int(4), row.Int(5), row.Int(6), row.Int(7)), cancellation, period.From, period.Until);

    /// <summary>The hand-backs behind a figure, the newest first.</summary>
    /// <param name="flow">Null: whichever.</param>
    public static Task<List<BehindRow>> BehindAsync(
        AutomationDb db, Period period, HandBackReason? reason, string? flow, HandBackOutcome outcome, int skip, int take, CancellationToken cancellation)
    {
        List<object?> values = [period.From, period.Until];
        var where = new List<string>();
        if (reason is { } given) where.Add(Equal("reason", given));
        if (flow is not null) where.Add(Equal("flow", flow));
        if (outcome is not HandBackOutcome.All) where.Add($"{outcome.ToString().ToLowerInvariant()} = 1");
        return BehindRow.ReadAsync(
            db, $"{Seen} SELECT contact_id, at, deal_key AS detail FROM seen {(where.Count == 0 ? "" : "WHERE " + string.Join(" AND ", where))} ORDER BY at DESC, contact_id", values, skip, take, cancellation);

        string Equal(string column, object value)
        {
            values.Add(value);
            return $"{column} = @p{values.Count - 1}";
        }
    }

    // The flow's run keeps the event that started it, and that event is the hand-back.
    private static string Seen => $"""
        WITH placed AS (
            SELECT h.*, d.deal_key, LEAD(h.at) OVER (PARTITION BY h.contact_id, CASE WHEN h.undone_at IS NULL THEN 0 ELSE 1 END ORDER BY h.at, h.id) AS next_at
            FROM hand_backs h JOIN deals d ON d.id = h.deal_id),
        seen AS (
            SELECT p.contact_id, p.at, p.reason, p.deal_key,
                   COALESCE((SELECT MIN(i.definition_id) FROM flow_instances i
                             WHERE i.contact_id = p.contact_id AND i.started_at >= p.at AND LOWER(i.event) LIKE '%' || LOWER(CAST(p.id AS TEXT)) || '%'), '') AS flow,
                   CASE WHEN p.undone_at IS NULL THEN 0 ELSE 1 END AS undone,
                   CASE WHEN p.undone_at IS NULL AND (
                       EXISTS (SELECT 1 FROM lead_events e WHERE e.contact_id = p.contact_id AND {Within("e.occurred_at")})
                       OR EXISTS (SELECT 1 FROM delivery_events e WHERE e.contact_id = p.contact_id AND e.kind = 'click' AND e.machine = false AND {Within("e.at")})) THEN 1 ELSE 0 END AS engaged,
                   {Step("'Qualified', 'Accepted', 'Deal'")} AS requalified,
                   {Step("'Won'")} AS won,
                   {Step("'Dormant'")} AS dormant
            FROM placed p WHERE p.at >= @p0 AND p.at < @p1)
        """;

    // The person's own steps, not everybody's who came to these stages: to SQLite's planner both indexes look alike, so the stage is hidden from it.
    private static string Step(string stages) =>
        $"CASE WHEN p.undone_at IS NULL AND EXISTS (SELECT 1 FROM lifecycle_changes e WHERE e.contact_id = p.contact_id AND e.to_stage || '' IN ({stages}) AND {Within("e.at")}) THEN 1 ELSE 0 END";

    private static string Within(string at) => $"{at} > p.at AND (p.next_at IS NULL OR {at} <= p.next_at)";

    private static string Sum(string flag) => $"SUM({flag})";
}

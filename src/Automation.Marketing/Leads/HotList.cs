using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Leads;

/// <summary>Somebody who is hot now.</summary>
/// <param name="Why">Name of the scoring rule that counted most.</param>
/// <param name="Owner">Null: nobody's yet.</param>
/// <param name="IsWaiting">Handed over, and not answered yet.</param>
public sealed record HotLead(
    Guid ContactId, string Person, string? Company, double Score, int Fit, string Why, DateTimeOffset Since, string? Owner, Guid? DealId, string? NextAction, DateOnly? NextActionOn, bool IsWaiting);

/// <summary>A hand-off that waits for its answer.</summary>
public sealed record WaitingLead(Guid ContactId, string Person, string? Company, string? Owner, DateTimeOffset At, DateTimeOffset? DueAt, int Escalations);

/// <summary>Who is worth a call now.</summary>
public static class HotList
{
    public const int Most = 200;

    /// <returns>The hottest first.</returns>
    public static async Task<IReadOnlyList<HotLead>> ReadAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var found = await db.QueryAsync(
            $"""
            SELECT s.contact_id, COALESCE(c.name, c.email, c.external_id, ''), c.company, s.as_of, s.sums, s.fit, s.why, s.hot_since, d.owner, d.id, d.next_action, d.next_action_on,
                   EXISTS (SELECT 1 FROM hand_offs h WHERE h.contact_id = c.id AND h.state = 'Waiting')
            FROM contact_scores s JOIN contacts c ON c.id = s.contact_id
            LEFT JOIN deals d ON d.id = (SELECT o.id FROM deals o WHERE o.contact_id = c.id AND o.status = 'Open' ORDER BY o.updated_at DESC, o.id LIMIT 1)
            WHERE s.cools_at > @p0 AND s.hot_since IS NOT NULL ORDER BY s.cools_at DESC LIMIT {Most}
            """,
            row => new HotLead(
                row.Guid(0), row.Text(1), row.TextOrNull(2), new ContactScore { AsOf = row.Instant(3), Sums = row.Text(4) }.ScoreAt(now), row.Int(5), row.Text(6), row.Instant(7), row.TextOrNull(8),
                row.GuidOrNull(9), row.TextOrNull(10), row.IsNull(11) ? null : row.Date(11), row.Bool(12)),
            cancellation, now);
        return [.. found.OrderByDescending(lead => lead.Score).ThenBy(lead => lead.ContactId)];
    }

    /// <returns>Whose time is up first.</returns>
    public static async Task<IReadOnlyList<WaitingLead>> WaitingAsync(AutomationDb db, CancellationToken cancellation) =>
        await db.QueryAsync(
            $"""
            SELECT h.contact_id, COALESCE(c.name, c.email, c.external_id, ''), c.company, h.owner, h.at, h.due_at, h.escalations
            FROM hand_offs h JOIN contacts c ON c.id = h.contact_id JOIN deals d ON d.id = h.deal_id
            WHERE h.state = 'Waiting' AND d.status = 'Open' ORDER BY CASE WHEN h.due_at IS NULL THEN 0 ELSE 1 END, h.due_at, h.id LIMIT {Most}
            """,
            row => new WaitingLead(row.Guid(0), row.Text(1), row.TextOrNull(2), row.TextOrNull(3), row.Instant(4), row.InstantOrNull(5), row.Int(6)), cancellation);
}

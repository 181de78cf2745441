using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail;

/// <summary>What became of a template's last use.</summary>
/// <param name="OriginId">The flow's definition id, or the broadcast's id.</param>
/// <param name="Sent">Mails that left.</param>
/// <param name="Clicked">People who clicked.</param>
/// <param name="Refused">People who unsubscribed by this mail or reported it as spam.</param>
public sealed record TemplateFigure(string Template, string OriginId, int Sent, int Clicked, int Refused, DateTimeOffset LastAt);

/// <summary>How welcome templates were, counted in the database.</summary>
public static class TemplateFigures
{
    /// <summary>For every template its use by the flow or broadcast that sent it last; only mails asked for since then.</summary>
    public static async Task<IReadOnlyDictionary<string, TemplateFigure>> LastUsesAsync(AutomationDb db, DateTimeOffset since, CancellationToken cancellation)
    {
        var rows = await db.QueryAsync($"""
            WITH uses AS (
                SELECT template, origin_id, COUNT(*) AS sent, SUM(clicks_unique) AS clicked, MAX(sent_at) AS last_at,
                       ROW_NUMBER() OVER (PARTITION BY template ORDER BY MAX(sent_at) DESC, origin_id) AS place
                FROM outbox_messages WHERE requested_at > @p0 AND state = 'Sent' GROUP BY template, origin_id),
            refusals AS (
                SELECT {MessageIn(db, "said.evidence")} AS message_id FROM consent_entries said WHERE said.state = 'Withdrawn' AND said.source = 'one-click' AND said.at > @p0
                UNION SELECT told.message_id FROM consent_entries said JOIN delivery_events told ON told.contact_id = said.contact_id
                WHERE said.state = 'Withdrawn' AND said.source = 'provider' AND said.at > @p0 AND told.kind IN ('unsubscribe', 'group_unsubscribe', 'spamreport')),
            refused AS (
                SELECT template, origin_id, COUNT(DISTINCT contact_id) AS people
                FROM refusals JOIN outbox_messages ON outbox_messages.id = refusals.message_id GROUP BY template, origin_id)
            SELECT uses.template, uses.origin_id, uses.sent, uses.clicked, COALESCE(refused.people, 0), uses.last_at
            FROM uses LEFT JOIN refused ON refused.template = uses.template AND refused.origin_id = uses.origin_id
            WHERE uses.place = 1
            """,
            row => new TemplateFigure(row.Text(0), row.Text(1), row.Int(2), row.Int(3), row.Int(4), row.Instant(5)), cancellation, since);
        return rows.ToDictionary(figure => figure.Template, StringComparer.Ordinal);
    }

    /// <summary>The message that a one-click refusal names as text; anything else in that column is passed over.</summary>
    internal static string MessageIn(AutomationDb db, string evidence) => db.Database.IsSqlite()
        ? $"UPPER({evidence})"
        : $"CASE WHEN {evidence} ~ '^[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$' THEN CAST({evidence} AS uuid) END";
}

using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail;

/// <summary>Counts over many mails, made in the database.</summary>
public static class MailFigures
{
    // A mail may wait long between request and sending; the index is on the request.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(60);

    /// <summary>Mails sent per span of 24 hours from <paramref name="from"/> on: index 0 is the first.</summary>
    public static async Task<IReadOnlyDictionary<int, int>> SentByDayAsync(AutomationDb db, DateTimeOffset from, CancellationToken cancellation)
    {
        var day = db.Database.IsSqlite()
            ? "(sent_at - @p1) / 86400000"
            : "CAST(FLOOR(EXTRACT(EPOCH FROM sent_at - @p1) / 86400) AS integer)";
        var days = await db.QueryAsync($"""
            SELECT {day}, COUNT(*) FROM outbox_messages
            WHERE requested_at > @p0 AND state = 'Sent' AND sent_at >= @p1 GROUP BY 1
            """, row => (Day: row.Int(0), Mails: row.Int(1)), cancellation, from - LongestWait, from);
        return days.ToDictionary(line => line.Day, line => line.Mails);
    }

    /// <summary>Mails asked for since then that will not be sent, by the rule that decided.</summary>
    public static async Task<IReadOnlyList<(string Rule, int Mails)>> NotSentAsync(AutomationDb db, DateTimeOffset since, CancellationToken cancellation) =>
        await db.QueryAsync("""
            SELECT rule, COUNT(*) FROM outbox_messages
            WHERE requested_at > @p0 AND state IN ('Skipped', 'Suppressed', 'Expired', 'Failed', 'Cancelled')
            GROUP BY rule ORDER BY COUNT(*) DESC, rule
            """, row => (row.Text(0), row.Int(1)), cancellation, since);
}

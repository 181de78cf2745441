using Automation.Marketing.Mail;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Campaigns;

/// <summary>How welcome a template's marketing mails were, in whole mails.</summary>
/// <param name="Mails">Mails that left.</param>
/// <param name="Replied">Mails that were the person's newest when they replied.</param>
/// <param name="Clicked">Mails in which the person clicked; machines do not count.</param>
/// <param name="Ordered">Mails whose person bought within <see cref="BroadcastReport.FollowDays"/> days, from the day of sending on.</param>
/// <param name="Unsubscribed">Mails by which the person unsubscribed.</param>
/// <param name="Complained">Mails reported as spam.</param>
public sealed record WelcomeScore(string Template, int Mails, int Replied, int Clicked, int Ordered, int Unsubscribed, int Complained)
{
    /// <summary>Fewer mails say nothing: one who unsubscribes would outweigh all the others.</summary>
    public const int LeastMails = 100;

    private const int UnsubscribeWeight = 10;
    private const int ComplaintWeight = 50;

    public bool IsEnough => Mails >= LeastMails;

    /// <summary>Per 1,000 mails; null when too few were sent to tell.</summary>
    public double? Score => IsEnough ? Points * 1000.0 / Mails : null;

    /// <summary>It gave more offence than pleasure: whoever uses it again is asked first.</summary>
    public bool IsUnwelcome => IsEnough && Points < 0;

    private long Points => (long)Replied + Clicked + Ordered - ((long)Unsubscribed * UnsubscribeWeight) - ((long)Complained * ComplaintWeight);
}

/// <summary>Counts how welcome templates were, in the database.</summary>
public static class WelcomeScores
{
    /// <summary>How far back mails count.</summary>
    public const int Months = 12;

    /// <param name="templates">Null: all that were sent.</param>
    /// <returns>By template; one that was not sent is left out.</returns>
    public static async Task<IReadOnlyDictionary<string, WelcomeScore>> OfAsync(
        AutomationDb db, DateTimeOffset now, IReadOnlyCollection<string>? templates, CancellationToken cancellation)
    {
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        List<object?> values = [now.AddMonths(-Months)];
        if (templates is not null) values.Add(templates.ToArray());
        var scores = await db.QueryAsync(
            Sql(db, zone.GetUtcOffset(now), templates is null ? "" : $"AND {db.Dialect.Among("template", "@p1")}"),
            row => new WelcomeScore(row.Text(0), row.Int(1), row.Int(2), row.Int(3), row.Int(4), row.Int(5), row.Int(6)), cancellation, [.. values]);
        return scores.ToDictionary(score => score.Template, StringComparer.Ordinal);
    }

    /// <returns>Those of the templates that should not be used again without a thought, the worst first.</returns>
    public static async Task<IReadOnlyList<WelcomeScore>> UnwelcomeAsync(
        AutomationDb db, DateTimeOffset now, IReadOnlyCollection<string> templates, CancellationToken cancellation) =>
        templates.Count == 0 ? [] : [.. (await OfAsync(db, now, templates, cancellation)).Values.Where(score => score.IsUnwelcome).OrderBy(score => score.Score)];

    // A reply is nobody's mail by itself: the person's newest one is taken for it.
    private static string Sql(AutomationDb db, TimeSpan offset, string among)
    {
        // The shop's days of the sending and of the last purchase that follows; an hour of summer time more or less does not matter at night.
        var first = db.Dialect.DayOf("sent.sent_at", offset);
        var last = db.Dialect.DaysAfter(first, BroadcastReport.FollowDays);
        return $"""
            WITH sent AS (
                SELECT id, template, contact_id, sent_at, clicks_unique FROM outbox_messages
                WHERE requested_at > @p0 AND state = 'Sent' AND class = 'Marketing' {among}),
            replies AS (
                SELECT DISTINCT (
                    SELECT m.id FROM outbox_messages m
                    WHERE m.contact_id = said.contact_id AND m.requested_at > @p0 AND m.requested_at <= said.occurred_at AND m.state = 'Sent' AND m.class = 'Marketing'
                        AND m.sent_at <= said.occurred_at AND {db.Dialect.MillisecondsBetween("m.sent_at", "said.occurred_at")} <= {FollowMilliseconds}
                    ORDER BY m.sent_at DESC, m.id DESC LIMIT 1) AS message_id
                FROM lead_events said WHERE said.type = 'mail.replied' AND said.occurred_at > @p0),
            said AS (
                SELECT {TemplateFigures.MessageIn(db, "told.evidence")} AS message_id, 'unsubscribed' AS what
                FROM consent_entries told WHERE told.state = 'Withdrawn' AND told.source = 'one-click' AND told.at > @p0
                UNION SELECT told.message_id, CASE told.kind WHEN 'spamreport' THEN 'complained' ELSE 'unsubscribed' END
                FROM consent_entries entry JOIN delivery_events told ON told.contact_id = entry.contact_id
                WHERE entry.state = 'Withdrawn' AND entry.source = 'provider' AND entry.at > @p0 AND told.kind IN ('unsubscribe', 'group_unsubscribe', 'spamreport')),
            refused AS (
                SELECT message_id, MAX(CASE what WHEN 'unsubscribed' THEN 1 ELSE 0 END) AS unsubscribed, MAX(CASE what WHEN 'complained' THEN 1 ELSE 0 END) AS complained
                FROM said WHERE message_id IS NOT NULL GROUP BY message_id)
            SELECT sent.template, COUNT(*), COUNT(replies.message_id), SUM(CASE WHEN sent.clicks_unique > 0 THEN 1 ELSE 0 END),
                   SUM(CASE WHEN EXISTS (
                       SELECT 1 FROM purchases bought WHERE bought.contact_id = sent.contact_id AND bought.date >= {first} AND bought.date <= {last} AND bought.net > 0) THEN 1 ELSE 0 END),
                   SUM(COALESCE(refused.unsubscribed, 0)), SUM(COALESCE(refused.complained, 0))
            FROM sent LEFT JOIN replies ON replies.message_id = sent.id LEFT JOIN refused ON refused.message_id = sent.id
            GROUP BY sent.template
            """;
    }

    private static long FollowMilliseconds => (long)TimeSpan.FromDays(BroadcastReport.FollowDays).TotalMilliseconds;
}

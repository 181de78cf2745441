using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Weekly;

/// <summary>A mailing of the week that begins.</summary>
/// <param name="People">Whom its rule reaches now, before consent and limits.</param>
/// <param name="IsApproved">False: somebody has to approve it before it goes out.</param>
public sealed record ComingMailing(string Title, string? TitleEn, DateTimeOffset At, int People, bool IsApproved, Guid? OccurrenceId, Guid? BroadcastId);

/// <summary>Orders of the week that ended, by people to whom a mail or a card had gone, or whom somebody had called, in the days before.</summary>
public sealed record FollowedOrders(int Orders, int People, decimal Net);

/// <summary>What the owner of a shop wants to know on Monday: what goes out, what did not and why, what came of it.</summary>
/// <param name="Monday">In the shop's zone.</param>
/// <param name="NotSent">Mails of the week that ended, by the rule that kept them.</param>
/// <param name="Silent">Customers who may be mailed and have heard nothing for long: whoever is not asked does not order.</param>
/// <param name="Unwelcome">Templates that give more offence than pleasure, of those that were mailed or are about to be; the worst first.</param>
public sealed record WeeklySummary(
    DateOnly Monday, IReadOnlyList<ComingMailing> Coming, int Sent, IReadOnlyList<(string Rule, int Mails)> NotSent, FollowedOrders Orders, int Silent, IReadOnlyList<WelcomeScore> Unwelcome)
{
    /// <summary>How long after a mail an order counts as having followed it.</summary>
    public const int FollowDays = 30;

    public static async Task<WeeklySummary> OfAsync(AutomationDb db, DateOnly monday, CancellationToken cancellation)
    {
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var (from, to) = (LocalTime.InstantOf(monday, TimeOnly.MinValue, zone), LocalTime.InstantOf(monday.AddDays(7), TimeOnly.MinValue, zone));
        var before = LocalTime.InstantOf(monday.AddDays(-7), TimeOnly.MinValue, zone);
        return new WeeklySummary(
            monday, await ComingAsync(db, from, to, zone, cancellation),
            await db.OutboxMessages.CountAsync(mail => mail.State == MessageState.Sent && mail.SentAt >= before && mail.SentAt < from, cancellation),
            await NotSentAsync(db, before, from, cancellation), await OrdersAsync(db, monday, before, from, cancellation),
            await Audiences.CountAsync(db, new Audience(Silent: true), monday, cancellation), await UnwelcomeAsync(db, before, from, to, cancellation));
    }

    private static async Task<IReadOnlyList<WelcomeScore>> UnwelcomeAsync(AutomationDb db, DateTimeOffset before, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var templates = await db.QueryAsync("""
            SELECT template FROM outbox_messages WHERE requested_at >= @p0 AND requested_at < @p1 AND state = 'Sent' AND class = 'Marketing'
            UNION SELECT template FROM occurrences WHERE state = 'Planned' AND opens_at >= @p1 AND opens_at < @p2
            UNION SELECT template FROM broadcasts WHERE state = 'Scheduled' AND send_at >= @p1 AND send_at < @p2
            """, row => row.Text(0), cancellation, before, from, to);
        return await WelcomeScores.UnwelcomeAsync(db, from, templates, cancellation);
    }

    private static async Task<IReadOnlyList<ComingMailing>> ComingAsync(AutomationDb db, DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone, CancellationToken cancellation)
    {
        var coming = new List<ComingMailing>();
        foreach (var one in await db.Occurrences.AsNoTracking().Where(one => one.State == OccurrenceState.Planned && one.OpensAt >= from && one.OpensAt < to).ToListAsync(cancellation))
            coming.Add(new ComingMailing(one.Title, one.TitleEn, one.OpensAt, await PeopleAsync(one.Audience, one.OpensAt), one.IsApproved, one.Id, null));
        foreach (var one in await db.Broadcasts.AsNoTracking().Where(one => one.State == BroadcastState.Scheduled && one.SendAt >= from && one.SendAt < to).ToListAsync(cancellation))
            coming.Add(new ComingMailing(one.Name, null, one.SendAt, await PeopleAsync(one.Audience, one.SendAt), IsApproved: true, null, one.Id));
        return [.. coming.OrderBy(one => one.At)];

        Task<int> PeopleAsync(string audience, DateTimeOffset at) => Audiences.CountAsync(db, Audiences.Parse(audience, "audience"), LocalTime.DayOf(at, zone), cancellation);
    }

    private static async Task<IReadOnlyList<(string Rule, int Mails)>> NotSentAsync(AutomationDb db, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        await db.QueryAsync("""
            SELECT rule, COUNT(*) FROM outbox_messages
            WHERE requested_at >= @p0 AND requested_at < @p1 AND state IN ('Skipped', 'Suppressed', 'Expired', 'Failed', 'Cancelled')
            GROUP BY rule ORDER BY COUNT(*) DESC, rule
            """, row => (row.Text(0), row.Int(1)), cancellation, from, to);

    private static async Task<FollowedOrders> OrdersAsync(AutomationDb db, DateOnly monday, DateTimeOffset before, DateTimeOffset from, CancellationToken cancellation) =>
        (await db.QueryAsync("""
            SELECT COUNT(DISTINCT p.source || ' ' || p.order_id), COUNT(DISTINCT p.contact_id), COALESCE(SUM(p.net), 0) FROM purchases p
            WHERE p.date >= @p0 AND p.date < @p1 AND p.net > 0
              AND (EXISTS (SELECT 1 FROM outbox_messages m WHERE m.contact_id = p.contact_id AND m.state = 'Sent' AND m.class = 'Marketing' AND m.sent_at >= @p2 AND m.sent_at < @p3)
                OR EXISTS (SELECT 1 FROM paper_sends w WHERE w.contact_id = p.contact_id AND w.state = 'Done' AND w.done_at >= @p2 AND w.done_at < @p3))
            """,
            row => new FollowedOrders(row.Int(0), row.Int(1), row.Decimal(2)), cancellation, monday.AddDays(-7), monday, before.AddDays(-FollowDays), from))[0];
}

using System.Globalization;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns.Use;

/// <summary>Mails that left and cards that were posted, as a query with the columns <c>kind</c>, <c>contact_id</c>, <c>sent_at</c> and <c>first_day</c>, from which on a purchase follows them.</summary>
internal sealed record SentMails(string Sql, List<object?> Values)
{
    /// <summary>A purchase <c>p</c> that followed a mail <c>s</c>, by the day that is given last.</summary>
    public static string Followed(AutomationDb db, string lastDay) =>
        $"p.contact_id = s.contact_id AND p.net > 0 AND p.date >= s.first_day AND p.date <= {db.Dialect.DaysAfter("s.first_day", BroadcastReport.FollowDays)} AND p.date <= {lastDay}";

    public string Place(object value)
    {
        Values.Add(value);
        return "@p" + (Values.Count - 1).ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>Counts how mail was used, in the database.</summary>
public static class MailUses
{
    // Mail may wait for its turn, but not for longer.
    private const int MostWaitingDays = 90;

    /// <summary>The approaches that mail of marketing can have.</summary>
    public static IReadOnlyList<Approach> Approaches { get; } = [Approach.A1, Approach.A2, Approach.A3];

    /// <summary>How the mail of one broadcast was used, in the year from its beginning on.</summary>
    /// <param name="today">Later purchases do not count.</param>
    /// <returns>Null: it has not begun, or reached nobody.</returns>
    public static Task<BroadcastUse?> OfBroadcastAsync(AutomationDb db, Guid broadcastId, DateOnly today, CancellationToken cancellation) =>
        OfBroadcastAsync(db, broadcastId, today, MailUse.YearDays - 1, cancellation);

    /// <summary>The same of the calendar's mailing a year before, as far on as this one is.</summary>
    /// <returns>Null: there was none.</returns>
    public static async Task<BroadcastUse?> YearBeforeAsync(AutomationDb db, Guid broadcastId, BroadcastUse now, CancellationToken cancellation)
    {
        var before = await (from own in db.Occurrences
                            where own.BroadcastId == broadcastId
                            join past in db.Occurrences on new { own.Key, Year = own.Year - 1 } equals new { past.Key, past.Year }
                            select past.BroadcastId).SingleOrDefaultAsync(cancellation);
        return before is { } id ? await OfBroadcastAsync(db, id, now.Last, now.Last.DayNumber - now.First.DayNumber, cancellation) : null;
    }

    /// <summary>How the mail of each approach was used that left on these days.</summary>
    /// <param name="today">Later purchases do not count.</param>
    /// <returns>Each of <see cref="Approaches"/>.</returns>
    public static async Task<IReadOnlyList<ApproachUse>> ByApproachAsync(AutomationDb db, DateOnly first, DateOnly last, DateOnly today, CancellationToken cancellation)
    {
        var now = await OfAsync(db, await OfDaysAsync(db, first, last, cancellation), Earlier(last, today), today, cancellation);
        var (firstBefore, lastBefore, todayBefore) = (first.AddYears(-1), last.AddYears(-1), today.AddYears(-1));
        var before = await OfAsync(db, await OfDaysAsync(db, firstBefore, lastBefore, cancellation), Earlier(lastBefore, todayBefore), todayBefore, cancellation);
        var compared = await ComparedAsync(db, first, last, today, cancellation);
        var frequencies = await HeldOutFrequencyAsync(db, first, last, Earlier(last, today), cancellation);
        return
        [
            .. Approaches.Select(approach => new ApproachUse(
                approach, now.GetValueOrDefault(approach.ToString(), MailUse.None), before.GetValueOrDefault(approach.ToString(), MailUse.None),
                UseBeside.Of(compared[approach], frequencies.TryGetValue(approach, out var orders) ? orders : null))),
        ];
    }

    internal static async Task<SentMails> OfBroadcastAsync(AutomationDb db, Guid broadcastId, CancellationToken cancellation)
    {
        var day = db.Dialect.DayOf("b.started_at", await OffsetAsync(db, cancellation));
        return new SentMails(
            $"""
            SELECT '' AS kind, m.contact_id, m.sent_at, {day} AS first_day FROM outbox_messages m JOIN broadcasts b ON b.id = @p0 WHERE m.origin_id = @p1 AND m.state = 'Sent'
            UNION ALL
            SELECT '' AS kind, c.contact_id, c.done_at AS sent_at, {day} AS first_day FROM paper_sends c JOIN broadcasts b ON b.id = c.broadcast_id WHERE c.broadcast_id = @p0 AND c.state = 'Done'
            """,
            [broadcastId, broadcastId.ToString("N")]);
    }

    /// <param name="approach">Null: whichever, told apart by their names.</param>
    internal static async Task<SentMails> OfDaysAsync(AutomationDb db, DateOnly first, DateOnly last, CancellationToken cancellation, Approach? approach = null)
    {
        var zone = await ZoneAsync(db, cancellation);
        var (from, until) = (LocalTime.InstantOf(first, TimeOnly.MinValue, zone), LocalTime.InstantOf(last.AddDays(1), TimeOnly.MinValue, zone));
        var offset = zone.GetUtcOffset(from);
        var sent = new SentMails(
            $"""
            SELECT m.approach AS kind, m.contact_id, m.sent_at, {db.Dialect.DayOf("m.sent_at", offset)} AS first_day FROM outbox_messages m
            WHERE m.requested_at >= @p0 AND m.requested_at < @p2 AND m.sent_at >= @p1 AND m.sent_at < @p2 AND m.state = 'Sent' AND m.class = 'Marketing' AND m.approach <> 'None'
            UNION ALL
            SELECT c.approach AS kind, c.contact_id, c.done_at AS sent_at, {db.Dialect.DayOf("c.done_at", offset)} AS first_day FROM paper_sends c
            WHERE c.done_at >= @p1 AND c.done_at < @p2 AND c.state = 'Done' AND c.approach <> 'None'
            """,
            [from.AddDays(-MostWaitingDays), from, until]);
        return approach is { } one ? sent with { Sql = $"SELECT * FROM ({sent.Sql}) AS reached WHERE reached.kind = {sent.Place(one)}" } : sent;
    }

    private static async Task<BroadcastUse?> OfBroadcastAsync(AutomationDb db, Guid broadcastId, DateOnly today, int mostDays, CancellationToken cancellation)
    {
        if (await StartOfAsync(db, broadcastId, cancellation) is not { } first) return null;
        var last = first.AddDays(Math.Clamp(today.DayNumber - first.DayNumber, 0, mostDays));
        var use = (await OfAsync(db, await OfBroadcastAsync(db, broadcastId, cancellation), last, last, cancellation)).GetValueOrDefault("");
        return use is null ? null : new BroadcastUse(use, first, last);
    }

    // By kind. Two questions: joined in one, every mail would be counted as often as its person ordered.
    private static async Task<Dictionary<string, MailUse>> OfAsync(AutomationDb db, SentMails sent, DateOnly yearEnds, DateOnly lastDay, CancellationToken cancellation)
    {
        var mailed = sent with { Values = [.. sent.Values] };
        var (from, to) = (sent.Place(yearEnds.AddDays(-MailUse.YearDays)), sent.Place(yearEnds));
        var orders = (await db.QueryAsync(
            $"""
            WITH s AS ({sent.Sql}), people AS (SELECT DISTINCT kind, contact_id FROM s)
            SELECT people.kind, COUNT(DISTINCT p.contact_id), COUNT(DISTINCT p.source || ' ' || p.order_id)
            FROM people JOIN purchases p ON p.contact_id = people.contact_id AND p.net > 0 AND p.date > {from} AND p.date <= {to} GROUP BY people.kind
            """,
            row => (Kind: row.Text(0), Active: row.Int(1), Orders: row.Int(2)), cancellation, [.. sent.Values])).ToDictionary(line => line.Kind, StringComparer.Ordinal);
        var mails = await db.QueryAsync(
            $"""
            WITH s AS ({sent.Sql})
            SELECT s.kind, COUNT(*), COUNT(DISTINCT s.contact_id),
                   COUNT(DISTINCT CASE WHEN EXISTS (SELECT 1 FROM purchases p WHERE {SentMails.Followed(db, mailed.Place(lastDay))}) THEN s.contact_id END)
            FROM s GROUP BY s.kind
            """,
            row => (Kind: row.Text(0), Mails: row.Int(1), Reached: row.Int(2), Bought: row.Int(3)), cancellation, [.. mailed.Values]);
        return mails.ToDictionary(
            line => line.Kind, line => new MailUse(line.Mails, line.Reached, line.Bought, orders.GetValueOrDefault(line.Kind).Active, orders.GetValueOrDefault(line.Kind).Orders), StringComparer.Ordinal);
    }

    private static async Task<ILookup<Approach, HoldOutComparison>> ComparedAsync(AutomationDb db, DateOnly first, DateOnly last, DateOnly today, CancellationToken cancellation)
    {
        var zone = await ZoneAsync(db, cancellation);
        var begun = db.Dialect.DayOf("b.started_at", await OffsetAsync(db, cancellation));
        var sides = await db.QueryAsync(
            $"""
            WITH s AS (
                SELECT b.approach, b.id, CASE WHEN r.apart IS NULL THEN 0 ELSE 1 END AS held, r.contact_id, {begun} AS first_day
                FROM broadcasts b JOIN broadcast_recipients r ON r.broadcast_id = b.id
                WHERE b.has_turns = true AND b.started_at >= @p0 AND b.started_at < @p1 AND (r.apart IS NULL OR r.apart = '{nameof(SetApart.HeldOut)}'))
            SELECT s.approach, s.id, s.held, COUNT(*), COUNT(CASE WHEN EXISTS (SELECT 1 FROM purchases p WHERE {SentMails.Followed(db, "@p2")}) THEN 1 END)
            FROM s GROUP BY s.approach, s.id, s.held
            """,
            row => (Approach: row.Enum<Approach>(0), Id: row.Guid(1), IsHeldOut: row.Bool(2), People: row.Int(3), Bought: row.Int(4)), cancellation,
            LocalTime.InstantOf(first, TimeOnly.MinValue, zone), LocalTime.InstantOf(last.AddDays(1), TimeOnly.MinValue, zone), today);
        return sides.GroupBy(side => (side.Approach, side.Id)).Select(mailing => (mailing.Key.Approach, Both: Beside(mailing.ToList()))).ToLookup(one => one.Approach, one => one.Both);

        static HoldOutComparison Beside(List<(Approach, Guid, bool IsHeldOut, int People, int Bought)> sides)
        {
            var (mailed, held) = (sides.FirstOrDefault(side => !side.IsHeldOut), sides.FirstOrDefault(side => side.IsHeldOut));
            return new HoldOutComparison(BroadcastReport.FollowDays, mailed.People, mailed.Bought, held.People, held.Bought);
        }
    }

    private static async Task<Dictionary<Approach, double>> HeldOutFrequencyAsync(AutomationDb db, DateOnly first, DateOnly last, DateOnly yearEnds, CancellationToken cancellation)
    {
        var zone = await ZoneAsync(db, cancellation);
        var orders = await db.QueryAsync(
            $"""
            WITH people AS (
                SELECT DISTINCT b.approach, r.contact_id FROM broadcasts b JOIN broadcast_recipients r ON r.broadcast_id = b.id
                WHERE b.has_turns = true AND b.started_at >= @p0 AND b.started_at < @p1 AND r.apart = '{nameof(SetApart.HeldOut)}')
            SELECT people.approach, COUNT(DISTINCT p.contact_id), COUNT(DISTINCT p.source || ' ' || p.order_id)
            FROM people JOIN purchases p ON p.contact_id = people.contact_id AND p.net > 0 AND p.date > @p2 AND p.date <= @p3 GROUP BY people.approach
            """,
            row => (Approach: row.Enum<Approach>(0), Active: row.Int(1), Orders: row.Int(2)), cancellation,
            LocalTime.InstantOf(first, TimeOnly.MinValue, zone), LocalTime.InstantOf(last.AddDays(1), TimeOnly.MinValue, zone), yearEnds.AddDays(-MailUse.YearDays), yearEnds);
        return orders.ToDictionary(line => line.Approach, line => (double)line.Orders / line.Active);
    }

    private static async Task<DateOnly?> StartOfAsync(AutomationDb db, Guid broadcastId, CancellationToken cancellation) =>
        await db.Broadcasts.Where(one => one.Id == broadcastId).Select(one => one.StartedAt).SingleOrDefaultAsync(cancellation) is { } started
            ? LocalTime.DayOf(started, await ZoneAsync(db, cancellation)) : null;

    private static async Task<TimeSpan> OffsetAsync(AutomationDb db, CancellationToken cancellation) =>
        // The offset of one day for all of them: an hour of summer time more or less does not matter at night.
        (await ZoneAsync(db, cancellation)).BaseUtcOffset;

    private static async Task<TimeZoneInfo> ZoneAsync(AutomationDb db, CancellationToken cancellation) => LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);

    private static DateOnly Earlier(DateOnly one, DateOnly other) => one < other ? one : other;
}

using Automation.Marketing.Storage;

namespace Automation.Marketing.Reports.Journey;

/// <summary>Something that brought a person and us together.</summary>
public readonly record struct JourneyTouch(DateTimeOffset At, JourneyStage Stage, string Channel);

/// <param name="Units">Ten-thousandths of the currency.</param>
public readonly record struct JourneyRevenue(DateTimeOffset At, long Units);

/// <summary>What one person's way consists of, in order.</summary>
public sealed record PersonJourney(Guid ContactId, IReadOnlyList<JourneyTouch> Touches, IReadOnlyList<JourneyRevenue> Revenue);

/// <summary>Reads people's ways in sets: memory does not grow with the number of people.</summary>
internal static class JourneyReader
{
    private const int PeopleAtATime = 2000;
    private const decimal UnitsOfOne = 10_000m;

    /// <param name="zone">Purchases have a day and no hour: noon there.</param>
    /// <param name="see">Called once for each person who was ever met.</param>
    public static async Task ReadAsync(
        AutomationDb db, JourneyRules rules, TimeZoneInfo zone, DateTimeOffset since, DateTimeOffset now, Action<PersonJourney> see, CancellationToken cancellation)
    {
        var same = await OneSale.FindAsync(db, zone, since, cancellation);
        var last = Guid.Empty;
        while (await PeopleAsync(db, last, cancellation) is { Count: > 0 } people)
        {
            last = people[^1];
            var touches = people.ToDictionary(id => id, _ => new List<JourneyTouch>());
            var revenue = people.ToDictionary(id => id, _ => new List<JourneyRevenue>());
            void Add(Guid contact, string type, DateTimeOffset at)
            {
                if (at <= now && rules.Of(type) is { } rule) touches[contact].Add(new JourneyTouch(at, rule.Stage, rule.Channel));
            }
            foreach (var (contact, type, at) in await EventsAsync(db, people, since, cancellation)) Add(contact, type, at);
            foreach (var (contact, order, date, isFirst, net) in await OrdersAsync(db, people, LocalTime.DayOf(since, zone), cancellation))
            {
                if (same.IsOfDeal(contact, order)) continue;
                var noon = LocalTime.InstantOf(date, new TimeOnly(12, 0), zone);
                Add(contact, isFirst ? JourneyRules.FirstPurchase : JourneyRules.LaterPurchase, noon);
                if (net > 0 && noon <= now) revenue[contact].Add(new JourneyRevenue(noon, (long)(net * UnitsOfOne)));
            }
            foreach (var (contact, deal, at, agreed) in await WonAsync(db, people, since, cancellation))
                if ((same.BoughtFor(deal) ?? agreed) is > 0 and var amount) revenue[contact].Add(new JourneyRevenue(at, (long)(amount * UnitsOfOne)));
            foreach (var id in people.Where(id => touches[id].Count > 0 || revenue[id].Count > 0))
                see(new PersonJourney(id, [.. touches[id].OrderBy(touch => touch.At).ThenBy(touch => touch.Stage).ThenBy(touch => touch.Channel, StringComparer.Ordinal)], [.. revenue[id].OrderBy(one => one.At)]));
        }
    }

    private static Task<List<Guid>> PeopleAsync(AutomationDb db, Guid last, CancellationToken cancellation) =>
        db.QueryAsync($"SELECT id FROM contacts WHERE id > @p0 ORDER BY id LIMIT {PeopleAtATime}", row => row.Guid(0), cancellation, last);

    private static Task<List<(Guid Contact, string Type, DateTimeOffset At)>> EventsAsync(AutomationDb db, List<Guid> people, DateTimeOffset since, CancellationToken cancellation) =>
        db.QueryAsync(
            $"""
            SELECT contact_id, type, occurred_at FROM lead_events WHERE {db.Dialect.Among("contact_id", "@p0")} AND occurred_at >= @p1
            UNION ALL SELECT contact_id, '{JourneyRules.MailClicked}', at FROM delivery_events WHERE {db.Dialect.Among("contact_id", "@p0")} AND at >= @p1 AND kind = 'click' AND machine = false
            UNION ALL SELECT contact_id, '{JourneyRules.MailSent}', sent_at FROM outbox_messages WHERE {db.Dialect.Among("contact_id", "@p0")} AND state = 'Sent' AND class = 'Marketing' AND sent_at >= @p1
            UNION ALL SELECT contact_id, '{JourneyRules.DealOpened}', created_at FROM deals WHERE {db.Dialect.Among("contact_id", "@p0")} AND created_at >= @p1
            UNION ALL SELECT contact_id, '{JourneyRules.DealWon}', updated_at FROM deals WHERE {db.Dialect.Among("contact_id", "@p0")} AND status = 'Won' AND updated_at >= @p1
            UNION ALL SELECT contact_id, '{JourneyRules.HandedBack}', at FROM hand_backs WHERE {db.Dialect.Among("contact_id", "@p0")} AND undone_at IS NULL AND at >= @p1
            """,
            row => (row.Guid(0), row.Text(1), row.Instant(2)), cancellation, people, since);

    // Lines of one order are one purchase.
    private static Task<List<(Guid Contact, string Order, DateOnly Date, bool IsFirst, decimal Net)>> OrdersAsync(AutomationDb db, List<Guid> people, DateOnly since, CancellationToken cancellation) =>
        db.QueryAsync(
            $"""
            SELECT contact_id, {OneSale.Order}, date, CASE WHEN date = first_date THEN 1 ELSE 0 END, SUM(net)
            FROM (SELECT contact_id, source, order_id, date, net, MIN(date) OVER (PARTITION BY contact_id) AS first_date FROM purchases WHERE {db.Dialect.Among("contact_id", "@p0")}) AS lines
            WHERE date >= @p1 GROUP BY contact_id, source, order_id, date, first_date
            """,
            row => (row.Guid(0), row.Text(1), row.Date(2), row.Bool(3), row.Decimal(4)), cancellation, people, since);

    private static Task<List<(Guid Contact, Guid Deal, DateTimeOffset At, decimal Amount)>> WonAsync(AutomationDb db, List<Guid> people, DateTimeOffset since, CancellationToken cancellation) =>
        db.QueryAsync(
            $"SELECT contact_id, id, updated_at, amount FROM deals WHERE {db.Dialect.Among("contact_id", "@p0")} AND status = 'Won' AND amount IS NOT NULL AND updated_at >= @p1",
            row => (row.Guid(0), row.Guid(1), row.Instant(2), row.Decimal(3)), cancellation, people, since);
}

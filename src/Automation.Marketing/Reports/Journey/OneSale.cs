using Automation.Marketing.Storage;

namespace Automation.Marketing.Reports.Journey;

/// <summary>
/// Won deals that have also arrived as an order: one sale, which counts once, on the day the deal was won and with what was really bought.
/// </summary>
/// <remarks>
/// An order is a deal's own when it was placed by the deal's person, or by somebody of the same company, and either bears the deal's number
/// or comes to the deal's amount within <see cref="DaysApart"/> days. Each is the other's only once: those that name each other first, then the
/// nearest in time. Why: docs/decisions/0011.
/// </remarks>
internal sealed class OneSale
{
    /// <summary>Between the day a deal was won and the day of its order, either way.</summary>
    public const int DaysApart = 30;

    /// <summary>What an order is known by, in SQL over <c>purchases</c>.</summary>
    public const string Order = "source || ':' || order_id";

    private readonly Dictionary<Guid, decimal> bought = [];
    private readonly HashSet<(Guid Contact, string Order)> orders = [];

    /// <summary>Among the deals won since then.</summary>
    public static async Task<OneSale> FindAsync(AutomationDb db, TimeZoneInfo zone, DateTimeOffset since, CancellationToken cancellation)
    {
        var sales = new OneSale();
        var pairs = (await PairsAsync(db, since, LocalTime.DayOf(since, zone).AddDays(-DaysApart), cancellation))
            .Select(pair => (Pair: pair, Days: Math.Abs(pair.Date.DayNumber - LocalTime.DayOf(pair.WonAt, zone).DayNumber)))
            .Where(one => one.Pair.IsNamed || one.Days <= DaysApart)
            .OrderByDescending(one => one.Pair.IsNamed).ThenBy(one => one.Days).ThenBy(one => one.Pair.Date).ThenBy(one => one.Pair.Order, StringComparer.Ordinal).ThenBy(one => one.Pair.Deal);
        foreach (var (pair, _) in pairs)
            if (!sales.bought.ContainsKey(pair.Deal) && sales.orders.Add((pair.Buyer, pair.Order))) sales.bought[pair.Deal] = pair.Net;
        return sales;
    }

    public bool IsOfDeal(Guid contact, string order) => orders.Contains((contact, order));

    /// <returns>Null: no order of this deal is known.</returns>
    public decimal? BoughtFor(Guid deal) => bought.TryGetValue(deal, out var net) ? net : null;

    private static Task<List<Pair>> PairsAsync(AutomationDb db, DateTimeOffset since, DateOnly first, CancellationToken cancellation) => db.QueryAsync(
        $"""
        WITH won AS (
            SELECT d.id, d.deal_key, d.amount, d.updated_at, d.contact_id, c.company FROM deals d JOIN contacts c ON c.id = d.contact_id
            WHERE d.status = 'Won' AND d.amount IS NOT NULL AND d.updated_at >= @p0),
        buyers AS (
            SELECT id, deal_key, amount, updated_at, contact_id AS buyer FROM won
            UNION SELECT won.id, won.deal_key, won.amount, won.updated_at, c.id FROM won JOIN contacts c ON c.company = won.company WHERE won.company <> '')
        SELECT id, updated_at, buyer, placed, date, net, CASE WHEN order_id = deal_key THEN 1 ELSE 0 END
        FROM (SELECT b.id, b.deal_key, b.amount, b.updated_at, b.buyer, p.order_id, p.source || ':' || p.order_id AS placed, p.date, SUM(p.net) AS net
              FROM buyers b JOIN purchases p ON p.contact_id = b.buyer AND p.date >= @p1
              GROUP BY b.id, b.deal_key, b.amount, b.updated_at, b.buyer, p.source, p.order_id, p.date) AS orders
        WHERE order_id = deal_key OR net = amount
        """,
        row => new Pair(row.Guid(0), row.Instant(1), row.Guid(2), row.Text(3), row.Date(4), row.Decimal(5), row.Bool(6)), cancellation, since, first);

    private readonly record struct Pair(Guid Deal, DateTimeOffset WonAt, Guid Buyer, string Order, DateOnly Date, decimal Net, bool IsNamed);
}

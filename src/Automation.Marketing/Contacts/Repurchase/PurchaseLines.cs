using System.Globalization;
using System.Runtime.CompilerServices;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts.Repurchase;

/// <summary>Reads everybody's order lines, so many people at a time: memory does not grow with the shop.</summary>
internal static class PurchaseLines
{
    private const int PeopleAPage = 500;

    private const string Columns = "contact_id, source, order_id, line, date, product, category, quantity, net";

    /// <param name="from">First day whose lines are read; null: since ever.</param>
    /// <param name="to">Last day.</param>
    /// <returns>Pages of people, in the order of their ids; between them the connection is free.</returns>
    public static async IAsyncEnumerable<IReadOnlyList<IGrouping<Guid, Purchase>>> PagesAsync(AutomationDb db, DateOnly? from, DateOnly to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var after = Guid.Empty;
        while (true)
        {
            var people = await db.QueryAsync(
                $"SELECT DISTINCT contact_id FROM purchases WHERE contact_id > @p0 ORDER BY contact_id LIMIT {PeopleAPage.ToString(CultureInfo.InvariantCulture)}", row => row.Guid(0), cancellation, after);
            if (people.Count == 0) yield break;
            var lines = await db.QueryAsync(
                $"SELECT {Columns} FROM purchases WHERE contact_id > @p0 AND contact_id <= @p1 AND date >= @p2 AND date <= @p3", Read, cancellation, after, people[^1], from ?? DateOnly.MinValue, to);
            yield return [.. lines.GroupBy(line => line.ContactId)];
            after = people[^1];
        }
    }

    public static async Task<ILookup<Guid, Purchase>> OfAsync(AutomationDb db, IReadOnlyCollection<Guid> people, DateOnly? from, DateOnly to, CancellationToken cancellation)
    {
        var lines = await db.QueryAsync(
            $"SELECT {Columns} FROM purchases WHERE {db.Dialect.Among("contact_id", "@p0")} AND date >= @p1 AND date <= @p2", Read, cancellation, people, from ?? DateOnly.MinValue, to);
        return lines.ToLookup(line => line.ContactId);
    }

    private static Purchase Read(SqlRow row) => new()
    {
        ContactId = row.Guid(0),
        Source = row.Text(1),
        OrderId = row.Text(2),
        Line = row.Int(3),
        Date = row.Date(4),
        Product = row.TextOrNull(5),
        Category = row.TextOrNull(6),
        Quantity = row.Decimal(7),
        Net = row.Decimal(8),
    };
}

namespace Automation.Marketing.Contacts.Repurchase;

/// <summary>A day on which one person bought: what returns left of that day's orders came to more than nothing (brief §5).</summary>
/// <param name="Quantity">Pieces of that day's orders, less those returned.</param>
public readonly record struct PurchaseDay(DateOnly Day, decimal Quantity);

/// <summary>Finds purchase days in order lines. The one place that says what counts as a purchase day.</summary>
public static class PurchaseDays
{
    /// <param name="lines">Of one person.</param>
    /// <param name="asOf">Later lines do not count, returns among them.</param>
    /// <returns>In order.</returns>
    public static List<PurchaseDay> Of(IEnumerable<Purchase> lines, DateOnly asOf) =>
    [
        // A return that names its order undoes the day of the order, not that of the return.
        .. lines.Where(line => line.Date <= asOf).GroupBy(line => (line.Source, line.OrderId))
            .Select(order => (Day: order.Min(line => line.Date), Net: order.Sum(line => line.Net), Quantity: order.Sum(line => line.Quantity)))
            .GroupBy(order => order.Day).Where(day => day.Sum(order => order.Net) > 0)
            .Select(day => new PurchaseDay(day.Key, day.Sum(order => order.Quantity))).OrderBy(day => day.Day),
    ];

    /// <summary>The same for each kind of goods by itself.</summary>
    /// <param name="kindOf">What a line is of, e.g. its category; null or empty: nothing that is told apart.</param>
    /// <returns>Kinds without a purchase day are left out.</returns>
    public static IEnumerable<(string Kind, List<PurchaseDay> Days)> ByKind(IEnumerable<Purchase> lines, DateOnly asOf, Func<Purchase, string?> kindOf) =>
        lines.Where(line => !string.IsNullOrEmpty(kindOf(line))).GroupBy(line => kindOf(line)!, StringComparer.Ordinal)
            .Select(kind => (kind.Key, Days: Of(kind, asOf))).Where(kind => kind.Days.Count > 0);
}

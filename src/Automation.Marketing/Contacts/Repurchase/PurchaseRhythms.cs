namespace Automation.Marketing.Contacts.Repurchase;

/// <summary>All rhythms of one person.</summary>
public static class PurchaseRhythms
{
    /// <param name="lines">Of one person.</param>
    /// <param name="medians">Days by category; empty: over everything.</param>
    /// <returns>Over everything first, its category empty, then each category; those of which no rhythm is known are left out.</returns>
    public static IEnumerable<(string Category, PurchaseRhythm Rhythm)> Of(IReadOnlyCollection<Purchase> lines, IReadOnlyDictionary<string, int> medians, DateOnly today)
    {
        foreach (var (category, days) in Kinds(lines, today))
        {
            if (PurchaseRhythm.Of(days, medians.TryGetValue(category, out var median) ? median : null) is { } rhythm) yield return (category, rhythm);
        }
    }

    internal static IEnumerable<(string Category, List<PurchaseDay> Days)> Kinds(IReadOnlyCollection<Purchase> lines, DateOnly today) =>
        PurchaseDays.ByKind(lines, today, line => line.Category).Prepend(("", PurchaseDays.Of(lines, today)));
}

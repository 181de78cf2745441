namespace Automation.Marketing.Contacts.Repurchase;

/// <summary>The median rhythm of each category: every person with a gap counts once, with the median of their own gaps.</summary>
public sealed class GapCounts
{
    // Halves of days are whole here; as many entries as rhythms differ, however many people there are.
    private readonly Dictionary<string, SortedDictionary<int, long>> people = new(StringComparer.Ordinal);

    /// <param name="days">One person's purchase days of the category, in order.</param>
    public void Add(string category, IReadOnlyList<PurchaseDay> days)
    {
        if (days.Count < 2) return;
        if (!people.TryGetValue(category, out var counts)) people.Add(category, counts = []);
        var halves = (int)(2 * PurchaseRhythm.MedianOf(PurchaseRhythm.GapsOf(days)));
        counts[halves] = counts.GetValueOrDefault(halves) + 1;
    }

    /// <returns>Whole days, halves rounded up; categories in which nobody bought twice are left out.</returns>
    public Dictionary<string, int> Medians() => people.ToDictionary(category => category.Key, category => MedianOf(category.Value), StringComparer.Ordinal);

    private static int MedianOf(SortedDictionary<int, long> counts)
    {
        var all = counts.Values.Sum();
        // Twice the mean of the two in the middle, in halves of days: a quarter of it is the median.
        return (int)Math.Floor((At((all - 1) / 2) + At(all / 2) + 2) / 4.0);

        int At(long place)
        {
            foreach (var (halves, count) in counts)
            {
                if (place < count) return halves;
                place -= count;
            }
            throw new InvalidOperationException("The place lies behind the last.");
        }
    }
}

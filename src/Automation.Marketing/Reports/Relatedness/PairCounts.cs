namespace Automation.Marketing.Reports.Relatedness;

/// <summary>Counts, person by person, who bought which pairs within the time allowed. One number a pair, whatever the number of people.</summary>
/// <param name="items">What is told apart; anything else is passed over.</param>
/// <param name="days">How long after the one the other counts.</param>
public sealed class PairCounts(IReadOnlyList<string> items, int days)
{
    private const int NotYet = int.MinValue / 2;

    private readonly Dictionary<string, int> numbers = items.Select((item, at) => (item, at)).ToDictionary(one => one.item, one => one.at, StringComparer.Ordinal);
    private readonly int[] counts = new int[items.Count * items.Count];
    private readonly int[] lastSeen = new int[items.Count];
    private readonly HashSet<int> pairs = [];

    /// <param name="purchases">What one person bought when, in any order.</param>
    public void Add(IEnumerable<(string Item, DateOnly Day)> purchases)
    {
        Array.Fill(lastSeen, NotYet);
        pairs.Clear();
        var seen = new List<int>();
        foreach (var day in purchases.Where(one => numbers.ContainsKey(one.Item)).GroupBy(one => one.Day.DayNumber, one => numbers[one.Item]).OrderBy(day => day.Key))
        {
            // Of one day each follows the other: they may have been in one basket.
            foreach (var item in day)
            {
                if (lastSeen[item] == NotYet) seen.Add(item);
                lastSeen[item] = day.Key;
            }
            foreach (var then in day)
            {
                foreach (var bought in seen)
                {
                    if (bought != then && day.Key - lastSeen[bought] <= days) pairs.Add((bought * items.Count) + then);
                }
            }
        }
        foreach (var pair in pairs) counts[pair]++;
    }

    /// <returns>Every pair that anybody bought.</returns>
    public IEnumerable<(string Bought, string Then, int People)> All() =>
        counts.Select((people, pair) => (items[pair / items.Count], items[pair % items.Count], people)).Where(pair => pair.people > 0);
}

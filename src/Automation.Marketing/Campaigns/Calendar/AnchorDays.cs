using System.Globalization;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>The days of every anchor by year: entered ones, and for years without one those that its rule gives.</summary>
public static class AnchorDays
{
    /// <param name="firstYear">From this year on rules give days; entered ones are all there.</param>
    /// <param name="lastYear">The last year for which they do.</param>
    /// <exception cref="BadInputException">Anchors hang on each other in a ring, or on one that does not exist.</exception>
    public static Dictionary<string, SortedDictionary<int, DateOnly>> Of(IReadOnlyCollection<Anchor> anchors, IReadOnlyCollection<AnchorDate> entered, int firstYear, int lastYear)
    {
        var days = anchors.ToDictionary(
            anchor => anchor.Key,
            anchor => new SortedDictionary<int, DateOnly>(entered.Where(row => row.AnchorKey == anchor.Key).ToDictionary(row => row.Year, row => row.Date)),
            StringComparer.Ordinal);
        var known = anchors.ToDictionary(anchor => anchor.Key, StringComparer.Ordinal);
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var anchor in anchors) Fill(anchor, [], known, days, done, firstYear, lastYear);
        return days;
    }

    private static void Fill(
        Anchor anchor, HashSet<string> under, Dictionary<string, Anchor> known, Dictionary<string, SortedDictionary<int, DateOnly>> days, HashSet<string> done,
        int firstYear, int lastYear)
    {
        if (done.Contains(anchor.Key)) return;
        if (!under.Add(anchor.Key)) throw new BadInputException(anchor.Key, "hangs on itself.");
        var own = days[anchor.Key];
        if (AnchorRule.Parse(anchor.Kind, anchor.Rule, anchor.Key) is not { } rule)
        {
            // A fixed day without a rule repeats the last one that was entered.
            if (anchor.Kind == AnchorRule.Fixed && own.Count > 0)
                AddYears(AnchorRule.Parse(AnchorRule.Fixed, own.Last().Value.ToString("MM-dd", CultureInfo.InvariantCulture), anchor.Key)!.In);
        }
        else if (rule.HangsOn is { } other)
        {
            if (!known.TryGetValue(other.Anchor, out var ground)) throw new BadInputException(anchor.Key, $"there is no anchor '{other.Anchor}'.");
            Fill(ground, under, known, days, done, firstYear, lastYear);
            foreach (var (year, day) in days[other.Anchor]) own.TryAdd(year, day.AddDays(other.Days));
        }
        else AddYears(rule.In);
        under.Remove(anchor.Key);
        done.Add(anchor.Key);

        void AddYears(Func<int, DateOnly?> find)
        {
            for (var year = firstYear; year <= lastYear; year++)
            {
                if (find(year) is { } day) own.TryAdd(year, day);
            }
        }
    }
}

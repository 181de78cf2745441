namespace Automation.Marketing.Contacts.Scoring;

/// <summary>Something a person did that counts.</summary>
/// <param name="Rule">The <see cref="TouchRule.Id"/> by which it counts.</param>
/// <param name="Points">What it was worth when it happened, a hand-back since then taken into account.</param>
public readonly record struct Touch(string Rule, string Type, DateTimeOffset At, double Points, double HalfLifeDays, bool Immediate)
{
    /// <returns>Points × 2^(−age / half-life); 0 before it happens.</returns>
    public double WorthAt(DateTimeOffset instant) => instant < At ? 0 : Points * Math.Pow(2, -(instant - At).TotalDays / HalfLifeDays);
}

/// <summary>What a hand-back took off all that was done before it.</summary>
public readonly record struct ScoreCut(DateTimeOffset At, double Factor);

/// <summary>Behaviour as a closed form of what is on record: no state that could drift, and late or doubled events cannot count wrongly.</summary>
public static class Behaviour
{
    /// <summary>What of the record counts, oldest first.</summary>
    /// <param name="zone">Whose days the daily cap goes by.</param>
    public static IReadOnlyList<Touch> Touches(ScoringRules rules, IEnumerable<RawTouch> record, IReadOnlyCollection<ScoreCut> cuts, TimeZoneInfo zone)
    {
        var counted = new Dictionary<(string, DateOnly), int>();
        var touches = new List<Touch>();
        foreach (var raw in record.OrderBy(raw => raw.At))
        {
            if (rules.Touches.FirstOrDefault(one => one.Matches(raw)) is not { Points: > 0 } rule) continue;
            var day = (rule.Id, LocalTime.DayOf(raw.At, zone));
            var before = counted.GetValueOrDefault(day);
            if (before >= rules.DailyCap) continue;
            counted[day] = before + 1;
            var points = cuts.Where(cut => raw.At <= cut.At).Aggregate(rule.Points, (worth, cut) => worth * cut.Factor);
            touches.Add(new Touch(rule.Id, raw.Type, raw.At, points, rule.HalfLifeDays, rule.Immediate));
        }
        return touches;
    }

    public static double ScoreAt(IEnumerable<Touch> touches, DateTimeOffset instant) => touches.Sum(touch => touch.WorthAt(instant));

    /// <summary>The least that behaviour was worth after an instant and until another: between touches it only falls, so it is least right before one, or at the end.</summary>
    /// <param name="touches">Oldest first.</param>
    public static double LeastBetween(IReadOnlyList<Touch> touches, DateTimeOffset after, DateTimeOffset until)
    {
        var least = ScoreAt(touches.Where(touch => touch.At <= until), until);
        var sums = new Dictionary<double, double>();
        DateTimeOffset? last = null;
        foreach (var touch in touches.Where(touch => touch.At <= until))
        {
            Fade(sums, last, touch.At);
            last = touch.At;
            if (touch.At > after) least = Math.Min(least, sums.Values.Sum());
            sums[touch.HalfLifeDays] = sums.GetValueOrDefault(touch.HalfLifeDays) + touch.Points;
        }
        return least;
    }

    /// <summary>Behaviour at an instant, summed up by half-life: all that is needed to say what it is worth later.</summary>
    public static Dictionary<double, double> SumsAt(IEnumerable<Touch> touches, DateTimeOffset instant) =>
        touches.Where(touch => touch.At <= instant).GroupBy(touch => touch.HalfLifeDays).ToDictionary(group => group.Key, group => group.Sum(touch => touch.WorthAt(instant)));

    public static double Faded(IReadOnlyDictionary<double, double> sums, TimeSpan age) => sums.Sum(pair => pair.Value * Math.Pow(2, -age.TotalDays / pair.Key));

    /// <summary>How long it takes behaviour to fall below a level when nothing more happens.</summary>
    /// <returns>Zero when it is below already.</returns>
    public static TimeSpan UntilBelow(IReadOnlyDictionary<double, double> sums, double level)
    {
        if (Faded(sums, TimeSpan.Zero) < level) return TimeSpan.Zero;
        var (low, high) = (0.0, sums.Keys.Max() * (2 + Math.Log2(Math.Max(1, sums.Values.Sum() / level))));
        while (high - low > 1e-6)
        {
            var middle = (low + high) / 2;
            if (Faded(sums, TimeSpan.FromDays(middle)) < level) high = middle;
            else low = middle;
        }
        return TimeSpan.FromDays(high);
    }

    private static void Fade(Dictionary<double, double> sums, DateTimeOffset? from, DateTimeOffset until)
    {
        if (from is not { } start) return;
        foreach (var halfLife in sums.Keys.ToList()) sums[halfLife] *= Math.Pow(2, -(until - start).TotalDays / halfLife);
    }
}

namespace Automation.Marketing.Contacts.Repurchase;

/// <summary>Where a person stands between their last purchase and the next: silent, to be reminded, past one and a half cycles, past three.</summary>
public enum RepurchaseState { Waiting, Due, Lapsed, Dormant }

/// <summary>How regularly one person buys one kind of goods, and when they are expected again (brief §5).</summary>
/// <param name="Gaps">Gaps between purchase days; below <see cref="LeastGaps"/> the person's own rhythm is unknown and the category's stands in.</param>
/// <param name="Median">Of the gaps, in days; 0 when the person's own is unknown.</param>
/// <param name="Spread">Median distance of the gaps from their median, in days.</param>
/// <param name="Usual">Days between purchases, the person's median drawn to that of the category.</param>
/// <param name="Estimate">The same for the quantity bought last: who bought twice as much comes half as soon.</param>
/// <param name="Last">The last purchase day.</param>
/// <param name="Remind">When a reminder is in place: a fifth of the estimate before <paramref name="Due"/>, 3 to 30 days.</param>
public sealed record PurchaseRhythm(int Gaps, double Median, double Spread, double Usual, double Estimate, DateOnly Last, DateOnly Due, DateOnly Remind)
{
    /// <summary>Fewer gaps say nothing of a person's own rhythm.</summary>
    public const int LeastGaps = 2;

    /// <summary>The category's median weighs as much as so many gaps.</summary>
    public const int CategoryWeight = 3;

    private const int LeastSureGaps = 3;
    private const double MostSureSpread = 0.5;
    private const double LeastFactor = 0.5, MostFactor = 3;
    private const double LeadShare = 0.2, LeastLead = 3, MostLead = 30;
    private const double LapsesAt = 1.5, SleepsAt = 3;

    // A century: rows with slips in their years must not lead beyond the calendar.
    private const double MostDays = 36_525;

    /// <summary>The rhythm is the person's own, not that of the category.</summary>
    public bool IsOwn => Gaps >= LeastGaps;

    /// <summary>Enough gaps, and near enough to each other; otherwise nobody is mailed for it.</summary>
    public bool IsSure => Gaps >= LeastSureGaps && Spread <= MostSureSpread * Median;

    /// <param name="days">The person's purchase days of the goods, in order.</param>
    /// <param name="categoryMedian">See <see cref="GapCounts"/>, in days; null: unknown.</param>
    /// <returns>Null: nothing bought, or neither the person's nor the category's rhythm is known.</returns>
    public static PurchaseRhythm? Of(IReadOnlyList<PurchaseDay> days, int? categoryMedian)
    {
        if (days.Count == 0) return null;
        var gaps = GapsOf(days);
        if (gaps.Count < LeastGaps) return categoryMedian is { } known ? Of(days, gaps.Count, 0, 0, known) : null;
        var median = MedianOf(gaps);
        var spread = MedianOf([.. gaps.Select(gap => Math.Abs(gap - median)).Order()]);
        return Of(days, gaps.Count, median, spread, ((gaps.Count * median) + (CategoryWeight * (categoryMedian ?? median))) / (gaps.Count + CategoryWeight));
    }

    /// <summary>Days since the last purchase as a share of the estimate.</summary>
    public double RatioOn(DateOnly day) => (day.DayNumber - Last.DayNumber) / Estimate;

    public RepurchaseState StateOn(DateOnly day) =>
        Enum.GetValues<RepurchaseState>().Last(state => state is RepurchaseState.Waiting || day >= BeginOf(state));

    /// <summary>The first day of a state.</summary>
    public DateOnly BeginOf(RepurchaseState state) => state switch
    {
        RepurchaseState.Waiting => Last,
        RepurchaseState.Due => Remind,
        RepurchaseState.Lapsed => Last.AddDays((int)Math.Ceiling(LapsesAt * Estimate)),
        _ => Last.AddDays((int)Math.Ceiling(SleepsAt * Estimate)),
    };

    /// <summary>Days from one purchase to the next, the shortest first.</summary>
    internal static List<double> GapsOf(IReadOnlyList<PurchaseDay> days) =>
        [.. days.Skip(1).Select((day, at) => (double)(day.Day.DayNumber - days[at].Day.DayNumber)).Order()];

    /// <param name="sorted">At least one.</param>
    internal static double MedianOf(IReadOnlyList<double> sorted) => (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;

    private static PurchaseRhythm Of(IReadOnlyList<PurchaseDay> days, int gaps, double median, double spread, double usual)
    {
        var estimate = Math.Min(usual * FactorOf(days), MostDays);
        var last = days[^1].Day;
        var due = last.AddDays(Whole(estimate));
        var remind = due.AddDays(-Whole(Math.Clamp(LeadShare * estimate, LeastLead, MostLead)));
        // Of goods bought every other day: not on the day of the purchase itself.
        return new PurchaseRhythm(gaps, median, spread, usual, estimate, last, due, remind > last ? remind : last.AddDays(1));
    }

    // Beside what the person had bought before; the first purchase has nothing beside it.
    private static double FactorOf(IReadOnlyList<PurchaseDay> days)
    {
        if (days.Count < 2) return 1;
        var usual = MedianOf([.. days.SkipLast(1).Select(day => (double)day.Quantity).Order()]);
        return usual > 0 && days[^1].Quantity > 0 ? Math.Clamp((double)days[^1].Quantity / usual, LeastFactor, MostFactor) : 1;
    }

    private static int Whole(double days) => (int)Math.Round(days, MidpointRounding.AwayFromZero);
}

using Automation.Marketing.Storage;

namespace Automation.Marketing.Campaigns.Calendar;

/// <summary>When the shop's customers order: each calendar month's share of a year's orders × 12, mean of the last three full years (brief §5). 1 is an even month.</summary>
/// <param name="Shares">January to December.</param>
/// <param name="Years">Full years with orders that went into it, 0 to 3.</param>
public sealed record DemandProfile(IReadOnlyList<double> Shares, int Years)
{
    /// <summary>From here on a month is in the band of demand.</summary>
    public const double BandFrom = 1.2;

    // A quarter of a year: later, a mailing is early for the next season rather than late for this one.
    private const int MonthsAfterPeak = 3;

    private const int MostYears = 3;

    /// <summary>The month with the highest share, 1 to 12; null without orders.</summary>
    public int? Peak => Years == 0 ? null : Enumerable.Range(1, 12).MaxBy(month => Shares[month - 1]);

    public bool IsBand(int month) => Shares[month - 1] >= BandFrom;

    /// <summary>One of the months right after the peak in which customers do not want it any more: below the band, and before demand rises again.</summary>
    /// <param name="month">1 to 12.</param>
    public bool IsAfterPeak(int month)
    {
        if (Peak is not { } peak || IsBand(month)) return false;
        var since = (month - peak + 12) % 12;
        return since is > 0 and <= MonthsAfterPeak;
    }

    /// <param name="thisYear">The year that is not full yet.</param>
    public static async Task<DemandProfile> OfAsync(AutomationDb db, int thisYear, CancellationToken cancellation)
    {
        var counts = await db.QueryAsync(
            $"""
            SELECT {db.Dialect.YearOf("date")}, {db.Dialect.MonthOf("date")}, COUNT(DISTINCT source || ' ' || order_id) FROM purchases
            WHERE net > 0 AND date >= @p0 AND date < @p1 GROUP BY 1, 2
            """,
            row => (Year: row.Int(0), Month: row.Int(1), Orders: row.Long(2)), cancellation,
            new DateOnly(thisYear - MostYears, 1, 1), new DateOnly(thisYear, 1, 1));
        var years = counts.GroupBy(line => line.Year).ToList();
        var shares = Enumerable.Range(1, 12).Select(month => years.Count == 0 ? 0 : years.Average(
            year => 12.0 * year.Where(line => line.Month == month).Sum(line => line.Orders) / year.Sum(line => line.Orders)));
        return new DemandProfile([.. shares], years.Count);
    }
}

using Automation.Marketing.Storage;

namespace Automation.Marketing.Campaigns.Turns;

/// <summary>What one version of a test did.</summary>
/// <param name="Version"><c>A</c>, <c>B</c>, or empty: the rest, who got the better one.</param>
/// <param name="People">Whom it was for.</param>
/// <param name="Sent">Mails that left, and cards and calls that were marked as done.</param>
/// <param name="Clicked">People who clicked themselves; machines do not count.</param>
/// <param name="Bought">People to whom it was sent and who bought within <see cref="BroadcastReport.FollowDays"/> days from the first day on.</param>
/// <param name="Net">What they bought for in that time.</param>
public sealed record VersionFigure(string Version, int People, int Sent, int Clicked, int Bought, decimal Net = 0)
{
    /// <summary>For each to whom it was sent.</summary>
    public decimal NetPerPerson => Sent == 0 ? 0 : Net / Sent;

    /// <summary>People of all to whom it was sent, 0 to 1.</summary>
    public double ClickShare => Sent == 0 ? 0 : (double)Clicked / Sent;

    /// <inheritdoc cref="ClickShare"/>
    public double OrderShare => Sent == 0 ? 0 : (double)Bought / Sent;
}

/// <summary>Counts what versions did, and says which is better.</summary>
public static class VersionFigures
{
    /// <param name="first">The first day on which a purchase counts.</param>
    public static async Task<IReadOnlyList<VersionFigure>> OfAsync(AutomationDb db, Guid broadcastId, DateOnly first, CancellationToken cancellation) =>
        await db.QueryAsync($"""
            SELECT version, COUNT(*), SUM(sent), SUM(clicked), COUNT(net), COALESCE(SUM(net), 0) FROM (
                SELECT version, sent, clicked, CASE WHEN sent = 1 THEN (
                    SELECT SUM(p.net) FROM purchases p WHERE p.contact_id = each.contact_id AND p.date >= @p2 AND p.date <= @p3 AND p.net > 0) END AS net
                FROM (
                    SELECT r.contact_id, COALESCE(r.version, '') AS version, CASE WHEN m.state = 'Sent' OR w.state = 'Done' THEN 1 ELSE 0 END AS sent,
                           CASE WHEN m.clicks_unique > 0 THEN 1 ELSE 0 END AS clicked
                    FROM broadcast_recipients r LEFT JOIN outbox_messages m ON m.origin_id = @p1 AND m.contact_id = r.contact_id
                        LEFT JOIN paper_sends w ON w.broadcast_id = @p0 AND w.contact_id = r.contact_id
                    WHERE r.broadcast_id = @p0 AND {TurnRows.HadTurn}) AS each) AS figures
            GROUP BY version ORDER BY version
            """,
            row => new VersionFigure(row.Text(0), row.Int(1), row.Int(2), row.Int(3), row.Int(4), row.Decimal(5)), cancellation,
            broadcastId, broadcastId.ToString("N"), first, first.AddDays(BroadcastReport.FollowDays));

    /// <summary>The better of two; the first when neither is, or when too few were sent to tell.</summary>
    public static (string Version, WinnerBecause Because) Better(VersionTest test, IReadOnlyList<VersionFigure> figures)
    {
        var (a, b) = (Of(VersionTest.First), Of(VersionTest.Second));
        if (Math.Min(a.Sent, b.Sent) < test.Least) return (VersionTest.First, WinnerBecause.TooSmall);
        var (gotA, gotB) = test.By is WinnerBy.Orders ? (a.Bought, b.Bought) : (a.Clicked, b.Clicked);
        // Shares, crosswise: nothing is rounded.
        return ((long)gotA * b.Sent).CompareTo((long)gotB * a.Sent) switch
        {
            0 => (VersionTest.First, WinnerBecause.Tie),
            > 0 => (VersionTest.First, WinnerBecause.Better),
            _ => (VersionTest.Second, WinnerBecause.Better),
        };

        VersionFigure Of(string version) => figures.FirstOrDefault(figure => figure.Version == version) ?? new VersionFigure(version, 0, 0, 0, 0);
    }
}

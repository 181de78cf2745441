using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Campaigns;

/// <summary>People of one zone.</summary>
/// <param name="Zone">IANA id.</param>
/// <param name="Waiting">Whose turn is still to come.</param>
/// <param name="HourPast">Left out because the hour was over on their clocks.</param>
public sealed record ZoneFigure(string Zone, int People, int Sent, int Waiting, int HourPast, DateTimeOffset? NextTurn);

/// <summary>Buyers among those whom it was for and among those who were held out.</summary>
/// <param name="Days">Days from the first on in which a purchase counts.</param>
/// <param name="For">Everyone it was for and who was not held out, reached or not: so both sides are alike.</param>
public sealed record HoldOutComparison(int Days, int For, int Bought, int HeldOut, int HeldOutBought)
{
    /// <summary>Fewer people on both sides together say nothing about a difference.</summary>
    public const int LeastPeople = 1_000;

    // Of the normal distribution: 95 of 100 lie within.
    internal const double Within95 = 1.959964;

    public double Share => For == 0 ? 0 : (double)Bought / For;
    public double HeldOutShare => HeldOut == 0 ? 0 : (double)HeldOutBought / HeldOut;
    public double Difference => Share - HeldOutShare;
    public bool IsEnough => For + HeldOut >= LeastPeople && HeldOut > 0 && For > 0;

    /// <summary>Half the width of the 95 % interval of <see cref="Difference"/>.</summary>
    public double Margin => IsEnough ? Within95 * Math.Sqrt(Variance) : double.NaN;

    /// <summary>Of <see cref="Difference"/>; only with people on both sides.</summary>
    internal double Variance => Spread(Share, For) + Spread(HeldOutShare, HeldOut);

    private static double Spread(double share, int people) => share * (1 - share) / people;
}

/// <summary>What a broadcast that did not go to everybody at once did: by version, by zone, beside those who were held out, on paper.</summary>
public sealed record BroadcastReport(
    IReadOnlyList<VersionFigure> Versions, IReadOnlyList<ZoneFigure> Zones, IReadOnlyDictionary<SetApart, int> Apart, HoldOutComparison? HoldOut, PaperTotals Paper)
{
    /// <summary>How long after the sending a purchase counts as having followed it.</summary>
    public const int FollowDays = 30;

    public static async Task<BroadcastReport?> OfAsync(AutomationDb db, Broadcast broadcast, CancellationToken cancellation)
    {
        if (!broadcast.HasTurns || broadcast.StartedAt is not { } started) return null;
        var options = BroadcastOptions.FromJson(broadcast.Options);
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var first = LocalTime.DayOf(started, zone);
        var apart = await db.QueryAsync(
            "SELECT apart, COUNT(*) FROM broadcast_recipients WHERE broadcast_id = @p0 AND apart IS NOT NULL GROUP BY apart", row => (row.Enum<SetApart>(0), row.Int(1)), cancellation, broadcast.Id);
        return new BroadcastReport(
            options.Test is null ? [] : await VersionFigures.OfAsync(db, broadcast.Id, first, cancellation),
            options.Local is null && options.Test is not { Of: TestOf.Time } ? [] : await ZonesAsync(db, broadcast.Id, cancellation),
            apart.ToDictionary(line => line.Item1, line => line.Item2),
            options.HoldOutPercent + broadcast.HeldOutOfAll == 0 ? null : await CompareAsync(db, broadcast.Id, first, cancellation),
            await PaperLists.TotalsAsync(db, broadcast.Id, cancellation));
    }

    private static async Task<IReadOnlyList<ZoneFigure>> ZonesAsync(AutomationDb db, Guid broadcastId, CancellationToken cancellation) =>
        await db.QueryAsync($"""
            SELECT r.zone, COUNT(*), COUNT(CASE WHEN m.state = 'Sent' THEN 1 END), COUNT(r.turn_at), COUNT(CASE WHEN r.apart = '{nameof(SetApart.HourPast)}' THEN 1 END),
                   MIN(CASE WHEN r.turn_at < @p2 THEN r.turn_at END)
            FROM broadcast_recipients r LEFT JOIN outbox_messages m ON m.origin_id = @p1 AND m.contact_id = r.contact_id
            WHERE r.broadcast_id = @p0 AND r.zone IS NOT NULL GROUP BY r.zone ORDER BY 2 DESC, 1
            """,
            row => new ZoneFigure(row.Text(0), row.Int(1), row.Int(2), row.Int(3), row.Int(4), row.InstantOrNull(5)), cancellation, broadcastId, broadcastId.ToString("N"), TurnPlan.NotYet);

    private static async Task<HoldOutComparison> CompareAsync(AutomationDb db, Guid broadcastId, DateOnly first, CancellationToken cancellation)
    {
        var sides = await db.QueryAsync($"""
            SELECT CASE WHEN r.apart = '{nameof(SetApart.HeldOut)}' THEN 1 ELSE 0 END, COUNT(*),
                   COUNT(CASE WHEN EXISTS (SELECT 1 FROM purchases p WHERE p.contact_id = r.contact_id AND p.date >= @p1 AND p.date <= @p2 AND p.net > 0) THEN 1 END)
            FROM broadcast_recipients r WHERE r.broadcast_id = @p0 AND ({TurnRows.HadTurn} OR r.apart = '{nameof(SetApart.HeldOut)}') GROUP BY 1
            """,
            row => (IsHeldOut: row.Bool(0), People: row.Int(1), Bought: row.Int(2)), cancellation, broadcastId, first, first.AddDays(FollowDays));
        var (mailed, heldOut) = (sides.FirstOrDefault(side => !side.IsHeldOut), sides.FirstOrDefault(side => side.IsHeldOut));
        return new HoldOutComparison(FollowDays, mailed.People, mailed.Bought, heldOut.People, heldOut.Bought);
    }
}

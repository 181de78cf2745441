using Automation.Marketing.Mail.Delivery.Speed;
using Automation.Marketing.Storage;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Mail.Delivery.Holds;

/// <summary>When too many complaints or hard bounces stop the sending (brief §6). Data: kept as a workspace setting.</summary>
/// <param name="ComplaintWarn">Complaints per delivered mail, from which on somebody should look.</param>
/// <param name="ComplaintStop">From which on nothing that sells leaves.</param>
/// <param name="BounceStop">Hard bounces per mail that the receivers answered to, from which on no marketing mail leaves.</param>
/// <param name="LeastDelivered">Fewer delivered mails say nothing about complaints.</param>
/// <param name="LeastAnswered">Fewer answered mails say nothing about bounces.</param>
/// <param name="Days">How far back is counted, today included.</param>
public sealed record BreakerLimits(
    double ComplaintWarn = 0.001, double ComplaintStop = 0.003, double BounceStop = 0.05, int LeastDelivered = 1000, int LeastAnswered = 200, int Days = 7)
{
    public const string SettingKey = "breakers";
}

/// <summary>What a sending domain's mails met with, over the days that count.</summary>
public sealed record SendingRecord(string Domain, int Delivered, int HardBounces, int Complaints, BreakerLimits Limits)
{
    public double ComplaintRate => Delivered == 0 ? 0 : (double)Complaints / Delivered;

    public double BounceRate => Delivered + HardBounces == 0 ? 0 : (double)HardBounces / (Delivered + HardBounces);

    public bool Warns => Delivered >= Limits.LeastDelivered && ComplaintRate >= Limits.ComplaintWarn;

    internal bool StopsSelling => Delivered >= Limits.LeastDelivered && ComplaintRate >= Limits.ComplaintStop;

    internal bool StopsMarketing => Delivered + HardBounces >= Limits.LeastAnswered && BounceRate >= Limits.BounceStop;
}

/// <summary>Counts what became of mails and stops before receivers take the sender for a spammer. Only a person lets it go on.</summary>
public static class Breakers
{
    // What had been counted when a person released a breaker does not trip it again.
    private const string ReleasedKey = "breakers-released";

    /// <summary>Adds to the day's counts, once for many events, and stops what must be stopped.</summary>
    public static async Task CountAsync(AutomationDb db, int delivered, int hardBounces, int complaints, ILogger logger, DateTimeOffset now, CancellationToken cancellation)
    {
        if (delivered + hardBounces + complaints == 0) return;
        var (domain, today) = await SenderAsync(db, now, cancellation);
        await db.ExecuteAsync("""
            INSERT INTO sending_days (domain, day, booked, delivered, hard_bounces, complaints) VALUES (@p0, @p1, 0, @p2, @p3, @p4)
            ON CONFLICT (domain, day) DO UPDATE SET delivered = sending_days.delivered + @p2, hard_bounces = sending_days.hard_bounces + @p3,
                complaints = sending_days.complaints + @p4
            """, cancellation, domain, today, delivered, hardBounces, complaints);
        if (hardBounces + complaints == 0) return;
        var record = await RecordAsync(db, now, cancellation);
        if (record.StopsSelling) await StopAsync(db, HoldScope.Selling, HoldReason.Complaints, record.Complaints, record.Delivered, logger, now, cancellation);
        else if (record.Warns) logger.ComplaintsHigh(record.Complaints, record.Delivered);
        if (record.StopsMarketing) await StopAsync(db, HoldScope.Marketing, HoldReason.Bounces, record.HardBounces, record.Delivered + record.HardBounces, logger, now, cancellation);
    }

    /// <summary>What counts now.</summary>
    public static async Task<SendingRecord> RecordAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var limits = await db.ReadSettingAsync<BreakerLimits>(BreakerLimits.SettingKey, cancellation) ?? new BreakerLimits();
        var (domain, today) = await SenderAsync(db, now, cancellation);
        var released = await db.ReadSettingAsync<Released>(ReleasedKey, cancellation);
        var first = today.AddDays(1 - limits.Days);
        var counts = await CountsAsync(db, domain, released?.Day > first ? released.Day : first, cancellation);
        // Of the day of the release, what came before it does not count.
        return released?.Day >= first
            ? new SendingRecord(domain, counts.Delivered - released.Delivered, counts.HardBounces - released.HardBounces, counts.Complaints - released.Complaints, limits)
            : new SendingRecord(domain, counts.Delivered, counts.HardBounces, counts.Complaints, limits);
    }

    /// <summary>Counting begins anew: a person has looked at it.</summary>
    internal static async Task BeginAnewAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var (domain, today) = await SenderAsync(db, now, cancellation);
        var counts = await CountsAsync(db, domain, today, cancellation);
        await db.WriteSettingAsync(ReleasedKey, new Released(today, counts.Delivered, counts.HardBounces, counts.Complaints), now, cancellation);
    }

    private static async Task StopAsync(
        AutomationDb db, HoldScope scope, HoldReason reason, int count, int of, ILogger logger, DateTimeOffset now, CancellationToken cancellation)
    {
        await SendingHolds.HoldAsync(db, scope, "", reason, $"{count}/{of}", until: null, heldBy: "", now, cancellation);
        logger.BreakerTripped(scope, reason, count, of);
    }

    private static async Task<(string Domain, DateOnly Today)> SenderAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var shop = await db.ShopAsync(cancellation);
        return (Pacing.DomainOf(shop.FromEmail), LocalTime.DayOf(now, LocalTime.ZoneOr(shop.TimeZone, TimeZoneInfo.Utc)));
    }

    private static async Task<(int Delivered, int HardBounces, int Complaints)> CountsAsync(AutomationDb db, string domain, DateOnly first, CancellationToken cancellation) =>
        (await db.QueryAsync(
            "SELECT COALESCE(SUM(delivered), 0), COALESCE(SUM(hard_bounces), 0), COALESCE(SUM(complaints), 0) FROM sending_days WHERE domain = @p0 AND day >= @p1",
            row => (row.Int(0), row.Int(1), row.Int(2)), cancellation, domain, first))[0];

    private sealed record Released(DateOnly Day, int Delivered, int HardBounces, int Complaints);
}

internal static partial class BreakersLog
{
    [LoggerMessage(2201, LogLevel.Warning, "{Complaints} complaints about {Delivered} delivered mails: more will stop all that sells")]
    public static partial void ComplaintsHigh(this ILogger logger, int complaints, int delivered);

    [LoggerMessage(2202, LogLevel.Error, "{Scope} mail is stopped until a person releases it: {Reason}, {Count} of {Mails} mails")]
    public static partial void BreakerTripped(this ILogger logger, HoldScope scope, HoldReason reason, int count, int mails);
}

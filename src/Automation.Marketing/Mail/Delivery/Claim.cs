using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Mail.Delivery.Speed;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>Due messages that this worker now holds.</summary>
/// <param name="Seen">How many were due, those included that a hold or a limit keeps back.</param>
/// <param name="PausedBecause">Why nothing at all may leave; null otherwise.</param>
internal sealed record Claim(IReadOnlyList<ClaimedMail> Mails, int Seen, string? PausedBecause)
{
    // A hold without an end is looked at again after this: released earlier, its mails are due at once.
    private static readonly TimeSpan HeldFor = TimeSpan.FromDays(1);

    /// <summary>Takes what is due. What must wait gets its reason and the instant at which it is due again.</summary>
    /// <param name="publicUrl">Where links in mail lead.</param>
    public static async Task<Claim> TakeAsync(
        AutomationDb db, string owner, DeliveryOptions options, Uri publicUrl, DateTimeOffset now, CancellationToken stopping)
    {
        await using var transaction = await db.BeginWriteAsync(stopping);
        var holds = await SendingHolds.InForceAsync(db, now, stopping);
        if (holds.FirstOrDefault(hold => hold.Scope is HoldScope.All) is { } all) return new Claim([], 0, all.Detail);
        // Marketing mail waits until it can say who sends it.
        var mayMarket = LawChecks.Missing(await db.ShopAsync(stopping), publicUrl).Count == 0;
        var due = await db.QueryAsync($"""
            SELECT id, identity, contact_id, instance_id, origin, origin_id, recipient, template, class, approach, topics, context, attempt, valid_until,
                   booked_on, paced_for
            FROM outbox_messages
            WHERE state = 'Queued' AND due_at <= @p0 AND (lease_until IS NULL OR lease_until < @p0){(mayMarket ? "" : " AND class = 'Transactional'")}
              AND (instance_id IS NULL OR {Outbox.NothingToBeWorkedOff})
            ORDER BY due_at LIMIT {options.Claim}{db.Dialect.SkipLocked}
            """,
            row => new ClaimedMail(
                row.Guid(0), row.Text(1), row.Guid(2), row.GuidOrNull(3), row.Enum<MessageOrigin>(4), row.Text(5), row.TextOrNull(6) ?? "", row.Text(7),
                row.Enum<MessageClass>(8), row.Enum<Approach>(9), row.Text(10), row.Text(11), row.Int(12), row.InstantOrNull(13),
                row.IsNull(14) ? null : row.Date(14), row.InstantOrNull(15)),
            stopping, now);
        if (due.Count == 0) return new Claim([], 0, null);
        var free = await HoldBackAsync(db, due, holds, now, stopping);
        var taken = await PaceAsync(db, free, now, stopping);
        await db.ExecuteAsync(
            $"UPDATE outbox_messages SET lease_owner = @p0, lease_until = @p1 WHERE {db.Dialect.Among("id", "@p2")}",
            stopping, owner, now + options.Lease, taken.Select(mail => mail.Id).ToArray());
        await transaction.CommitAsync(stopping);
        return new Claim(taken, due.Count, null);
    }

    private static async Task<List<ClaimedMail>> HoldBackAsync(
        AutomationDb db, List<ClaimedMail> due, IReadOnlyList<ActiveHold> holds, DateTimeOffset now, CancellationToken stopping)
    {
        var free = new List<ClaimedMail>(due.Count);
        var held = new List<object?[]>();
        foreach (var mail in due)
        {
            // What has expired is let through to be found expired.
            if (mail.ValidUntil < now || holds.FirstOrDefault(hold => hold.Keeps(mail)) is not { } hold) free.Add(mail);
            else held.Add([mail.Id, Within(mail, hold.Until ?? now + HeldFor), SendingHolds.Rule]);
        }
        await db.ExecuteManyAsync("UPDATE outbox_messages SET due_at = @p1, rule = @p2 WHERE id = @p0", held, stopping);
        return free;
    }

    // Transactional mail is waited for: limits on speed are for the rest.
    private static async Task<IReadOnlyList<ClaimedMail>> PaceAsync(AutomationDb db, List<ClaimedMail> free, DateTimeOffset now, CancellationToken stopping)
    {
        var speed = await db.SendingSpeedAsync(stopping);
        if (!speed.IsLimited) return free;
        var shop = await db.ShopAsync(stopping);
        var opens = (await db.SendingPolicyAsync(stopping)).Quiet?.Until ?? TimeOnly.MinValue;
        var pacing = new Pacing(db, speed, Pacing.DomainOf(shop.FromEmail), LocalTime.ZoneOr(shop.TimeZone, TimeZoneInfo.Utc), opens, now);
        var paces = await pacing.PlaceAsync([.. free.Where(mail => mail.Class is MessageClass.Marketing && !(mail.ValidUntil < now))], stopping);
        var later = paces.Where(pace => pace.At is not null).ToList();
        await db.ExecuteManyAsync(
            "UPDATE outbox_messages SET due_at = @p1, rule = @p2, paced_for = @p3, booked_on = @p4 WHERE id = @p0",
            [.. later.Select(pace => new object?[] { pace.Mail.Id, Within(pace.Mail, pace.At!.Value), pace.Rule, pace.At, pace.BookedOn })], stopping);
        foreach (var booked in paces.Where(pace => pace.At is null && pace.BookedOn != pace.Mail.BookedOn).GroupBy(pace => pace.BookedOn))
        {
            await db.ExecuteAsync(
                $"UPDATE outbox_messages SET booked_on = @p1 WHERE {db.Dialect.Among("id", "@p0")}", stopping, booked.Select(pace => pace.Mail.Id).ToArray(), booked.Key);
        }
        var waiting = later.Select(pace => pace.Mail.Id).ToHashSet();
        return [.. free.Where(mail => !waiting.Contains(mail.Id))];
    }

    // What expires meanwhile is looked at then, and said to have expired.
    private static DateTimeOffset Within(ClaimedMail mail, DateTimeOffset instant) =>
        mail.ValidUntil is { } end && end < instant ? end + TimeSpan.FromMilliseconds(1) : instant;
}

using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Delivery.Holds;

/// <summary>A hold that keeps mails back now.</summary>
public sealed record ActiveHold(
    Guid Id, HoldScope Scope, string Key, HoldReason Reason, string Detail, DateTimeOffset Since, DateTimeOffset? Until, string HeldBy)
{
    internal bool Keeps(ClaimedMail mail) => Keeps(mail.Class, mail.Approach, mail.Origin is MessageOrigin.Broadcast ? mail.OriginId : null);

    /// <param name="broadcastId">As in <see cref="OutboxMessage.OriginId"/>; null: no broadcast's mail.</param>
    internal bool Keeps(MessageClass messageClass, Approach approach, string? broadcastId) => Scope switch
    {
        HoldScope.All => true,
        HoldScope.Marketing => messageClass is MessageClass.Marketing,
        HoldScope.Selling => approach is Approach.A1 or Approach.A2,
        _ => broadcastId == Key,
    };
}

/// <summary>Puts mails on hold and lets them go again.</summary>
public static class SendingHolds
{
    /// <summary>What <see cref="OutboxMessage.Rule"/> says of a mail that a hold keeps back.</summary>
    public const string Rule = "held";

    public static async Task<IReadOnlyList<ActiveHold>> InForceAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation) =>
        await db.QueryAsync(
            "SELECT id, scope, key, reason, detail, since, until, held_by FROM sending_holds WHERE released_at IS NULL AND (until IS NULL OR until > @p0) ORDER BY since, id",
            row => new ActiveHold(
                row.Guid(0), row.Enum<HoldScope>(1), row.Text(2), row.Enum<HoldReason>(3), row.Text(4), row.Instant(5), row.InstantOrNull(6), row.Text(7)),
            cancellation, now);

    /// <summary>Keeps mails back from now on. A hold of the same scope and reason that is still there is prolonged instead.</summary>
    /// <param name="until">When it ends by itself; null: when a person releases it.</param>
    /// <param name="heldBy">Who pauses; empty when nobody does.</param>
    public static async Task HoldAsync(
        AutomationDb db, HoldScope scope, string key, HoldReason reason, string detail, DateTimeOffset? until, string heldBy, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var words = detail.Length > SendingHold.MaxDetail ? detail[..SendingHold.MaxDetail] : detail;
        var prolonged = await db.ExecuteAsync("""
            UPDATE sending_holds SET detail = @p3, held_by = @p4, since = CASE WHEN until <= @p5 THEN @p5 ELSE since END,
                   until = CASE WHEN until > @p6 THEN until ELSE @p6 END
            WHERE released_at IS NULL AND scope = @p0 AND key = @p1 AND reason = @p2
            """, cancellation, scope, key, reason, words, heldBy, now, until);
        if (prolonged > 0) return;
        await db.ExecuteAsync(
            "INSERT INTO sending_holds (id, scope, key, reason, detail, since, until, held_by) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7)",
            cancellation, RowId.New(now), scope, key, reason, words, now, until, heldBy);
    }

    /// <summary>A person keeps mails back until a person releases them.</summary>
    /// <exception cref="RuleBrokenException">They are kept back already.</exception>
    public static async Task PauseAsync(AutomationDb db, HoldScope scope, string key, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        if ((await InForceAsync(db, now, cancellation)).Any(hold => hold.Scope == scope && hold.Key == key && hold.Reason is HoldReason.Person))
            throw new RuleBrokenException("This is paused already.");
        await HoldAsync(db, scope, key, HoldReason.Person, "", until: null, who, now, cancellation);
    }

    /// <summary>Ends a hold; what it kept back is due at once, and asked anew whether it may go.</summary>
    /// <returns>False when there is no such hold in force.</returns>
    public static async Task<bool> ReleaseAsync(AutomationDb db, Guid id, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        if ((await InForceAsync(db, now, cancellation)).SingleOrDefault(hold => hold.Id == id) is not { } released) return false;
        await db.ExecuteAsync("UPDATE sending_holds SET released_at = @p1, released_by = @p2 WHERE id = @p0", cancellation, id, now, by);
        if (released.Reason is HoldReason.Complaints or HoldReason.Bounces) await Breakers.BeginAnewAsync(db, now, cancellation);
        var (condition, key) = released.Scope switch
        {
            HoldScope.Marketing => ("class = 'Marketing'", null),
            HoldScope.Selling => ("approach IN ('A1', 'A2')", null),
            HoldScope.Broadcast => ("origin_id = @p2", released.Key),
            _ => ("1 = 1", (string?)null),
        };
        await db.ExecuteAsync(
            $"UPDATE outbox_messages SET due_at = @p0 WHERE state = 'Queued' AND due_at > @p0 AND rule = @p1 AND {condition}", cancellation,
            key is null ? [now, Rule] : [now, Rule, key]);
        return true;
    }
}

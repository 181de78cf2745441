using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail;

/// <summary>Mails of one sending that a rule kept from going, by rule.</summary>
/// <param name="Waiting">Those of them that may still go.</param>
public sealed record HeldBackTotal(string Rule, int Mails, int Waiting);

/// <summary>A step most of whose mails are held back by limits: its plan does not fit the policy.</summary>
/// <param name="NodeId">Empty for a broadcast.</param>
/// <param name="Asked">Mails asked for in the last 24 hours.</param>
/// <param name="Held">Those of them that a limit skipped, let expire or makes wait.</param>
public sealed record StepAlarm(string OriginId, string NodeId, int Asked, int Held)
{
    public double Share => (double)Held / Asked;
}

/// <summary>Why mails did not go: by flow or broadcast, with totals per rule, and the alarm.</summary>
public static class HeldBack
{
    public static readonly TimeSpan AlarmSpan = TimeSpan.FromHours(24);

    public static async Task<IReadOnlyList<HeldBackTotal>> TotalsAsync(AutomationDb db, string originId, CancellationToken cancellation)
    {
        var lines = await db.QueryAsync("""
            SELECT rule, state, COUNT(*) FROM outbox_messages
            WHERE origin_id = @p0 AND state IN ('Deferred', 'Skipped', 'Suppressed', 'Expired') GROUP BY rule, state
            """, row => (Rule: row.Text(0), State: row.Enum<MessageState>(1), Count: row.Int(2)), cancellation, originId);
        return
        [
            .. lines.GroupBy(line => line.Rule)
                .Select(group => new HeldBackTotal(group.Key, group.Sum(line => line.Count), group.Where(line => line.State is MessageState.Deferred).Sum(line => line.Count)))
                .OrderByDescending(total => total.Mails).ThenBy(total => total.Rule, StringComparer.Ordinal),
        ];
    }

    /// <summary>The newest mails of a sending that did not go.</summary>
    public static async Task<IReadOnlyList<OutboxMessage>> NewestAsync(AutomationDb db, string originId, int most, CancellationToken cancellation) =>
        await db.OutboxMessages.AsNoTracking()
            .Where(m => m.OriginId == originId
                && (m.State == MessageState.Deferred || m.State == MessageState.Skipped || m.State == MessageState.Suppressed || m.State == MessageState.Expired))
            .OrderByDescending(m => m.RequestedAt).ThenByDescending(m => m.Id).Take(most).ToListAsync(cancellation);

    /// <summary>The steps in alarm, worst first.</summary>
    /// <param name="originId">Null: of all flows and broadcasts.</param>
    public static async Task<IReadOnlyList<StepAlarm>> AlarmsAsync(AutomationDb db, SendingPolicy policy, string? originId, DateTimeOffset now, CancellationToken cancellation)
    {
        var lines = await db.QueryAsync($"""
            SELECT origin_id, node_id, state, rule, COUNT(*) FROM outbox_messages
            WHERE requested_at > @p0 AND requested_at <= @p1 AND class = 'Marketing'{(originId is null ? "" : " AND origin_id = @p2")}
            GROUP BY origin_id, node_id, state, rule
            """,
            row => (Step: (Origin: row.Text(0), Node: row.Text(1)), State: row.Enum<MessageState>(2), Rule: row.Text(3), Count: row.Int(4)),
            cancellation, originId is null ? [now - AlarmSpan, now] : [now - AlarmSpan, now, originId]);
        return
        [
            .. lines.GroupBy(line => line.Step)
                .Select(step => new StepAlarm(step.Key.Origin, step.Key.Node, step.Sum(line => line.Count), step.Where(line => IsHeld(line.State, line.Rule)).Sum(line => line.Count)))
                .Where(step => step.Share > policy.AlarmShare).OrderByDescending(step => step.Share).ThenByDescending(step => step.Held),
        ];
    }

    private static bool IsHeld(MessageState state, string rule) =>
        state is MessageState.Deferred or MessageState.Skipped or MessageState.Expired && Rules.IsLimit(rule);
}

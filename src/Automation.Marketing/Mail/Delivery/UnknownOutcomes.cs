using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Mail.Delivery;

/// <summary>Settles what a crash or a lost reply left open (brief §4.1.6, contract §2).</summary>
public sealed class UnknownOutcomes(IDbContextFactory<AutomationDb> dbs, TimeProvider clock, ILogger<UnknownOutcomes> logger)
{
    private const int AtATime = 500;

    /// <summary>
    /// What was being sent when its worker died becomes uncertain. With one process per database (SQLite) every such row at
    /// start is a dead worker's; otherwise the lease tells.
    /// </summary>
    public async Task FindAbandonedAsync(bool atStart, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var now = clock.GetUtcNow();
        var everyone = atStart && db.Database.IsSqlite();
        var abandoned = await db.QueryAsync(
            $"SELECT id, class FROM outbox_messages WHERE state = 'Sending'{(everyone ? "" : " AND lease_until < @p0")}{db.Dialect.SkipLocked}",
            row => (Id: row.Guid(0), Class: row.Enum<MessageClass>(1)), cancellation, everyone ? [] : [now]);
        foreach (var (id, messageClass) in abandoned)
            await AttemptRecords.DoubtAsync(db, id, messageClass, "process ended during the attempt", now, cancellation);
        if (everyone) await db.ExecuteAsync("UPDATE outbox_messages SET lease_owner = NULL, lease_until = NULL WHERE state = 'Queued' AND lease_owner IS NOT NULL", cancellation);
        await transaction.CommitAsync(cancellation);
        if (abandoned.Count > 0) logger.OutcomesUnknown(abandoned.Count);
    }

    /// <summary>Gives up on outcomes that no event has proved in time: marketing fails with its slot spent, transactional is sent once more.</summary>
    public async Task<int> SettleDueAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var now = clock.GetUtcNow();
        var due = await db.QueryAsync($"""
            SELECT id, class, attempt, contact_id, instance_id, identity FROM outbox_messages
            WHERE state = 'Uncertain' AND due_at <= @p0 ORDER BY due_at LIMIT {AtATime}{db.Dialect.SkipLocked}
            """,
            row => (Id: row.Guid(0), Class: row.Enum<MessageClass>(1), Attempt: row.Int(2), Contact: row.Guid(3), Instance: row.GuidOrNull(4), Identity: row.Text(5)),
            cancellation, now);
        foreach (var message in due)
        {
            var resend = message.Class is MessageClass.Transactional && message.Attempt < 2;
            await db.ExecuteAsync(
                resend
                    ? "UPDATE outbox_messages SET state = 'Queued', due_at = @p1 WHERE id = @p0 AND state = 'Uncertain'"
                    : "UPDATE outbox_messages SET state = 'Failed', slot = CASE slot WHEN 'Reserved' THEN 'Spent' ELSE slot END, due_at = @p1 WHERE id = @p0 AND state = 'Uncertain'",
                cancellation, message.Id, now);
            await MessageHistory.WriteAsync(db, [message.Id], resend ? MessageState.Queued : MessageState.Failed, "outcome-unknown", now, cancellation);
        }
        await OutcomeStimuli.TellAsync(
            db,
            [.. due.Where(m => m.Instance is not null && !(m.Class is MessageClass.Transactional && m.Attempt < 2))
                .Select(m => new SettledMail(m.Contact, m.Instance!.Value, m.Identity, MessageState.Failed))],
            now, cancellation);
        await transaction.CommitAsync(cancellation);
        return due.Count;
    }
}

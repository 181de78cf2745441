using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Deals;

/// <summary>A person with sales for whom nothing is planned.</summary>
public sealed record WithoutNextAction(Guid ContactId, string Person, Guid DealId, string DealKey, string? Owner, DateTimeOffset Since);

/// <summary>Sees that what sales has promised, or has yet to answer, is not forgotten: tells the manager, then everyone. Each once.</summary>
public sealed class Promises(IDbContextFactory<AutomationDb> dbs, TimeProvider clock)
{
    private const int Batch = 50;

    /// <summary>People with sales who have neither a next action with a date nor an open task, those longest so first.</summary>
    public static Task<List<WithoutNextAction>> WithoutNextActionAsync(AutomationDb db, int most, CancellationToken cancellation) =>
        db.QueryAsync(
            """
            SELECT c.id, COALESCE(c.name, c.email, c.external_id, ''), d.id, d.deal_key, d.owner, d.updated_at
            FROM deals d JOIN contacts c ON c.id = d.contact_id
            WHERE d.status = 'Open' AND c.sales_owned = true AND d.next_action_on IS NULL
              AND NOT EXISTS (SELECT 1 FROM deals o WHERE o.contact_id = c.id AND o.status = 'Open' AND o.next_action_on IS NOT NULL)
              AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.contact_id = c.id AND t.done_at IS NULL)
            ORDER BY d.updated_at, d.id LIMIT @p0
            """,
            row => new WithoutNextAction(row.Guid(0), row.Text(1), row.Guid(2), row.Text(3), row.TextOrNull(4), row.Instant(5)), cancellation, most);

    /// <summary>Tells on what is overdue.</summary>
    /// <returns>How much there was to tell.</returns>
    public async Task<int> WorkAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        var due = await db.QueryAsync(
            $"SELECT id, contact_id FROM hand_offs WHERE due_at <= @p0 ORDER BY due_at LIMIT {Batch}", row => (Id: row.Guid(0), Contact: row.Guid(1)), cancellation, now);
        foreach (var (id, contact) in due) await TellOnAsync(db, id, contact, now, cancellation);
        return due.Count + await TellOfTasksAsync(db, now, cancellation);
    }

    private static async Task TellOnAsync(AutomationDb db, Guid id, Guid contact, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldAsync("contacts", [contact], cancellation);
        // Answered, or told on by another process, since it was found.
        var still = await db.QueryAsync(
            "SELECT h.escalations, h.owner, h.deal_id, d.status FROM hand_offs h JOIN deals d ON d.id = h.deal_id WHERE h.id = @p0 AND h.due_at <= @p1",
            row => new Overdue(row.Int(0), row.TextOrNull(1), row.Guid(2), row.Enum<DealStatus>(3)), cancellation, id, now);
        if (still.Count == 0) return;
        if (still[0].Status is not DealStatus.Open) await db.ExecuteAsync("UPDATE hand_offs SET state = 'Closed', due_at = NULL WHERE id = @p0", cancellation, id);
        else if (still[0].Escalations == 0) await TellManagerAsync(db, id, contact, still[0].Owner, now, cancellation);
        else await ToEveryoneAsync(db, id, contact, still[0], now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static async Task TellManagerAsync(AutomationDb db, Guid id, Guid contact, string? owner, DateTimeOffset now, CancellationToken cancellation)
    {
        var settings = await LeadSettings.ReadAsync(db, cancellation);
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        await db.ExecuteAsync("UPDATE hand_offs SET escalations = 1, due_at = @p1 WHERE id = @p0", cancellation, id, Sla.After(now, settings.AnswerDays, zone));
        const string Japanese = "引き渡しへの返答がありません", English = "Nobody has answered this lead";
        var mail = await HandOffText.MailAsync(db, contact, Japanese, English, owner ?? "", now, cancellation);
        await Notices.AddAsync(db, settings.Manager, contact, $"{Japanese} / {English}{(owner is null ? "" : " · " + owner)}", mail, now, cancellation);
    }

    private static async Task ToEveryoneAsync(AutomationDb db, Guid id, Guid contact, Overdue overdue, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.ExecuteAsync("UPDATE hand_offs SET escalations = 2, owner = NULL, due_at = NULL WHERE id = @p0", cancellation, id);
        await db.ExecuteAsync("UPDATE deals SET owner = NULL, updated_at = @p1 WHERE id = @p0", cancellation, overdue.Deal, now);
        await db.ExecuteAsync("UPDATE tasks SET owner = NULL WHERE contact_id = @p0 AND title = @p1 AND done_at IS NULL", cancellation, contact, HandingOff.TaskTitle);
        await Notices.AddAsync(
            db, null, contact, $"だれでも受け取れます / Open to everyone in sales{(overdue.Owner is null ? "" : " · " + overdue.Owner)}", mail: null, now, cancellation);
    }

    // Who answers hand-offs is seen to by their own clock.
    private static async Task<int> TellOfTasksAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        var overdue = await db.QueryAsync(
            $"SELECT id FROM tasks WHERE done_at IS NULL AND escalated_at IS NULL AND due_on < @p0 AND title <> @p1 ORDER BY due_on, id LIMIT {Batch}", row => row.Guid(0), cancellation,
            LocalTime.DayOf(now, zone), HandingOff.TaskTitle);
        if (overdue.Count == 0 || (await LeadSettings.ReadAsync(db, cancellation)).Manager is not { } manager) return 0;
        await using var transaction = await db.BeginWriteAsync(cancellation);
        foreach (var id in overdue)
        {
            // The condition decides between two processes that found it at the same time.
            if (await db.ExecuteAsync("UPDATE tasks SET escalated_at = @p1 WHERE id = @p0 AND escalated_at IS NULL AND done_at IS NULL", cancellation, id, now) == 0) continue;
            var task = (await db.QueryAsync(
                "SELECT contact_id, title, owner, due_on FROM tasks WHERE id = @p0", row => (Contact: row.Guid(0), Title: row.Text(1), Owner: row.TextOrNull(2), DueOn: row.Date(3)), cancellation, id))[0];
            const string Japanese = "期限を過ぎたタスクがあります", English = "A task is overdue";
            var more = $"{task.Title} · {LocalTime.Iso(task.DueOn)} · {task.Owner ?? "–"}";
            await Notices.AddAsync(db, manager, task.Contact, $"{Japanese} / {English} · {more}", await HandOffText.MailAsync(db, task.Contact, Japanese, English, more, now, cancellation), now, cancellation);
        }
        await transaction.CommitAsync(cancellation);
        return overdue.Count;
    }

    private sealed record Overdue(int Escalations, string? Owner, Guid Deal, DealStatus Status);
}

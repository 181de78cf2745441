using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Deals;

/// <summary>When handing a person back once more is of no use (brief §4.6): the third time, and nothing from them since the first.</summary>
internal static class Recycling
{
    /// <summary>Recycles in a row without a sign of the person, after which nurturing rests.</summary>
    public const int Most = 3;

    // What the life cycle keeps of a hand-back and of its undo.
    public const string Reason = "handed-back: ";
    public const string Undone = "hand-back-undone";

    /// <summary>Asked before the hand-back in question is on record.</summary>
    public static async Task<bool> IsWornOutAsync(AutomationDb db, Guid contactId, CancellationToken cancellation)
    {
        var before = await RecycledAtAsync(db, contactId, cancellation);
        return before.Count >= Most - 1 && !await HasShownInterestAsync(db, contactId, before[Most - 2], cancellation);
    }

    // Newest first; an undone one was none.
    private static async Task<List<DateTimeOffset>> RecycledAtAsync(AutomationDb db, Guid contactId, CancellationToken cancellation)
    {
        var steps = await db.QueryAsync(
            "SELECT at, to_stage, reason FROM lifecycle_changes WHERE contact_id = @p0 ORDER BY at DESC, id DESC LIMIT 50",
            row => (At: row.Instant(0), To: row.Enum<LifecycleStage>(1), Reason: row.Text(2)), cancellation, contactId);
        var recycled = new List<DateTimeOffset>();
        var undone = 0;
        foreach (var step in steps)
        {
            if (step.Reason == Undone) undone++;
            else if (!step.Reason.StartsWith(Reason, StringComparison.Ordinal)) continue;
            else if (undone > 0) undone--;
            else if (step.To is not LifecycleStage.Disqualified) recycled.Add(step.At);
        }
        return recycled;
    }

    // What the person did, not what the sales system tells of deals: an event that they caused, a click or an answer that no machine made, a purchase.
    private static async Task<bool> HasShownInterestAsync(AutomationDb db, Guid contactId, DateTimeOffset since, CancellationToken cancellation) =>
        (await db.QueryAsync(
            """
            SELECT CASE WHEN EXISTS (SELECT 1 FROM lead_events WHERE contact_id = @p0 AND occurred_at > @p1 AND type NOT LIKE 'deal.%')
                          OR EXISTS (SELECT 1 FROM delivery_events WHERE contact_id = @p0 AND kind = 'click' AND NOT machine AND at > @p1)
                          OR EXISTS (SELECT 1 FROM purchases WHERE contact_id = @p0 AND date >= @p2) THEN 1 ELSE 0 END
            """,
            row => row.Int(0), cancellation, contactId, since, LocalTime.DayOf(since, TimeZoneInfo.Utc)))[0] == 1;
}

using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Journeys;

/// <summary>Why a person's runs are looked at: something happened, or a wait is over.</summary>
internal abstract record Occasion(Guid ContactId)
{
    /// <summary>Something happened that starts, wakes or ends runs.</summary>
    public sealed record Happened(long Id, string Name, string Key, Guid ContactId, string Payload) : Occasion(ContactId);

    /// <summary>A wait is over by itself.</summary>
    public sealed record WaitIsOver(Guid InstanceId, string BookmarkId, Guid ContactId) : Occasion(ContactId);

    /// <summary>Somebody ends a run.</summary>
    public sealed record MustEnd(Guid InstanceId, Guid ContactId, string Reason) : Occasion(ContactId);

    /// <summary>Whether there is anything to claim; without a transaction.</summary>
    public static async Task<bool> AnyAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation) =>
        (await db.QueryAsync(
            $"SELECT 1 WHERE EXISTS (SELECT 1 FROM stimuli WHERE failures < {Stimuli.MostFailures}) OR EXISTS (SELECT 1 FROM flow_bookmarks WHERE due_at <= @p0)",
            row => row.Int(0), cancellation, now)).Count > 0;

    /// <summary>What happened first and has not been worked off, with the people concerned held until the transaction ends.</summary>
    /// <remarks>
    /// The person is the unit of work: people whom another worker holds are passed over, so two workers are never busy with
    /// one person's runs, and what happened to a person is worked off in order. It is read only once the people are held:
    /// what the other worker has done meanwhile is then seen as done, and nothing older of the same person is missed.
    /// </remarks>
    public static async Task<IReadOnlyList<Occasion>> ClaimHappenedAsync(AutomationDb db, int atMost, CancellationToken cancellation)
    {
        var claimed = await db.QueryAsync(
            $"""
            SELECT s.id, c.id FROM stimuli s JOIN contacts c ON c.id = s.contact_id
            WHERE s.failures < {Stimuli.MostFailures} ORDER BY s.failures, s.id LIMIT {atMost}{db.Dialect.SkipLockedOf("c")}
            """,
            row => (Stimulus: row.Long(0), Contact: row.Guid(1)), cancellation);
        if (claimed.Count == 0) return [];
        return await db.QueryAsync(
            $"""
            SELECT id, name, key, contact_id, payload FROM stimuli
            WHERE id <= @p0 AND failures < {Stimuli.MostFailures} AND {db.Dialect.Among("contact_id", "@p1")} ORDER BY failures, id LIMIT {atMost}
            """,
            row => (Occasion)new Happened(row.Long(0), row.Text(1), row.Text(2), row.Guid(3), row.Text(4)),
            cancellation, claimed.Max(one => one.Stimulus), claimed.Select(one => one.Contact).Distinct().ToArray());
    }

    /// <summary>The waits that were over first, with their people held until the transaction ends.</summary>
    public static async Task<IReadOnlyList<Occasion>> ClaimWaitsAsync(AutomationDb db, DateTimeOffset now, int atMost, CancellationToken cancellation) =>
        await db.QueryAsync(
            $"""
            SELECT b.instance_id, b.id, c.id FROM flow_bookmarks b
            JOIN flow_instances i ON i.id = b.instance_id AND i.status = 'Running' JOIN contacts c ON c.id = b.contact_id
            WHERE b.due_at <= @p0 ORDER BY b.due_at LIMIT {atMost}{db.Dialect.SkipLockedOf("c")}
            """,
            row => (Occasion)new WaitIsOver(row.Guid(0), row.Text(1), row.Guid(2)), cancellation, now);
}

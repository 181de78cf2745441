using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts.Consent;

/// <summary>Reads and writes what people have said about being mailed. The newest line counts; at the same instant the refusal.</summary>
public static class ConsentLedger
{
    /// <summary>State and instant of the newest line about all topics, per person who has one.</summary>
    public static async Task<Dictionary<Guid, (ConsentState State, DateTimeOffset At)>> StatesAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contactIds, CancellationToken cancellation)
    {
        var lines = await db.QueryAsync($"""
            SELECT contact_id, state, at FROM consent_entries
            WHERE {db.Dialect.Among("contact_id", "@p0")} AND channel = 'email' AND topic = ''
            ORDER BY at, CASE state WHEN 'Withdrawn' THEN 1 ELSE 0 END, id
            """, row => (Contact: row.Guid(0), State: row.Enum<ConsentState>(1), At: row.Instant(2)), cancellation, contactIds.Distinct().ToArray());
        var states = new Dictionary<Guid, (ConsentState, DateTimeOffset)>();
        foreach (var line in lines) states[line.Contact] = (line.State, line.At);
        return states;
    }

    /// <summary>Only the person's own later act lifts a withdrawal; a grant already given is not repeated.</summary>
    public static bool MayGrant((ConsentState State, DateTimeOffset At) standing, ConsentBasis basis, DateTimeOffset at) => standing.State switch
    {
        ConsentState.Granted => false,
        ConsentState.Withdrawn => basis.IsOwnAct() && at > standing.At,
        _ => true,
    };

    /// <summary>Writes that these people want no more marketing mail.</summary>
    /// <param name="source">Where they said it, e.g. <c>one-click</c>.</param>
    public static Task<int> WithdrawAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contactIds, string source, string? evidence, string? ipAddress, DateTimeOffset at, CancellationToken cancellation) =>
        db.InsertManyAsync(
            "consent_entries",
            ["id", "contact_id", "channel", "topic", "state", "basis", "source", "evidence", "ip_address", "actor", "at"],
            [.. contactIds.Select(id => new object?[]
            {
                Guid.CreateVersion7(at), id, ConsentEntry.Email, "", ConsentState.Withdrawn, ConsentBasis.OwnWithdrawal, source, evidence, ipAddress, "person", at,
            })],
            "", cancellation);
}

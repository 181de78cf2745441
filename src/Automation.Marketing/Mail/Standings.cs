using System.Buffers.Binary;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail;

/// <summary>Reads, for many people at once, what decisions need to know of them.</summary>
internal static class Standings
{
    /// <param name="hold">Keeps other deciders off these people until the transaction ends.</param>
    public static async Task<Dictionary<Guid, PersonStanding>> OfAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contactIds, string defaultZone, bool hold, CancellationToken cancellation)
    {
        var shopZone = LocalTime.ZoneOr(defaultZone, TimeZoneInfo.Utc);
        var ids = contactIds.Distinct().Order().ToArray();
        if (hold) await db.HoldAsync("contacts", ids, cancellation);
        var people = await db.QueryAsync($"""
            SELECT c.id, c.email, c.time_zone, c.sales_owned,
                   (SELECT e.state FROM consent_entries e WHERE e.contact_id = c.id AND e.channel = 'email' AND e.topic = ''
                    ORDER BY e.at DESC, CASE e.state WHEN 'Withdrawn' THEN 0 ELSE 1 END, e.id DESC LIMIT 1),
                   (SELECT MIN(CASE s.reason WHEN 'Complaint' THEN 0 WHEN 'HardBounce' THEN 1 WHEN 'Legal' THEN 2 WHEN 'Manual' THEN 3 ELSE 4 END)
                    FROM suppressed_addresses s WHERE s.address_key = c.email_key)
            FROM contacts c WHERE {db.Dialect.Among("c.id", "@p0")}
            """,
            row => (Id: row.Guid(0), Standing: new PersonStanding(
                row.TextOrNull(1),
                row.IsNull(4) ? ConsentState.None : row.Enum<ConsentState>(4),
                row.IsNull(5) ? null : (SuppressionReason)row.Int(5),
                row.Bool(3),
                LocalTime.ZoneOr(row.TextOrNull(2), shopZone),
                SpreadSeed(row.Guid(0)))),
            cancellation, ids);
        return people.ToDictionary(person => person.Id, person => person.Standing);
    }

    /// <summary>Each person's counted sends within the policy's reach, oldest first.</summary>
    public static async Task<Dictionary<Guid, List<CountedSend>>> CountedAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contactIds, DateTimeOffset since, CancellationToken cancellation)
    {
        var sends = await db.QueryAsync($"""
            SELECT contact_id, slot_at, approach FROM outbox_messages
            WHERE {db.Dialect.Among("contact_id", "@p0")} AND slot_at > @p1 AND slot IN ('Reserved', 'Spent') AND class = 'Marketing'
            ORDER BY slot_at
            """,
            row => (Contact: row.Guid(0), Send: new CountedSend(row.Instant(1), row.Enum<Approach>(2))),
            cancellation, contactIds.Distinct().ToArray(), since);
        return sends.GroupBy(send => send.Contact).ToDictionary(group => group.Key, group => group.Select(send => send.Send).ToList());
    }

    // Random bits of the id: the front of a version 7 id is time.
    private static int SpreadSeed(Guid contactId) => BinaryPrimitives.ReadInt32LittleEndian(contactId.ToByteArray().AsSpan(12));
}

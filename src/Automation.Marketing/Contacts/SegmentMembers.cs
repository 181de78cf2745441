using Automation.Marketing.Storage;

namespace Automation.Marketing.Contacts;

/// <summary>Which of these people are in a segment: the seam to segments. A segment is a tag that people carry.</summary>
public static class SegmentMembers
{
    public static async Task<ILookup<Guid, string>> AmongAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contactIds, IReadOnlyCollection<string> segments, CancellationToken cancellation)
    {
        if (segments.Count == 0) return Array.Empty<(Guid Contact, string Segment)>().ToLookup(row => row.Contact, row => row.Segment);
        var rows = await db.QueryAsync(
            $"SELECT contact_id, tag FROM contact_tags WHERE {db.Dialect.Among("contact_id", "@p0")} AND {db.Dialect.Among("tag", "@p1")}",
            row => (Contact: row.Guid(0), Segment: row.Text(1)), cancellation, contactIds.ToArray(), segments.ToArray());
        return rows.ToLookup(row => row.Contact, row => row.Segment);
    }
}

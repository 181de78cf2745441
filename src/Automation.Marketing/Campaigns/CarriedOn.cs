using System.Text.Json;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns;

/// <summary>A process that began after a broadcast had, and found it under way: the one before it had ended, or a second came to help.</summary>
/// <param name="Decided">People of <paramref name="People"/> who had been decided by then.</param>
/// <param name="Sent">Mails that had been sent by then.</param>
public sealed record CarriedOn(DateTimeOffset At, int Decided, int People, int Sent);

/// <summary>Keeps that for the broadcast's report, in the audit trail, where nothing can be taken away.</summary>
public static class CarryingOn
{
    public const string Action = "broadcast.carried-on";

    private const string Actor = "automation";

    // What was begun longer ago and still waits, waits for a person.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(60);

    private sealed record Counts(int Decided, int People, int Sent);

    /// <summary>Notes every broadcast that is under way; asked once, when a process begins.</summary>
    /// <returns>How many there are.</returns>
    public static async Task<int> NoteAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var from = now - Longest;
        var begun = await db.Broadcasts.AsNoTracking().Where(one => one.StartedAt != null && one.StartedAt >= from && one.State != BroadcastState.Stopped).OrderBy(one => one.Id).ToListAsync(cancellation);
        var found = 0;
        foreach (var broadcast in begun)
        {
            var origin = broadcast.Id.ToString("N");
            if (broadcast.State is BroadcastState.Done && !await HasMailToSendAsync(db, origin, cancellation)) continue;
            var (people, decided) = await Broadcasts.ProgressAsync(db, broadcast, cancellation);
            var sent = (await db.QueryAsync("SELECT COUNT(*) FROM outbox_messages WHERE origin_id = @p0 AND state = 'Sent'", row => row.Int(0), cancellation, origin))[0];
            await Audit.WriteAsync(db, Actor, Action, origin, before: null, new Counts(decided, people, sent), now, cancellation);
            found++;
        }
        return found;
    }

    /// <summary>Each such process, in order.</summary>
    public static async Task<IReadOnlyList<CarriedOn>> OfAsync(AutomationDb db, Guid broadcastId, CancellationToken cancellation)
    {
        var origin = broadcastId.ToString("N");
        var entries = await db.AuditEntries.AsNoTracking().Where(entry => entry.Action == Action && entry.Subject == origin).OrderBy(entry => entry.At).ToListAsync(cancellation);
        return [.. entries.Select(entry => Of(entry.At, JsonSerializer.Deserialize<Counts>(entry.After!, JsonSerializerOptions.Web)!))];
    }

    private static CarriedOn Of(DateTimeOffset at, Counts counts) => new(at, counts.Decided, counts.People, counts.Sent);

    private static async Task<bool> HasMailToSendAsync(AutomationDb db, string origin, CancellationToken cancellation) =>
        (await db.QueryAsync("SELECT 1 FROM outbox_messages WHERE origin_id = @p0 AND state IN ('Queued', 'Sending') LIMIT 1", row => row.Int(0), cancellation, origin)).Count > 0;
}

using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Campaigns;

/// <summary>How many of a broadcast's mails were sent.</summary>
/// <param name="All">Mails asked for: people whom it was for.</param>
public sealed record BroadcastResult(int Sent, int All)
{
    /// <returns>By broadcast; one without mails is left out.</returns>
    public static async Task<IReadOnlyDictionary<Guid, BroadcastResult>> OfAsync(AutomationDb db, IEnumerable<Guid> broadcasts, CancellationToken cancellation)
    {
        var origins = broadcasts.Select(id => id.ToString("N")).ToList();
        var counts = await db.OutboxMessages.Where(mail => origins.Contains(mail.OriginId)).GroupBy(mail => new { mail.OriginId, mail.State })
            .Select(group => new { group.Key.OriginId, group.Key.State, Count = group.Count() }).ToListAsync(cancellation);
        return counts.GroupBy(line => line.OriginId).ToDictionary(
            group => Guid.ParseExact(group.Key, "N"),
            group => new BroadcastResult(group.Where(line => line.State is MessageState.Sent).Sum(line => line.Count), group.Sum(line => line.Count)));
    }
}

using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Rules;

/// <summary>What flows and broadcasts are called, by the id that messages carry.</summary>
internal static class SendingNames
{
    public static async Task<IReadOnlyDictionary<string, string>> OfAsync(AutomationDb db, IReadOnlyCollection<string> originIds, CancellationToken cancellation)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        if (originIds.Count == 0) return names;
        var flows = originIds.Distinct().ToList();
        foreach (var flow in await db.FlowDefinitions.Where(d => flows.Contains(d.DefinitionId)).OrderBy(d => d.Version).Select(d => new { d.DefinitionId, d.Name }).ToListAsync(cancellation))
            names[flow.DefinitionId] = flow.Name;
        var broadcasts = originIds.Select(id => Guid.TryParseExact(id, "N", out var parsed) ? parsed : default).Where(id => id != default).ToList();
        foreach (var broadcast in await db.Broadcasts.Where(b => broadcasts.Contains(b.Id)).Select(b => new { b.Id, b.Name }).ToListAsync(cancellation))
            names[broadcast.Id.ToString("N")] = broadcast.Name;
        return names;
    }
}

using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Flows;

/// <summary>The published flows with what starts them and how many people are in them.</summary>
public sealed class FlowsModel(AutomationDb db) : PageModel
{
    public IReadOnlyList<FlowLine> Lines { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var flows = await db.FlowDefinitions.AsNoTracking().Where(d => d.IsPublished)
            .Select(d => new { d.Id, d.DefinitionId, d.Name, d.Version }).ToListAsync(cancellation);
        var triggers = (await db.FlowTriggers.AsNoTracking().ToListAsync(cancellation)).ToLookup(t => t.DefinitionVersionId);
        var counts = (await db.FlowInstances.GroupBy(i => new { i.DefinitionId, i.Status })
            .Select(group => new { group.Key.DefinitionId, group.Key.Status, Count = group.Count() }).ToListAsync(cancellation))
            .ToLookup(line => line.DefinitionId);
        var controls = await db.FlowControls.AsNoTracking().Where(control => control.PausedAt != null || control.EntryHeldAt != null)
            .ToDictionaryAsync(control => control.DefinitionId, cancellation);
        Lines = [.. flows.OrderBy(flow => flow.Name, StringComparer.CurrentCulture).Select(flow => new FlowLine(
            flow.DefinitionId, flow.Name, flow.Version, [.. triggers[flow.Id]],
            counts[flow.DefinitionId].ToDictionary(line => line.Status, line => line.Count))
            {
                IsPaused = controls.GetValueOrDefault(flow.DefinitionId)?.PausedAt is not null,
                IsHeld = controls.GetValueOrDefault(flow.DefinitionId)?.EntryHeldAt is not null,
            })];
    }
}

public sealed record FlowLine(
    string DefinitionId, string Name, int Version, IReadOnlyList<FlowTrigger> Triggers, IReadOnlyDictionary<FlowInstanceStatus, int> Counts)
{
    public bool IsPaused { get; init; }

    /// <summary>The guard lets nobody in until a person has looked.</summary>
    public bool IsHeld { get; init; }

    public int Count(FlowInstanceStatus status) => Counts.GetValueOrDefault(status);
}

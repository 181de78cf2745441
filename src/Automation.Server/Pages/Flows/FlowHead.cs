using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Reports;
using Automation.Marketing.Storage;
using Automation.Server.Studio;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Flows;

/// <summary>The parts of a flow's page.</summary>
public enum FlowPart { Design, People, Report, Versions, Settings }

/// <summary>What every part of a flow's page shows above.</summary>
public sealed record FlowHead(FlowDefinition Latest, FlowDefinition? Published, FlowControl? Control, int Inside)
{
    public string Id => Latest.DefinitionId;

    /// <summary>Address of the flow's pages.</summary>
    public string Address => AddressOf(Id);

    /// <summary>What counts now; the draft when nothing does.</summary>
    public FlowDefinition Shown => Published ?? Latest;

    public FlowStanding Standing => Published is null ? Latest.IsDraft ? FlowStanding.Draft : FlowStanding.Retracted
        : Latest.Version == Published.Version ? FlowStanding.Published : FlowStanding.Changed;

    public static string AddressOf(string definitionId) => "/flows/" + Uri.EscapeDataString(definitionId);

    /// <returns>Null when there is no such flow.</returns>
    public static async Task<FlowHead?> LoadAsync(AutomationDb db, string definitionId, CancellationToken cancellation)
    {
        var latest = await FlowDefinitions.FindAsync(db, definitionId, VersionOptions.Latest, cancellation);
        if (latest is null) return null;
        return new FlowHead(
            latest,
            latest.IsPublished ? latest : await FlowDefinitions.FindAsync(db, definitionId, VersionOptions.Published, cancellation),
            await db.FlowControls.AsNoTracking().SingleOrDefaultAsync(control => control.DefinitionId == definitionId, cancellation),
            await db.FlowInstances.CountAsync(run => run.DefinitionId == definitionId && run.Status == FlowInstanceStatus.Running, cancellation));
    }

    /// <summary>Whether the person may draw, publish and change settings.</summary>
    internal static bool MayEdit(System.Security.Claims.ClaimsPrincipal who) => StudioRights.Of(who).MayEdit;
}

/// <summary>The tabs of a flow's page.</summary>
public sealed record FlowTabs(string DefinitionId, FlowPart Here);

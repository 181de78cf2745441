using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Automation.Server.Studio;
using Microsoft.AspNetCore.Mvc;

namespace Automation.Server.Pages.Studio;

/// <summary>The drawing of one flow. The designer has no words for a flow that is not there: we look first.</summary>
public sealed class DefinitionModel(AutomationDb db) : StudioPageModel
{
    public string DefinitionId { get; private set; } = "";
    public string Name { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync(string definitionId, CancellationToken cancellation)
    {
        if (await FlowDefinitions.FindAsync(db, definitionId, VersionOptions.Latest, cancellation) is not { } flow) return NotFound();
        (DefinitionId, Name) = (flow.DefinitionId, flow.Name);
        return Page();
    }
}

using Automation.Marketing.Storage;
using Automation.Server.Studio;
using Microsoft.AspNetCore.Mvc;

namespace Automation.Server.Pages.Studio;

/// <summary>One run on its drawing with its journal.</summary>
public sealed class InstanceModel(AutomationDb db) : StudioPageModel
{
    public string InstanceId { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync(string instanceId, CancellationToken cancellation)
    {
        if (await StudioRun.FindAsync(db, instanceId, cancellation) is not { } run) return NotFound();
        InstanceId = run.Id;
        return Page();
    }
}

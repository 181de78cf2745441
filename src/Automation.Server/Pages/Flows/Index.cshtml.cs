using Automation.Marketing.Journeys.Reports;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages.Flows;

/// <summary>All flows: how they stand, what starts them, how many people are in them and what came of it.</summary>
public sealed class FlowsModel(AutomationDb db, Show show) : PageModel
{
    /// <summary>Those that need a look first, then by name.</summary>
    public IReadOnlyList<FlowOnBoard> Lines { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation) =>
        Lines = [.. (await FlowBoard.LoadAsync(db, show.Now, cancellation)).OrderByDescending(flow => flow.HasAlarm).ThenBy(flow => Show.FlowName(flow.Name), StringComparer.CurrentCulture)];
}

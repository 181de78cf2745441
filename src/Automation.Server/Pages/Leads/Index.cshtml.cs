using Automation.Marketing.Leads;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages.Leads;

/// <summary>Who is hot, and who waits for sales' answer.</summary>
public sealed class LeadsModel(AutomationDb db, Show show) : PageModel
{
    public IReadOnlyList<HotLead> Hot { get; private set; } = [];
    public IReadOnlyList<WaitingLead> Waiting { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Hot = await HotList.ReadAsync(db, show.Now, cancellation);
        Waiting = await HotList.WaitingAsync(db, cancellation);
    }
}

using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Broadcasts;

/// <summary>Labels for the postcards of a broadcast that still have to be posted: A4, three by seven.</summary>
public sealed class LabelsModel(AutomationDb db) : PageModel
{
    public const int OnSheet = 21;

    public string Name { get; private set; } = "";
    public Guid Id { get; private set; }
    public int Labels { get; private set; }

    /// <summary>Sheet by sheet, as they are read.</summary>
    public IAsyncEnumerable<PaperLine[]> Sheets => PaperLists.ReadAsync(db, Id, PaperPart.ToPost, HttpContext.RequestAborted).Chunk(OnSheet);

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Broadcasts.Where(one => one.Id == id).Select(one => one.Name).SingleOrDefaultAsync(cancellation) is not { } name) return NotFound();
        (Id, Name, Labels) = (id, name, (await PaperLists.TotalsAsync(db, id, cancellation)).ToPost);
        return Page();
    }
}

using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Broadcasts;

/// <summary>One-off mailings, by hand and by the calendar, newest first.</summary>
public sealed class BroadcastsModel(AutomationDb db) : PageModel
{
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true), Range(1, 100_000)]
    public int Number { get; set; } = 1;

    public IReadOnlyList<Broadcast> Broadcasts { get; private set; } = [];
    public bool HasMore { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        var found = await db.Broadcasts.AsNoTracking().OrderByDescending(b => b.SendAt).ThenBy(b => b.Id)
            .Skip((Number - 1) * PageSize).Take(PageSize + 1).ToListAsync(cancellation);
        (Broadcasts, HasMore) = ([.. found.Take(PageSize)], found.Count > PageSize);
        return Page();
    }
}

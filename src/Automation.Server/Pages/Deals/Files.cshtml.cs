using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Deals;

/// <summary>What we have proposed so far, and what became of it.</summary>
internal sealed class FilesModel(AutomationDb db) : PageModel
{
    private const int Most = 100;

    [BindProperty(SupportsGet = true), StringLength(DealSearch.MaxText)]
    public string? Text { get; set; }

    [BindProperty(SupportsGet = true)]
    public DealStatus? Outcome { get; set; }

    public IReadOnlyList<(FileLine File, Deal Deal)> Files { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        var text = string.IsNullOrWhiteSpace(Text) ? null : Text.Trim();
        var found = await (from file in db.DealFiles.AsNoTracking()
                           join deal in db.Deals.AsNoTracking() on file.DealId equals deal.Id
                           where (Outcome == null || deal.Status == Outcome)
                               && (text == null || file.Name.Contains(text) || file.About!.Contains(text) || deal.DealKey.Contains(text)
                                   || db.Interactions.Any(talk => talk.DealId == deal.Id && talk.Proposal!.Contains(text)))
                           orderby file.At descending
                           select new { File = new FileLine(file.Id, file.DealId, file.Name, file.About, file.SizeBytes, file.Actor, file.At), deal }).Take(Most).ToListAsync(cancellation);
        Files = [.. found.Select(line => (line.File, line.deal))];
        return Page();
    }
}

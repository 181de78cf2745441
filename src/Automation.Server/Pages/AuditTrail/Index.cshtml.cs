using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.AuditTrail;

/// <summary>Who changed what, newest first. There is nothing here that changes anything.</summary>
internal sealed class AuditTrailModel(AutomationDb db, Show show) : PageModel
{
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true), StringLength(100)]
    public string? Search { get; set; }

    [BindProperty(SupportsGet = true)]
    public DateOnly? From { get; set; }

    [BindProperty(SupportsGet = true)]
    public DateOnly? To { get; set; }

    [BindProperty(SupportsGet = true), Range(1, 10_000)]
    public int Number { get; set; } = 1;

    public IReadOnlyList<AuditEntry> Entries { get; private set; } = [];
    public bool HasMore { get; private set; }
    public bool IsFiltered => !string.IsNullOrWhiteSpace(Search) || From is not null || To is not null;

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        var found = await Wanted().OrderByDescending(entry => entry.At).ThenByDescending(entry => entry.Id).Skip((Number - 1) * PageSize).Take(PageSize + 1).ToListAsync(cancellation);
        (Entries, HasMore) = ([.. found.Take(PageSize)], found.Count > PageSize);
        return Page();
    }

    // Every word must be found somewhere in the entry.
    private IQueryable<AuditEntry> Wanted()
    {
        var entries = db.AuditEntries.AsNoTracking();
        if (From is { } first && show.StartOf(first) is var from) entries = entries.Where(entry => entry.At >= from);
        if (To is { } last && show.StartOf(last.AddDays(1)) is var until) entries = entries.Where(entry => entry.At < until);
        foreach (var word in (Search ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            entries = entries.Where(entry => entry.Actor.Contains(word) || entry.Action.Contains(word) || entry.Subject.Contains(word)
                || entry.Reason!.Contains(word) || entry.Before!.Contains(word) || entry.After!.Contains(word) || entry.Address == word);
        }
        return entries;
    }
}

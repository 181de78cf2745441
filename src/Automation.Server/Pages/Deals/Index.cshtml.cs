using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Deals;

/// <summary>What sales works on, and what became of the rest.</summary>
public sealed class DealsModel(AutomationDb db, TimeProvider clock) : PageModel
{
    private const int PageSize = 50;
    private const int MostNotices = 20;

    [BindProperty(SupportsGet = true)]
    public DealStatus Status { get; set; } = DealStatus.Open;

    [BindProperty(SupportsGet = true), Range(1, 100_000)]
    public int Number { get; set; } = 1;

    public IReadOnlyDictionary<DealStatus, int> Counts { get; private set; } = new Dictionary<DealStatus, int>();
    public IReadOnlyList<DealLine> Lines { get; private set; } = [];
    public bool HasMore { get; private set; }

    /// <summary>What flows have told sales and nobody has marked as seen, newest first.</summary>
    public IReadOnlyList<NoticeLine> Notices { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        Counts = await db.Deals.GroupBy(d => d.Status).Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(line => line.Key, line => line.Count, cancellation);
        var lines = await (from deal in db.Deals.AsNoTracking()
                           where deal.Status == Status
                           join person in db.Contacts on deal.ContactId equals person.Id
                           orderby deal.NextActionOn == null, deal.NextActionOn, deal.UpdatedAt descending, deal.Id
                           select new { deal, Name = person.Name ?? person.Email ?? "", person.Company })
            .Skip((Number - 1) * PageSize).Take(PageSize + 1).ToListAsync(cancellation);
        HasMore = lines.Count > PageSize;
        Lines = [.. lines.Take(PageSize).Select(line => new DealLine(line.deal, line.Name, line.Company))];
        Notices = await (from notice in db.Notices.AsNoTracking()
                         where notice.SeenAt == null
                         join person in db.Contacts on notice.ContactId equals person.Id
                         orderby notice.At descending
                         select new NoticeLine(notice.Id, notice.ContactId, person.Name ?? person.Email ?? "", notice.Owner, notice.Message, notice.At))
            .Take(MostNotices).ToListAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostSeenAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Notices.FindAsync([id], cancellation) is not { } notice) return NotFound();
        notice.SeenAt ??= clock.GetUtcNow();
        await db.SaveChangesAsync(cancellation);
        return RedirectToPage(new { Status });
    }
}

/// <summary>A word of a flow to sales.</summary>
public sealed record NoticeLine(Guid Id, Guid ContactId, string Person, string? Owner, string Message, DateTimeOffset At);

public sealed record DealLine(Deal Deal, string Person, string? Company);

using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Broadcasts;

/// <summary>One-off mailings, by hand and by the calendar, newest first.</summary>
public sealed class BroadcastsModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true), Range(1, 100_000)]
    public int Number { get; set; } = 1;

    public IReadOnlyList<Broadcast> Broadcasts { get; private set; } = [];
    public bool HasMore { get; private set; }

    /// <summary>So many of a hundred customers get no broadcast this year.</summary>
    public int HeldOut { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        var found = await db.Broadcasts.AsNoTracking().OrderByDescending(b => b.SendAt).ThenBy(b => b.Id)
            .Skip((Number - 1) * PageSize).Take(PageSize + 1).ToListAsync(cancellation);
        HeldOut = (await db.HoldOutAsync(cancellation)).Percent;
        (Broadcasts, HasMore) = ([.. found.Take(PageSize)], found.Count > PageSize);
        return Page();
    }

    /// <summary>How many of all customers get no broadcast for the year, from the next one on.</summary>
    public async Task<IActionResult> OnPostHoldOutAsync(int? percent, CancellationToken cancellation)
    {
        if (percent is not (>= 0 and <= HoldOutSetting.Most)) return BadRequest();
        await this.TryAsync(
            who => db.SaveHoldOutAsync(new HoldOutSetting(percent.Value), who, show.Now, cancellation),
            percent == 0 ? words["Nobody is held out any more."] : words["From the next broadcast on {0} % of all customers get none this year.", percent], show);
        return RedirectToPage();
    }
}

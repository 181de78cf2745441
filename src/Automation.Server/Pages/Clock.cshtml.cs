using Automation.Marketing;
using Automation.Server.Clock;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;


namespace Automation.Server.Pages;

/// <summary>Moves the demonstration's clock; the strip on every page asks here how far it is.</summary>
public sealed class ClockModel(IDemoClock clock, Show show) : PageModel
{
    public IDemoClock Clock => clock;

    public IActionResult OnGet()
    {
        if (!clock.CanMove) return NotFound();
        // What the page below the strip shows is from before the move.
        if (clock.Moving is null) Response.Headers["HX-Refresh"] = "true";
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(ClockStep step, string? returnUrl)
    {
        if (!clock.CanMove) return NotFound();
        try { await clock.StartMoveAsync(step); }
        catch (RuleBrokenException broken) { this.Refuse(broken, show); }
        return this.BackTo(returnUrl);
    }
}

using Automation.Marketing;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Mail;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Calendar;

/// <summary>The year at a glance: twelve months by kind of approach, demand, load, gaps and conflicts.</summary>
public sealed class BoardModel(AutomationDb db, OccurrenceReview review, Show show, IStringLocalizer words) : PageModel
{
    private const int FirstYear = 2000, LastYear = 2099;

    public AnnualBoard Board { get; private set; } = null!;

    /// <summary>Mailings of the year that wait for their anchor's date.</summary>
    public IReadOnlyList<DraftLine> Drafts { get; private set; } = [];

    public static IReadOnlyList<Approach> Lanes { get; } = [Approach.A1, Approach.A2, Approach.A3];

    public async Task<IActionResult> OnGetAsync([FromQuery] int? year, CancellationToken cancellation)
    {
        if (year is < FirstYear or > LastYear) return NotFound();
        Board = await AnnualBoard.OfAsync(db, year ?? show.Today.Year, show.Now, cancellation);
        Drafts = await YearClone.DraftsAsync(db, Board.Year, show.Zone, cancellation);
        return Page();
    }

    /// <summary>The whole year's mailings stand in the next, as they were changed by hand, and wait for approval.</summary>
    public async Task<IActionResult> OnPostTakeOverAsync([FromQuery] int? year, CancellationToken cancellation)
    {
        if (year is not (>= FirstYear and < LastYear)) return BadRequest();
        try
        {
            var done = await YearClone.TakeOverAsync(db, year.Value, User.Identity!.Name!, show.Now, cancellation);
            this.Done(words["Taken over: {0} planned, {1} wait for a date, {2} left as they were. Each waits for approval.", done.Planned, done.Drafts, done.Left]);
        }
        catch (RuleBrokenException broken)
        {
            this.Refuse(broken, show);
            return RedirectToPage(new { year });
        }
        return RedirectToPage(new { year = year + 1 });
    }

    /// <summary>Moves a mailing to a month, on the same day of it.</summary>
    public async Task<IActionResult> OnPostMoveAsync([FromQuery] int? year, Guid id, DateOnly from, int month, CancellationToken cancellation)
    {
        if (month is < 1 or > 12) return BadRequest();
        var to = new DateOnly(from.Year, month, Math.Min(from.Day, DateTime.DaysInMonth(from.Year, month)));
        try
        {
            await this.TryAsync(_ => review.MoveAsync(id, to, show.Zone, cancellation), words["It goes out on {0} now. Drag it back to undo.", show.Day(to)], show);
        }
        catch (BadInputException)
        {
            TempData["Refused"] = words["That is more than {0} days from the day that the rule gives. Change the rule or the anchor's date instead.", OccurrenceChanges.MostDays].Value;
        }
        return RedirectToPage(new { year });
    }

    public IEnumerable<Approaching> In(Approach lane, int month) => Board.Approaches.Where(one => one.Approach == lane && one.Day.Month == month);
}

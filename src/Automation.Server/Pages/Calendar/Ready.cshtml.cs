using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Calendar;

/// <summary>Calendars to choose from: whom each mails when, and the next days by it.</summary>
public sealed class ReadyCalendarsModel(AutomationDb db, CalendarShelf shelf, Show show, IStringLocalizer words) : PageModel
{
    public IReadOnlyList<CalendarFile> Offers { get; private set; } = [];
    public IReadOnlySet<string> Followed { get; private set; } = new HashSet<string>();

    public static string Title(CalendarFile file) => Words.Either(file.Title ?? file.Key, file.TitleEn);

    public static string About(CalendarFile file) => Words.Either(file.About ?? "", file.AboutEn);

    public static string Title(CalendarFile.OccurrenceRow row) => Words.Either(row.Title ?? row.Key, row.TitleEn);

    /// <summary>Its mailings with the day on which each goes out next, the nearest first.</summary>
    public IEnumerable<(CalendarFile.OccurrenceRow Row, DateOnly? Next)> Coming(CalendarFile file) =>
        file.ComingAfter(show.Today).OrderBy(line => line.Next ?? DateOnly.MaxValue);

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Offers = [.. shelf.Offers];
        Followed = await CalendarShelf.FollowedAsync(db, cancellation);
    }

    public async Task<IActionResult> OnPostFollowAsync(string key, CancellationToken cancellation)
    {
        await this.TryAsync(
            who => shelf.FollowAsync(db, key, who, show.Now, cancellation),
            words["The mailings of this calendar are planned now. Each can be changed, moved or left out until it goes out."], show);
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostLeaveAsync(string key, CancellationToken cancellation)
    {
        await this.TryAsync(who => shelf.LeaveAsync(db, key, who, show.Now, cancellation), words["Nothing more goes out by this calendar."], show);
        return RedirectToPage();
    }
}

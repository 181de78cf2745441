using System.Globalization;
using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Calendar;

/// <summary>The season calendar: what is planned from which day, and what became of the past.</summary>
public sealed class CalendarModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    private const int PastLines = 40;

    public IReadOnlyList<Occurrence> Coming { get; private set; } = [];
    public IReadOnlyList<Occurrence> Past { get; private set; } = [];
    public IReadOnlyList<AnchorYears> Anchors { get; private set; } = [];
    public IReadOnlyList<CalendarAlert> Alerts { get; private set; } = [];

    /// <summary>Where calendar programs find the approved mailings.</summary>
    public string FeedAddress { get; private set; } = "";

    /// <summary>Mails sent and asked for, by broadcast.</summary>
    public IReadOnlyDictionary<Guid, BroadcastResult> Results { get; private set; } = new Dictionary<Guid, BroadcastResult>();

    public string AnchorName(Anchor anchor) => Words.Either(anchor.Key, anchor.NameEn);

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Coming = await db.Occurrences.AsNoTracking().Where(o => o.State == OccurrenceState.Planned).OrderBy(o => o.OpensAt).ToListAsync(cancellation);
        Past = await db.Occurrences.AsNoTracking().Where(o => o.State != OccurrenceState.Planned).OrderByDescending(o => o.OpensAt)
            .Take(PastLines).ToListAsync(cancellation);
        Results = await BroadcastResult.OfAsync(db, Past.Select(o => o.BroadcastId).OfType<Guid>(), cancellation);
        Anchors = await AnchorsAsync(cancellation);
        Alerts = await CalendarAlerts.OfAsync(db, show.Now, cancellation);
        FeedAddress = $"{Request.Scheme}://{Request.Host}{Request.PathBase}/calendar/feed/{await CalendarFeed.TokenAsync(db, show.Now, cancellation)}.ics";
    }

    /// <summary>How often a day comes round, in words.</summary>
    public string RuleInWords(AnchorYears line)
    {
        var next = line.Days.FirstOrDefault(day => day >= show.Today);
        return words["{0}; next on {1}", line.Anchor.Rule is { } rule ? $"{KindInWords(line.Anchor.Kind)}: {rule}" : KindInWords(line.Anchor.Kind), next == default ? "–" : show.Day(next)];
    }

    public string KindInWords(string kind) => kind switch
    {
        AnchorRule.Fixed => words["the same day each year"],
        AnchorRule.Weekday => words["a weekday of a month"],
        AnchorRule.Holiday => words["a public holiday"],
        AnchorRule.Term => words["a solar term"],
        AnchorRule.Lunar => words["a day of the old calendar"],
        AnchorRule.Relative => words["days from another day"],
        _ => words["a date entered each year"],
    };

    public async Task<IActionResult> OnPostAnchorAsync(string? key, string? kind, string? rule, CancellationToken cancellation)
    {
        try
        {
            await SeasonCalendar.AddAnchorAsync(db, key ?? "", kind ?? "", rule, show.Now, cancellation);
            this.Done(words["'{0}' is a day of the year now. Calendar files and flows can hang on it.", key!]);
        }
        catch (BadInputException)
        {
            TempData["Refused"] = words["'{0}' was not added: the name must be new and without spaces, and the rule must fit the kind.", key ?? ""].Value;
        }
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostRenewAsync(CancellationToken cancellation)
    {
        await CalendarFeed.RenewAsync(db, show.Now, cancellation);
        this.Done(words["The calendar has a new address."]);
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostAsync(string key, int year, DateOnly? date, CancellationToken cancellation)
    {
        if (date is not { } day || day.Year != year)
        {
            TempData["Refused"] = words["{0} {1}: enter a date in {1}.", key, year].Value;
            return RedirectToPage();
        }
        if (!await db.Anchors.AnyAsync(a => a.Key == key, cancellation)) return NotFound();
        var change = await SeasonCalendar.SetAnchorDateAsync(db, key, year, day, show.Now, cancellation);
        this.Done(InWords(change));
        return RedirectToPage();
    }

    private string InWords(CalendarChange change)
    {
        var lines = new List<string> { words["{0} {1} is now on {2}.", change.Anchor, change.Year, show.Day(change.After)] };
        lines.AddRange(change.Moved.Select(moved => (moved.From is { } from
            ? words["'{0}' {1} moved from {2} to {3}.", moved.Title, moved.Year, show.Time(from), show.Time(moved.To)]
            : words["'{0}' {1} is planned for {2}.", moved.Title, moved.Year, show.Time(moved.To)]).Value));
        if (change.Moved.Count == 0) lines.Add(words["No planned mail hangs on it, so none moved."]);
        return string.Join('\n', lines);
    }

    // Last year for comparison, and every year in which something can still be planned.
    private async Task<IReadOnlyList<AnchorYears>> AnchorsAsync(CancellationToken cancellation)
    {
        var anchors = await db.Anchors.AsNoTracking().OrderBy(a => a.Key).ToListAsync(cancellation);
        var thisYear = show.Today.Year;
        var days = await SeasonCalendar.DatesAsync(db, show.Now, cancellation);
        return [.. anchors.Select(anchor => new AnchorYears(
            anchor,
            [.. Enumerable.Range(thisYear - 1, 4).Select(year => new AnchorYear(year, days[anchor.Key].TryGetValue(year, out var day) ? day : null))],
            [.. days[anchor.Key].Values.Order()]))];
    }
}

/// <param name="Days">Every known day, in order.</param>
public sealed record AnchorYears(Anchor Anchor, IReadOnlyList<AnchorYear> Years, IReadOnlyList<DateOnly> Days);

public sealed record AnchorYear(int Year, DateOnly? Date)
{
    public string Value => Date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
}

using System.Globalization;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Mail;
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

    /// <summary>Mails sent and asked for, by broadcast.</summary>
    public IReadOnlyDictionary<Guid, (int Sent, int All)> Results { get; private set; } = new Dictionary<Guid, (int, int)>();

    public string AnchorName(Anchor anchor) => Words.SpeaksJapanese ? anchor.Key : anchor.NameEn ?? anchor.Key;

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Coming = await db.Occurrences.AsNoTracking().Where(o => o.State == OccurrenceState.Planned).OrderBy(o => o.OpensAt).ToListAsync(cancellation);
        Past = await db.Occurrences.AsNoTracking().Where(o => o.State != OccurrenceState.Planned).OrderByDescending(o => o.OpensAt)
            .Take(PastLines).ToListAsync(cancellation);
        Results = await ResultsAsync([.. Past.Where(o => o.BroadcastId is not null).Select(o => o.BroadcastId!.Value)], cancellation);
        Anchors = await AnchorsAsync(cancellation);
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

    private async Task<Dictionary<Guid, (int Sent, int All)>> ResultsAsync(List<Guid> broadcasts, CancellationToken cancellation)
    {
        var ids = broadcasts.ConvertAll(id => id.ToString("N"));
        var counts = await db.OutboxMessages.Where(m => ids.Contains(m.OriginId)).GroupBy(m => new { m.OriginId, m.State })
            .Select(group => new { group.Key.OriginId, group.Key.State, Count = group.Count() }).ToListAsync(cancellation);
        return counts.GroupBy(line => line.OriginId).ToDictionary(
            group => Guid.ParseExact(group.Key, "N"),
            group => (group.Where(line => line.State is MessageState.Sent).Sum(line => line.Count), group.Sum(line => line.Count)));
    }

    // Last year for comparison, and every year in which something can still be planned.
    private async Task<IReadOnlyList<AnchorYears>> AnchorsAsync(CancellationToken cancellation)
    {
        var anchors = await db.Anchors.AsNoTracking().OrderBy(a => a.Key).ToListAsync(cancellation);
        var dates = (await db.AnchorDates.AsNoTracking().ToListAsync(cancellation)).ToLookup(d => d.AnchorKey);
        var thisYear = show.Today.Year;
        return [.. anchors.Select(anchor => new AnchorYears(
            anchor,
            [.. Enumerable.Range(thisYear - 1, 4).Select(year => new AnchorYear(year, dates[anchor.Key].SingleOrDefault(d => d.Year == year)?.Date))],
            dates[anchor.Key].OrderBy(d => d.Year).LastOrDefault()?.Date))];
    }
}

/// <param name="Model">The date that a fixed anchor repeats.</param>
public sealed record AnchorYears(Anchor Anchor, IReadOnlyList<AnchorYear> Years, DateOnly? Model);

public sealed record AnchorYear(int Year, DateOnly? Date)
{
    public string Value => Date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
}

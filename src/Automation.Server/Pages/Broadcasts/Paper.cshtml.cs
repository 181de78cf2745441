using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Broadcasts;

/// <summary>The postcards and calls of a broadcast: the list, its file, and that they were done.</summary>
public sealed class PaperModel(AutomationDb db, TimeProvider clock, Show show, IStringLocalizer words) : PageModel
{
    public Broadcast Broadcast { get; private set; } = null!;
    public IReadOnlyList<PaperLine> Lines { get; private set; } = [];

    public IEnumerable<PaperLine> Listed(PaperWay way) => Lines.Where(line => line.Way == way && line.State is PaperState.Listed);

    /// <summary>What was marked, the last moment first.</summary>
    public IEnumerable<IGrouping<DateTimeOffset, PaperLine>> Done =>
        Lines.Where(line => line.DoneAt is not null).GroupBy(line => line.DoneAt!.Value).OrderByDescending(moment => moment.Key);

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation) => await LoadAsync(id, cancellation) ? Page() : NotFound();

    public async Task<IActionResult> OnGetFileAsync(Guid id, CancellationToken cancellation) =>
        await LoadAsync(id, cancellation) ? File(PaperCsv.Of(Lines), "text/csv; charset=utf-8", $"postcards-{id:N}.csv") : NotFound();

    /// <param name="line">Null: all of this way.</param>
    public async Task<IActionResult> OnPostDoneAsync(Guid id, PaperWay way, Guid? line, CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return BadRequest();
        var marked = await PaperLists.DoneAsync(db, id, way, line, User.Identity!.Name!, clock.GetUtcNow(), cancellation);
        this.Done(way is PaperWay.Post ? words["{0} marked as posted.", show.Number(marked)] : words["{0} marked as called.", show.Number(marked)]);
        return RedirectToPage(new { id });
    }

    /// <param name="at">The moment of the mark, in milliseconds since 1970.</param>
    public async Task<IActionResult> OnPostUndoAsync(Guid id, long at, CancellationToken cancellation)
    {
        if (!ModelState.IsValid || at < 0 || at > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return BadRequest();
        var back = await PaperLists.UndoAsync(db, id, DateTimeOffset.FromUnixTimeMilliseconds(at), cancellation);
        this.Done(words["{0} on the list again.", show.Number(back)]);
        return RedirectToPage(new { id });
    }

    private async Task<bool> LoadAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Broadcasts.AsNoTracking().SingleOrDefaultAsync(one => one.Id == id, cancellation) is not { } broadcast) return false;
        (Broadcast, Lines) = (broadcast, await PaperLists.ReadAsync(db, id, cancellation));
        return true;
    }
}

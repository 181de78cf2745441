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
    /// <summary>Lines of each kind on the page; the files hold everyone.</summary>
    public const int Shown = 100;

    private const int MarksShown = 20;

    public Broadcast Broadcast { get; private set; } = null!;
    public PaperTotals Totals { get; private set; } = new(0, 0, 0, 0);
    public IReadOnlyList<PaperLine> ToPost { get; private set; } = [];
    public IReadOnlyList<PaperLine> ToCall { get; private set; } = [];

    /// <summary>What was marked, the last moment first.</summary>
    public IReadOnlyList<PaperMark> Marks { get; private set; } = [];

    public IReadOnlyList<(string Rule, int People)> LeftOutBy { get; private set; } = [];
    public IReadOnlyList<PaperLine> LeftOut { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Broadcasts.AsNoTracking().SingleOrDefaultAsync(one => one.Id == id, cancellation) is not { } broadcast) return NotFound();
        (Broadcast, Totals) = (broadcast, await PaperLists.TotalsAsync(db, id, cancellation));
        (ToPost, ToCall, LeftOut) = (await FirstAsync(id, PaperPart.ToPost, cancellation), await FirstAsync(id, PaperPart.ToCall, cancellation), await FirstAsync(id, PaperPart.LeftOut, cancellation));
        (Marks, LeftOutBy) = (await PaperLists.MarksAsync(db, id, MarksShown, cancellation), await PaperLists.LeftOutAsync(db, id, cancellation));
        return Page();
    }

    /// <summary>The whole list, or everyone whom a rule kept off it.</summary>
    public async Task<IActionResult> OnGetFileAsync(Guid id, bool leftOut, CancellationToken cancellation)
    {
        if (!await db.Broadcasts.AnyAsync(one => one.Id == id, cancellation)) return NotFound();
        Response.ContentType = "text/csv; charset=utf-8";
        Response.Headers.ContentDisposition = $"attachment; filename={(leftOut ? "left-out" : "postcards")}-{id:N}.csv";
        await PaperCsv.WriteAsync(PaperLists.ReadAsync(db, id, leftOut ? PaperPart.LeftOut : PaperPart.OnTheList, cancellation), Response.Body, cancellation);
        return new EmptyResult();
    }

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

    private Task<IReadOnlyList<PaperLine>> FirstAsync(Guid id, PaperPart part, CancellationToken cancellation) => PaperLists.FirstAsync(db, id, part, Shown, cancellation);
}

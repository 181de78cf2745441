using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Complaints;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Automation.Server.Pages.People;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Deals;

/// <summary>One deal: how it stands, what was talked about, and how it ends.</summary>
[RequestSizeLimit(DealFile.MaxBytes + 64 * 1024)]
internal sealed class DealModel(AutomationDb db, WorkLoops work, Show show, IStringLocalizer words) : HandBackPage(db, show, words)
{
    private const int TimelineLines = 100;

    public Deal Deal { get; private set; } = null!;
    public Contact? Person { get; private set; }
    public IReadOnlyList<HandBack> HandBacks { get; private set; } = [];
    public IReadOnlyList<Interaction> Interactions { get; private set; } = [];
    public IReadOnlyList<Complaint> Complaints { get; private set; } = [];
    public ConnectionsCard Connections { get; private set; } = null!;
    public IReadOnlyList<FileLine> Files { get; private set; } = [];
    public IReadOnlyList<TimelineEntry> Timeline { get; private set; } = [];
    public IReadOnlyList<string> Stages { get; private set; } = [];

    /// <summary>A written form came back with a fault in it: it stays open.</summary>
    public bool IsLosing { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        ModelState.Clear();
        return await LoadAsync(id, cancellation) ? Page() : NotFound();
    }

    /// <summary>What the choices made so far would lead to.</summary>
    public async Task<IActionResult> OnGetPreviewAsync(HandBackReason? reason, RevisitChoice? when, DateOnly? revisitOn, CancellationToken cancellation) =>
        Partial("Deals/_Preview", reason is { } chosen ? await PreviewAsync(chosen, DayOf(when, revisitOn), 1, cancellation) : null);

    public async Task<IActionResult> OnGetFileAsync(Guid id, Guid file, CancellationToken cancellation)
    {
        if (await Db.DealFiles.AsNoTracking().SingleOrDefaultAsync(one => one.Id == file && one.DealId == id, cancellation) is not { } found) return NotFound();
        // Whatever it holds, it is saved and never shown as a page of ours.
        Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        Response.Headers.XContentTypeOptions = "nosniff";
        return File(found.Content, found.ContentType, found.Name);
    }

    public async Task<IActionResult> OnPostAsync(Guid id, CancellationToken cancellation)
    {
        if (IsRevisitFine() && await TryHandBackAsync(async who => await HandingBack.HandBackAsync(Db, id, Wanted(), who, Show.Now, cancellation))) return RedirectToPage(new { id });
        return await LoadAsync(id, cancellation) ? Page() : NotFound();
    }

    /// <summary>The deal is lost; the same form hands it back.</summary>
    public async Task<IActionResult> OnPostLostAsync(Guid id, bool handBack, CancellationToken cancellation)
    {
        var revisit = handBack ? Revisit() : null;
        if ((!handBack || IsRevisitFine()) && ModelState.IsValid
            && await TryHandBackAsync(who => DealDesk.LoseAsync(Db, id, new Loss(Reason!.Value, Wanted().Note, handBack, revisit), who, Show.Now, cancellation)))
        {
            return RedirectToPage(new { id });
        }
        IsLosing = true;
        return await LoadAsync(id, cancellation) ? Page() : NotFound();
    }

    public Task<IActionResult> OnPostUndoAsync(Guid id, Guid handBackId, CancellationToken cancellation) =>
        DoAsync(id, who => HandingBack.UndoAsync(Db, handBackId, who, Show.Now, cancellation), L["The hand-back is undone: the deal is open again."]);

    public Task<IActionResult> OnPostChangeAsync(Guid id, DealForm form, CancellationToken cancellation) =>
        DoAsync(id, who => DealDesk.ChangeAsync(Db, id, _ => form.Edit, who, Show.Now, cancellation), L["Saved."]);

    public Task<IActionResult> OnPostWonAsync(Guid id, decimal? amount, CancellationToken cancellation) =>
        DoAsync(id, who => DealDesk.WinAsync(Db, id, amount, who, Show.Now, cancellation), L["Won: congratulations."]);

    public Task<IActionResult> OnPostReopenAsync(Guid id, CancellationToken cancellation) =>
        DoAsync(id, who => DealDesk.ReopenAsync(Db, id, who, Show.Now, cancellation), L["The deal is open again."]);

    public Task<IActionResult> OnPostRevisitAsync(Guid id, DateOnly? day, CancellationToken cancellation) => DoAsync(
        id, who => DealDesk.MoveRevisitAsync(Db, id, day ?? throw new RuleBrokenException("Choose the day."), who, Show.Now, cancellation),
        L["Moved: the task, the mail and the end of the silence move along."]);

    public Task<IActionResult> OnPostRecordAsync(Guid id, InteractionForm form, CancellationToken cancellation) =>
        DoAsync(id, who => DealDesk.RecordAsync(Db, id, form.Said, who, Show.Now, cancellation), L["Written down."]);

    public Task<IActionResult> OnPostFileAsync(Guid id, IFormFile? file, string? about, CancellationToken cancellation) => DoAsync(
        id,
        async who =>
        {
            if (file is null) throw new RuleBrokenException("Choose a file.");
            if (file.Length > DealFile.MaxBytes) throw new RuleBrokenException($"A file may have at most {DealFile.MaxBytes / (1024 * 1024)} MB.");
            using var content = new MemoryStream();
            await file.CopyToAsync(content, cancellation);
            await DealFiles.AddAsync(Db, id, file.FileName, about, content.ToArray(), who, Show.Now, cancellation);
        },
        L["The file is kept with the deal."]);

    private async Task<IActionResult> DoAsync(Guid id, Func<string, Task> what, string done)
    {
        await this.TryAsync(
            work,
            who =>
            {
                // The hand-back's own reason is not asked here; a number or day that cannot be read is not taken for none.
                if (ModelState.Any(field => field.Key != nameof(Reason) && field.Value?.Errors.Count > 0)) throw new RuleBrokenException("A number or a date cannot be read.");
                return what(who);
            },
            done, Show);
        return RedirectToPage(new { id });
    }

    private async Task<bool> TryHandBackAsync(Func<string, Task<HandBack?>> what)
    {
        try
        {
            this.Done(await what(User.Identity!.Name!) is null ? L["The deal is closed as lost."] : L["Handed back to nurturing."]);
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError("", Show.Rule(broken));
            return false;
        }
        work.Wake();
        return true;
    }

    private async Task<bool> LoadAsync(Guid id, CancellationToken cancellation)
    {
        Db.ChangeTracker.Clear();
        if (await Db.Deals.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancellation) is not { } deal) return false;
        Deal = deal;
        Person = await Db.Contacts.AsNoTracking().SingleOrDefaultAsync(c => c.Id == deal.ContactId, cancellation);
        HandBacks = await Db.HandBacks.AsNoTracking().Where(h => h.DealId == id).OrderByDescending(h => h.At).ToListAsync(cancellation);
        Interactions = await Db.Interactions.AsNoTracking().Where(one => one.DealId == id).OrderByDescending(one => one.At).Take(50).ToListAsync(cancellation);
        Complaints = await ComplaintDesk.ConcerningAsync(Db, deal.ContactId, Person?.Company, cancellation);
        Connections = await ConnectionsCard.OfPersonAsync(Db, deal.ContactId, Person?.Company, cancellation);
        Files = await Db.DealFiles.AsNoTracking().Where(file => file.DealId == id).OrderByDescending(file => file.At)
            .Select(file => new FileLine(file.Id, file.DealId, file.Name, file.About, file.SizeBytes, file.Actor, file.At)).ToListAsync(cancellation);
        var stages = await DealStages.ReadAsync(Db, cancellation);
        Stages = stages.Contains(deal.Stage) || deal.Stage.Length == 0 ? stages : [deal.Stage, .. stages];
        Timeline = await TimelineAsync(deal, cancellation);
        if (Reason is { } reason) Preview = await PreviewAsync(reason, Revisit(), 1, cancellation);
        return true;
    }

    // From the deal's beginning to its end; one that is with nurturing goes on.
    private async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(Deal deal, CancellationToken cancellation)
    {
        var end = deal.Status is DealStatus.Won or DealStatus.Lost && deal.ClosedAt is { } closed ? new TimelineCursor(closed.AddMinutes(1), 0) : null;
        var page = await Marketing.Journeys.Timeline.PageAsync(Db, deal.ContactId, end, TimelineLines, Show.Zone, cancellation);
        return [.. page.Entries.Where(entry => entry.At >= deal.CreatedAt.AddDays(-1))];
    }
}

/// <summary>How a deal stands, as the form sends it.</summary>
public sealed record DealForm(string? Stage, string? Owner, decimal? Amount, string? NextAction, DateOnly? NextActionOn)
{
    internal DealEdit Edit => new(Stage ?? "", Owner, Amount, NextAction, NextActionOn);
}

/// <summary>An exchange with the person, as the form sends it.</summary>
public sealed record InteractionForm(InteractionKind Kind, InteractionStatus Status, string? Proposal, string? Aim, string? Reaction, string? NextAction, DateOnly? NextActionOn)
{
    internal NewInteraction Said => new(Kind, Status, Proposal, Aim, Reaction, NextAction, NextActionOn);
}

/// <summary>A file without its content.</summary>
public sealed record FileLine(Guid Id, Guid DealId, string Name, string? About, int SizeBytes, string Actor, DateTimeOffset At);

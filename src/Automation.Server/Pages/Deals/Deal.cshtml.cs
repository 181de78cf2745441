using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Days;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Deals;

/// <summary>One deal, and the one action by which sales hands it back.</summary>
internal sealed class DealModel(AutomationDb db, WorkLoops work, Show show, IStringLocalizer words) : PageModel
{
    [BindProperty, Required(ErrorMessage = "Choose why the deal is handed back.")]
    public HandBackReason? Reason { get; set; }

    [BindProperty]
    public DateOnly? RevisitOn { get; set; }

    [BindProperty, StringLength(500, ErrorMessage = "The note may have at most {1} characters.")]
    public string? Note { get; set; }

    public Deal Deal { get; private set; } = null!;
    public Contact? Person { get; private set; }
    public IReadOnlyList<HandBack> HandBacks { get; private set; } = [];
    public HandBackPreview? Preview { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (!await LoadAsync(id, cancellation)) return NotFound();
        return Page();
    }

    /// <summary>What the choices made so far would lead to.</summary>
    public async Task<IActionResult> OnGetPreviewAsync(HandBackReason? reason, DateOnly? revisitOn, CancellationToken cancellation) =>
        Partial("Deals/_Preview", reason is { } chosen ? await PreviewAsync(chosen, revisitOn, cancellation) : null);

    public async Task<IActionResult> OnPostAsync(Guid id, CancellationToken cancellation)
    {
        if (RevisitOn <= show.Today) ModelState.AddModelError(nameof(RevisitOn), words["The date has passed already. Choose a later one or leave it empty."]);
        if (ModelState.IsValid && await HandBackAsync(id, cancellation)) return RedirectToPage(new { id });
        return await LoadAsync(id, cancellation) ? Page() : NotFound();
    }

    public async Task<IActionResult> OnPostUndoAsync(Guid id, Guid handBackId, CancellationToken cancellation)
    {
        await this.TryAsync(work, who => HandingBack.UndoAsync(db, handBackId, who, show.Now, cancellation), words["The hand-back is undone: the deal is open again."], show);
        return RedirectToPage(new { id });
    }

    private async Task<bool> HandBackAsync(Guid id, CancellationToken cancellation)
    {
        var note = string.IsNullOrWhiteSpace(Note) ? null : Note.Trim();
        try
        {
            await HandingBack.HandBackAsync(db, id, new HandBackRequest(Reason!.Value, RevisitOn, note), User.Identity!.Name!, show.Now, cancellation);
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError("", show.Rule(broken));
            return false;
        }
        work.Wake();
        this.Done(words["Handed back to nurturing."]);
        return true;
    }

    private async Task<bool> LoadAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Deals.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancellation) is not { } deal) return false;
        Deal = deal;
        Person = await db.Contacts.AsNoTracking().SingleOrDefaultAsync(c => c.Id == deal.ContactId, cancellation);
        HandBacks = await db.HandBacks.AsNoTracking().Where(h => h.DealId == id).OrderByDescending(h => h.At).ToListAsync(cancellation);
        if (Reason is { } reason) Preview = await PreviewAsync(reason, RevisitOn, cancellation);
        return true;
    }

    private async Task<HandBackPreview> PreviewAsync(HandBackReason reason, DateOnly? revisitOn, CancellationToken cancellation)
    {
        var key = revisitOn is null ? reason.Word() : HandingBack.Revisit;
        var flows = await (from trigger in db.FlowTriggers
                           where trigger.Name == Stimuli.HandedBack && trigger.Key == key
                           join definition in db.FlowDefinitions on trigger.DefinitionVersionId equals definition.Id
                           where definition.IsPublished
                           select definition.Name).Distinct().ToListAsync(cancellation);
        return new HandBackPreview(flows, revisitOn, NextBusinessDay());
    }

    private DateTimeOffset NextBusinessDay() => LocalTime.InstantOf(WorkingDays.After(show.Today), new TimeOnly(10, 0), show.Zone);
}

/// <summary>What a hand-back would start.</summary>
/// <param name="FirstMail">No mail of the flow leaves before.</param>
public sealed record HandBackPreview(IReadOnlyList<string> Flows, DateOnly? RevisitOn, DateTimeOffset FirstMail);

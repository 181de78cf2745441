using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Complaints;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Leads;

/// <summary>One lead: what sales needs to know, and its answer.</summary>
internal sealed class LeadModel(AutomationDb db, WorkLoops work, Show show, IStringLocalizer words) : PageModel
{
    [BindProperty]
    public string? Owner { get; set; }

    [BindProperty]
    public HandBackReason? Reason { get; set; }

    [BindProperty]
    public DateOnly? RevisitOn { get; set; }

    [BindProperty, StringLength(500, ErrorMessage = "The note may have at most {1} characters.")]
    public string? Note { get; set; }

    public Contact Person { get; private set; } = null!;
    public ScoreSheet Sheet { get; private set; } = null!;
    public HandOff? HandOff { get; private set; }
    public HandOffDetails? Details { get; private set; }
    public ConsentState Consent { get; private set; }
    public IReadOnlyList<string> Owners { get; private set; } = [];
    public IReadOnlyList<Complaint> Complaints { get; private set; } = [];

    public bool IsWaiting => HandOff?.State is HandOffState.Waiting;

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation) => await LoadAsync(id, cancellation) ? Page() : NotFound();

    public async Task<IActionResult> OnPostAcceptAsync(Guid id, CancellationToken cancellation)
    {
        if (!await db.Contacts.AnyAsync(contact => contact.Id == id, cancellation)) return NotFound();
        var owners = await OwnersAsync(cancellation);
        var owner = owners.Contains(Owner ?? "") ? Owner! : owners[0];
        await this.TryAsync(work, who => HandOffAnswers.AcceptAsync(db, id, owner, who, show.Now, cancellation), words["Accepted: this lead is {0}'s now.", owner], show);
        return RedirectToPage(new { id });
    }

    public async Task<IActionResult> OnPostRejectAsync(Guid id, CancellationToken cancellation)
    {
        if (Reason is null) ModelState.AddModelError(nameof(Reason), words["Choose why the lead is returned."]);
        if (RevisitOn <= show.Today) ModelState.AddModelError(nameof(RevisitOn), words["The date has passed already. Choose a later one or leave it empty."]);
        if (!ModelState.IsValid) return await LoadAsync(id, cancellation) ? Page() : NotFound();
        var request = new HandBackRequest(Reason!.Value, RevisitOn, string.IsNullOrWhiteSpace(Note) ? null : Note.Trim());
        await this.TryAsync(work, who => HandOffAnswers.RejectAsync(db, id, request, who, show.Now, cancellation), words["Returned to nurturing."], show);
        return RedirectToPage(new { id });
    }

    /// <summary>Seasonal mail goes on, or not, while sales owns the person.</summary>
    public async Task<IActionResult> OnPostSeasonalAsync(Guid id, bool allowed, CancellationToken cancellation)
    {
        if (!await db.Contacts.AnyAsync(contact => contact.Id == id, cancellation)) return NotFound();
        await this.TryWriteAsync(
            db, work,
            async who =>
            {
                await db.HoldAsync("contacts", [id], cancellation);
                var person = await db.Contacts.SingleAsync(contact => contact.Id == id, cancellation);
                var before = new { person.SeasonalAllowedBy };
                if (allowed) person.AllowSeasonal(who, show.Now);
                else person.ForbidSeasonal();
                await db.SaveChangesAsync(cancellation);
                await Audit.WriteAsync(db, who, "lead.seasonal", person.Id.ToString(), before, new { person.SeasonalAllowedBy }, show.Now, cancellation);
            },
            allowed ? words["Seasonal mail goes on for this person."] : words["No selling mail goes out to this person, seasonal mail included."], show, cancellation);
        return RedirectToPage(new { id });
    }

    private async Task<bool> LoadAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Contacts.AsNoTracking().SingleOrDefaultAsync(contact => contact.Id == id, cancellation) is not { } person) return false;
        Person = person;
        Sheet = (await ScoreSheet.OfAsync(db, id, await db.ScoringRulesAsync(cancellation), show.Now, cancellation))!;
        HandOff = await db.HandOffs.AsNoTracking().Where(one => one.ContactId == id).OrderByDescending(one => one.At).FirstOrDefaultAsync(cancellation);
        Details = HandOff is null ? null : HandOffDetails.FromJson(HandOff.Details);
        Consent = (await ConsentLedger.StatesAsync(db, [id], cancellation)).GetValueOrDefault(id).State;
        Owners = await OwnersAsync(cancellation);
        Complaints = await ComplaintDesk.AtHandOverAsync(db, id, show.Now, cancellation);
        return true;
    }

    // Oneself first, then who else sells.
    private async Task<List<string>> OwnersAsync(CancellationToken cancellation)
    {
        var own = User.FindFirst(ClaimTypes.GivenName)?.Value ?? User.Identity!.Name!;
        return [own, .. (await LeadOwners.SellersAsync(db, cancellation)).Where(name => name != own)];
    }
}

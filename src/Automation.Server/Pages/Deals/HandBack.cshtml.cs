using Automation.Marketing;
using Automation.Marketing.Contacts.Complaints;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Deals;

/// <summary>Hands back one deal or several in one form: the way for a phone and for the ticked lines of the list.</summary>
internal sealed class HandBackModel(AutomationDb db, WorkLoops work, Show show, IStringLocalizer words) : HandBackPage(db, show, words)
{
    /// <summary>Deals named on the page.</summary>
    public const int MostNamed = 10;

    [BindProperty(SupportsGet = true, Name = "id")]
    public Guid[] Ids { get; set; } = [];

    /// <summary>Those that can be handed back.</summary>
    public IReadOnlyList<DealLine> Lines { get; private set; } = [];

    /// <summary>Those that cannot, and why.</summary>
    public IReadOnlyList<RefusedLine> Refused { get; private set; } = [];

    /// <summary>What to know of the people of the named deals before they are given away.</summary>
    public IReadOnlyDictionary<Guid, IReadOnlyList<Complaint>> Complaints { get; private set; } = new Dictionary<Guid, IReadOnlyList<Complaint>>();

    public int Done { get; private set; }

    /// <param name="reason">Chosen beforehand, e.g. by a proposal.</param>
    public async Task<IActionResult> OnGetAsync(HandBackReason? reason, CancellationToken cancellation)
    {
        ModelState.Clear();
        Reason = reason;
        await LoadAsync(cancellation);
        return Page();
    }

    /// <summary>What the choices made so far would lead to.</summary>
    public async Task<IActionResult> OnGetPreviewAsync(HandBackReason? reason, RevisitChoice? when, DateOnly? revisitOn, CancellationToken cancellation)
    {
        var open = await Db.Deals.CountAsync(deal => Ids.Contains(deal.Id) && deal.Status == DealStatus.Open, cancellation);
        return Partial("Deals/_Preview", reason is { } chosen ? await PreviewAsync(chosen, DayOf(when, revisitOn), open, cancellation) : null);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!IsRevisitFine())
        {
            await LoadAsync(cancellation);
            return Page();
        }
        ManyHandedBack many;
        try
        {
            many = await HandingBack.HandBackManyAsync(Db, Ids, Wanted(), User.Identity!.Name!, Show.Now, cancellation);
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError("", Show.Rule(broken));
            await LoadAsync(cancellation);
            return Page();
        }
        work.Wake();
        if (many.Refused.Count == 0)
        {
            this.Done(many.Done.Count == 1 ? L["Handed back to nurturing."] : L["{0} deals are handed back to nurturing.", Show.Number(many.Done.Count)]);
            return many.Done.Count == 1 ? RedirectToPage("/Deals/Deal", new { id = many.Done[0].DealId }) : RedirectToPage("/Deals/Index");
        }
        Done = many.Done.Count;
        var keys = await Db.Deals.AsNoTracking().Where(deal => Ids.Contains(deal.Id)).ToDictionaryAsync(deal => deal.Id, deal => deal.DealKey, cancellation);
        Refused = [.. many.Refused.Select(one => new RefusedLine(one.DealId, keys.GetValueOrDefault(one.DealId) ?? "–", Show.Rule(one.Why)))];
        return Page();
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        var lines = await (from deal in Db.Deals.AsNoTracking()
                           where Ids.Contains(deal.Id) && deal.Status == DealStatus.Open
                           join person in Db.Contacts on deal.ContactId equals person.Id
                           orderby deal.DealKey
                           select new { deal, Name = person.Name ?? person.Email ?? "", person.Company }).ToListAsync(cancellation);
        Lines = [.. lines.Select(line => new DealLine(line.deal, line.Name, line.Company))];
        Complaints = await ComplaintsAsync(cancellation);
        if (Reason is { } reason) Preview = await PreviewAsync(reason, Revisit(), Lines.Count, cancellation);
    }

    private async Task<IReadOnlyDictionary<Guid, IReadOnlyList<Complaint>>> ComplaintsAsync(CancellationToken cancellation)
    {
        var found = new Dictionary<Guid, IReadOnlyList<Complaint>>();
        foreach (var person in Lines.Take(MostNamed).Select(line => line.Deal.ContactId).Distinct())
        {
            if (await ComplaintDesk.AtHandOverAsync(Db, person, Show.Now, cancellation) is { Count: > 0 } complaints) found[person] = complaints;
        }
        return found;
    }
}

/// <param name="Why">In the person's language.</param>
public sealed record RefusedLine(Guid DealId, string DealKey, string Why);

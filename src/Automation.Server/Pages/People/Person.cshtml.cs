using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Complaints;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Contacts.Repurchase;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.People;

/// <summary>All that is known of one person, may be done with them, and happened.</summary>
public sealed class PersonModel(AutomationDb db, FlowControlling controlling, WorkLoops work, Show show, TimeProvider clock, IStringLocalizer words) : PageModel
{
    private const int Lines = 40;

    public Contact Person { get; private set; } = null!;
    public IReadOnlyList<string> Tags { get; private set; } = [];
    public IReadOnlyList<ContactSource> Sources { get; private set; } = [];
    public IReadOnlyList<ConsentEntry> Ledger { get; private set; } = [];
    public IReadOnlyList<SuppressedAddress> Suppressions { get; private set; } = [];
    public IReadOnlyList<Deal> Deals { get; private set; } = [];
    public IReadOnlyList<Complaint> Complaints { get; private set; } = [];
    public IReadOnlyList<SalesTask> Tasks { get; private set; } = [];
    public IReadOnlyList<PersonFlow> Flows { get; private set; } = [];
    public PurchaseSummary? Purchases { get; private set; }

    /// <summary>When each category is expected again; without categories, anything.</summary>
    public IReadOnlyList<(string Category, PurchaseRhythm Rhythm)> Rhythms { get; private set; } = [];
    public TimelinePage Timeline { get; private set; } = new([], null);
    public ScoreSheet Sheet { get; private set; } = null!;
    public ConnectionsCard Connections { get; private set; } = null!;
    public MailOutlook Outlook { get; private set; } = MailOutlook.None;

    public ConsentState Consent { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Contacts.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation) is not { } person) return NotFound();
        Person = person;
        Tags = await db.ContactTags.Where(t => t.ContactId == id).OrderBy(t => t.Tag).Select(t => t.Tag).ToListAsync(cancellation);
        Sources = await db.ContactSources.AsNoTracking().Where(s => s.ContactId == id).OrderBy(s => s.FirstSeenAt).ToListAsync(cancellation);
        Ledger = await LedgerAsync(id, cancellation);
        Consent = (await ConsentLedger.StatesAsync(db, [id], cancellation)).GetValueOrDefault(id).State;
        Suppressions = await db.SuppressedAddresses.AsNoTracking().Where(s => s.AddressKey == person.EmailKey).ToListAsync(cancellation);
        Deals = await db.Deals.AsNoTracking().Where(d => d.ContactId == id).OrderByDescending(d => d.CreatedAt).ToListAsync(cancellation);
        Complaints = await ComplaintDesk.ConcerningAsync(db, id, person.Company, cancellation);
        Flows = await FlowsAsync(id, cancellation);
        Tasks = await db.Tasks.AsNoTracking().Where(t => t.ContactId == id && t.DoneAt == null).OrderBy(t => t.DueOn).ThenBy(t => t.Id).ToListAsync(cancellation);
        var lines = await db.Purchases.AsNoTracking().Where(p => p.ContactId == id).ToListAsync(cancellation);
        (Purchases, Rhythms) = (PurchaseSummary.Of(lines), await RhythmsAsync(lines, cancellation));
        Timeline = await Marketing.Journeys.Timeline.PageAsync(db, id, before: null, Lines, show.Zone, cancellation);
        Sheet = (await ScoreSheet.OfAsync(db, id, await db.ScoringRulesAsync(cancellation), show.Now, cancellation))!;
        Connections = await ConnectionsCard.OfPersonAsync(db, id, person.Company, cancellation);
        Outlook = await MailOutlook.OfAsync(db, id, show, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnGetEarlierAsync(Guid id, string before, CancellationToken cancellation)
    {
        if (TimelineCursor.Parse(before) is not { } cursor) return BadRequest();
        var page = await Marketing.Journeys.Timeline.PageAsync(db, id, cursor, Lines, show.Zone, cancellation);
        return Partial("People/_Timeline", new PersonTimeline(id, page));
    }

    public Task<IActionResult> OnPostPauseRunAsync(Guid id, Guid run, CancellationToken cancellation) => DoAsync(
        id, (who, now) => controlling.PauseRunAsync(db, run, who, now, cancellation), words["This run is paused."]);

    public Task<IActionResult> OnPostResumeRunAsync(Guid id, Guid run, CancellationToken cancellation) => DoAsync(
        id, (who, now) => controlling.ResumeRunAsync(db, run, who, now, cancellation), words["This run goes on."]);

    public Task<IActionResult> OnPostStopRunAsync(Guid id, Guid run, CancellationToken cancellation) => DoAsync(
        id, (who, now) => controlling.StopRunAsync(db, run, who, now, cancellation), words["This run has ended."]);

    public async Task<IActionResult> OnPostTaskDoneAsync(Guid id, Guid task, CancellationToken cancellation)
    {
        if (await db.Tasks.SingleOrDefaultAsync(one => one.Id == task && one.ContactId == id, cancellation) is not { } found) return NotFound();
        return await DoAsync(
            id,
            (who, now) =>
            {
                found.Done(who, now);
                return db.SaveChangesAsync(cancellation);
            },
            words["Done, and off the list."]);
    }

    public Task<IActionResult> OnPostComplaintAsync(Guid id, string? text, bool wholeCompany, CancellationToken cancellation) => DoAsync(
        id, (who, now) => ComplaintDesk.OpenAsync(db, id, text ?? "", wholeCompany, who, now, cancellation), words["Written down: nobody sells to this person until it is closed."]);

    public Task<IActionResult> OnPostCloseComplaintAsync(Guid id, Guid complaint, string? handling, CancellationToken cancellation) => DoAsync(
        id, (who, now) => ComplaintDesk.CloseAsync(db, complaint, handling ?? "", who, now, cancellation), words["The complaint is closed."]);

    private async Task<IReadOnlyList<(string, PurchaseRhythm)>> RhythmsAsync(List<Purchase> lines, CancellationToken cancellation)
    {
        var categories = lines.Select(line => line.Category ?? "").Append("").Distinct().ToList();
        var medians = await db.CategoryCycles.Where(cycle => categories.Contains(cycle.Category)).ToDictionaryAsync(cycle => cycle.Category, cycle => cycle.Days, cancellation);
        var all = PurchaseRhythms.Of(lines, medians, show.Today).ToList();
        return [.. all.Where(one => one.Category.Length > 0 || all.Count == 1).OrderBy(one => one.Rhythm.Due)];
    }

    private async Task<IActionResult> DoAsync(Guid id, Func<string, DateTimeOffset, Task> what, string done)
    {
        await this.TryAsync(work, who => what(who, clock.GetUtcNow()), done, show);
        return RedirectToPage(new { id });
    }

    // Newest first; of one instant the opt-out wins, as it does when a mail is decided.
    private async Task<IReadOnlyList<ConsentEntry>> LedgerAsync(Guid id, CancellationToken cancellation)
    {
        var entries = await db.ConsentEntries.AsNoTracking()
            .Where(e => e.ContactId == id && e.Channel == ConsentEntry.Email).ToListAsync(cancellation);
        return [.. entries.OrderByDescending(e => e.At).ThenByDescending(e => e.State is ConsentState.Withdrawn).ThenByDescending(e => e.Id)];
    }

    private async Task<IReadOnlyList<PersonFlow>> FlowsAsync(Guid id, CancellationToken cancellation)
    {
        var flows = await (from instance in db.FlowInstances.AsNoTracking()
                           where instance.ContactId == id
                           join definition in db.FlowDefinitions on instance.DefinitionVersionId equals definition.Id into definitions
                           from definition in definitions.DefaultIfEmpty()
                           orderby instance.StartedAt descending
                           select new
                           {
                               instance.Id,
                               instance.DefinitionId,
                               Name = definition == null ? instance.DefinitionId : definition.Name,
                               instance.Status,
                               instance.EndReason,
                               instance.StartedAt,
                               instance.PausedAt,
                               Due = db.FlowBookmarks.Where(b => b.InstanceId == instance.Id && b.DueAt != null).Min(b => b.DueAt),
                           }).Take(20).ToListAsync(cancellation);
        return [.. flows.Select(flow => new PersonFlow(flow.Id, flow.DefinitionId, flow.Name, flow.Status, flow.EndReason, flow.StartedAt, flow.PausedAt, flow.Due))];
    }
}

/// <param name="Due">When its present wait ends by itself.</param>
public sealed record PersonFlow(
    Guid Id, string DefinitionId, string Name, FlowInstanceStatus Status, string EndReason, DateTimeOffset StartedAt, DateTimeOffset? PausedAt, DateTimeOffset? Due);

public sealed record PersonTimeline(Guid ContactId, TimelinePage Page);

/// <summary>What a person bought, in a few figures; amounts of the currency used most.</summary>
public sealed record PurchaseSummary(int Orders, decimal Net, string Currency, DateOnly First, DateOnly Last, IReadOnlyList<string> Favourites)
{
    public static PurchaseSummary? Of(IReadOnlyCollection<Purchase> lines)
    {
        if (lines.Count == 0) return null;
        var currency = lines.GroupBy(line => line.Currency).MaxBy(group => group.Count())!.Key;
        return new PurchaseSummary(
            lines.Where(line => line.Net > 0).Select(line => (line.Source, line.OrderId)).Distinct().Count(),
            lines.Where(line => line.Currency == currency).Sum(line => line.Net),
            currency,
            lines.Min(line => line.Date),
            lines.Max(line => line.Date),
            [.. lines.Where(line => line.Category is not null || line.Product is not null).GroupBy(line => line.Category ?? line.Product!)
                .OrderByDescending(group => group.Sum(line => line.Net)).Take(3).Select(group => group.Key)]);
    }
}

using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Automation.Marketing;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Deals;

/// <summary>What sales works on, and what became of the rest.</summary>
internal sealed class DealsModel(AutomationDb db, TimeProvider clock, Show show, IStringLocalizer words) : PageModel
{
    private const int PageSize = 50;
    private const int MostNotices = 20;
    private const int MostProposals = 20;
    private const int SnoozeDays = 30;

    /// <summary>Null: open deals, or of every state when an event is looked for.</summary>
    [BindProperty(SupportsGet = true)]
    public DealStatus? Status { get; set; }

    [BindProperty(SupportsGet = true)]
    public DealFilters Filters { get; set; } = new();

    [BindProperty(SupportsGet = true), Range(1, 100_000)]
    public int Number { get; set; } = 1;

    public DealStatus? Shown { get; private set; }
    public IReadOnlyDictionary<DealStatus, int> Counts { get; private set; } = new Dictionary<DealStatus, int>();
    public IReadOnlyList<DealLine> Lines { get; private set; } = [];
    public bool HasMore { get; private set; }
    public IReadOnlyList<string> Owners { get; private set; } = [];
    public IReadOnlyList<string> Stages { get; private set; } = [];

    /// <summary>What flows have told sales and nobody has marked as seen, newest first.</summary>
    public IReadOnlyList<NoticeLine> Notices { get; private set; } = [];

    /// <summary>Open deals on which nothing happens.</summary>
    public IReadOnlyList<ProposalLine> Proposals { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        Shown = Status ?? (Filters.Happening is null ? DealStatus.Open : null);
        Counts = await db.Deals.GroupBy(d => d.Status).Select(group => new { group.Key, Count = group.Count() })
            .ToDictionaryAsync(line => line.Key, line => line.Count, cancellation);
        Owners = await db.Deals.Where(deal => deal.Owner != null).Select(deal => deal.Owner!).Distinct().OrderBy(owner => owner).Take(200).ToListAsync(cancellation);
        Stages = await db.Deals.Select(deal => deal.Stage).Distinct().OrderBy(stage => stage).Take(100).ToListAsync(cancellation);
        await ReadLinesAsync(cancellation);
        Notices = await (from notice in db.Notices.AsNoTracking()
                         where notice.SeenAt == null
                         join person in db.Contacts on notice.ContactId equals person.Id
                         orderby notice.At descending
                         select new NoticeLine(notice.Id, notice.ContactId, person.Name ?? person.Email ?? "", notice.Owner, notice.Message, notice.At))
            .Take(MostNotices).ToListAsync(cancellation);
        if (Shown is DealStatus.Open && !Filters.Any) await ReadProposalsAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostSeenAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Notices.FindAsync([id], cancellation) is not { } notice) return NotFound();
        notice.SeenAt ??= clock.GetUtcNow();
        await db.SaveChangesAsync(cancellation);
        return RedirectToPage(new { Status });
    }

    public async Task<IActionResult> OnPostSnoozeAsync(Guid id, CancellationToken cancellation)
    {
        await this.TryAsync(
            _ => HandBackProposals.SnoozeAsync(db, id, show.Today.AddDays(SnoozeDays), cancellation),
            words["Not proposed again before {0}.", show.Day(show.Today.AddDays(SnoozeDays))], show);
        return RedirectToPage();
    }

    private async Task ReadLinesAsync(CancellationToken cancellation)
    {
        var found = (Filters.Search with { Status = Shown }).Of(db, show.Today, show.Zone);
        var lines = await (from deal in found
                           join person in db.Contacts on deal.ContactId equals person.Id
                           orderby deal.NextActionOn == null, deal.NextActionOn, deal.UpdatedAt descending, deal.Id
                           select new { deal, Name = person.Name ?? person.Email ?? "", person.Company })
            .Skip((Number - 1) * PageSize).Take(PageSize + 1).ToListAsync(cancellation);
        HasMore = lines.Count > PageSize;
        Lines = [.. lines.Take(PageSize).Select(line => new DealLine(line.deal, line.Name, line.Company))];
    }

    private async Task ReadProposalsAsync(CancellationToken cancellation)
    {
        var proposed = await HandBackProposals.ListAsync(db, MostProposals, show.Now, cancellation);
        var ids = proposed.Select(one => one.Deal.ContactId).Distinct().ToList();
        var names = await db.Contacts.AsNoTracking().Where(person => ids.Contains(person.Id)).ToDictionaryAsync(person => person.Id, person => person.Name ?? person.Email ?? "", cancellation);
        Proposals = [.. proposed.Select(one => new ProposalLine(one, names.GetValueOrDefault(one.Deal.ContactId) ?? ""))];
    }
}

/// <summary>What the list is narrowed by, as the address carries it.</summary>
public sealed record DealFilters
{
    [StringLength(DealSearch.MaxText)]
    public string? Text { get; init; }

    [StringLength(Deal.MaxText)]
    public string? Owner { get; init; }

    [StringLength(Deal.MaxText)]
    public string? Stage { get; init; }

    public NextActionFilter? Next { get; init; }
    public decimal? AmountFrom { get; init; }
    public decimal? AmountTo { get; init; }
    public InteractionKind? Kind { get; init; }
    public InteractionStatus? Talk { get; init; }
    public PersonHappening? Happening { get; init; }
    public DateOnly? Since { get; init; }
    public DateOnly? Until { get; init; }

    internal bool Any => this != new DealFilters();

    internal DealSearch Search => new()
    {
        Text = Text,
        Owner = Owner,
        Stage = Stage,
        Next = Next,
        AmountFrom = AmountFrom,
        AmountTo = AmountTo,
        Kind = Kind,
        Talk = Talk,
        Happening = Happening,
        Since = Since,
        Until = Until,
    };

    /// <summary>For links: <c>&amp;Filters.Text=…</c>.</summary>
    internal string Query => string.Concat(new (string Name, object? Value)[]
    {
        (nameof(Text), Text), (nameof(Owner), Owner), (nameof(Stage), Stage), (nameof(Next), Next), (nameof(AmountFrom), AmountFrom), (nameof(AmountTo), AmountTo),
        (nameof(Kind), Kind), (nameof(Talk), Talk), (nameof(Happening), Happening), (nameof(Since), Since is { } since ? LocalTime.Iso(since) : null), (nameof(Until), Until is { } until ? LocalTime.Iso(until) : null),
    }.Where(pair => pair.Value is not null).Select(pair => $"&Filters.{pair.Name}={Uri.EscapeDataString(Convert.ToString(pair.Value, CultureInfo.InvariantCulture)!)}"));
}

/// <summary>A word of a flow to sales.</summary>
public sealed record NoticeLine(Guid Id, Guid ContactId, string Person, string? Owner, string Message, DateTimeOffset At);

public sealed record DealLine(Deal Deal, string Person, string? Company);

public sealed record ProposalLine(HandBackProposal Proposal, string Person);

using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Deals;

/// <summary>Open deals by stage: dragged, or moved by the choice on each.</summary>
internal sealed class BoardModel(AutomationDb db, WorkLoops work, Show show, IStringLocalizer words) : PageModel
{
    /// <summary>Deals shown of a stage.</summary>
    public const int MostOfAStage = 50;

    private const int MostStages = 30;

    [BindProperty(SupportsGet = true)]
    public string? Owner { get; set; }

    public IReadOnlyList<string> Owners { get; private set; } = [];
    public IReadOnlyList<BoardColumn> Columns { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var open = new DealSearch { Status = DealStatus.Open, Owner = Owner }.Of(db, show.Today, show.Zone);
        Owners = await db.Deals.Where(deal => deal.Status == DealStatus.Open && deal.Owner != null).Select(deal => deal.Owner!).Distinct().OrderBy(owner => owner).Take(200).ToListAsync(cancellation);
        var sums = (await open.GroupBy(deal => deal.Stage).Select(group => new { group.Key, Count = group.Count(), Amount = group.Sum(deal => deal.Amount ?? 0) }).ToListAsync(cancellation))
            .ToDictionary(stage => stage.Key, stage => (stage.Count, stage.Amount));
        var named = await DealStages.ReadAsync(db, cancellation);
        var columns = new List<BoardColumn>();
        foreach (var stage in named.Concat(sums.Keys.Except(named).Order(StringComparer.Ordinal)).Take(MostStages))
        {
            var lines = await (from deal in open
                               where deal.Stage == stage
                               join person in db.Contacts on deal.ContactId equals person.Id
                               orderby deal.NextActionOn == null, deal.NextActionOn, deal.Id
                               select new { deal, Name = person.Name ?? person.Email ?? "", person.Company }).Take(MostOfAStage).ToListAsync(cancellation);
            var (count, amount) = sums.GetValueOrDefault(stage);
            columns.Add(new BoardColumn(stage, count, amount, [.. lines.Select(line => new DealLine(line.deal, line.Name, line.Company))]));
        }
        Columns = columns;
    }

    public async Task<IActionResult> OnPostMoveAsync(Guid id, string? stage, CancellationToken cancellation)
    {
        await this.TryAsync(
            work, who => DealDesk.ChangeAsync(db, id, deal => DealEdit.Of(deal) with { Stage = stage ?? "" }, who, show.Now, cancellation), words["Moved to '{0}'.", stage ?? ""], show);
        return RedirectToPage(new { Owner });
    }
}

/// <param name="Count">All deals of the stage, shown or not.</param>
public sealed record BoardColumn(string Stage, int Count, decimal Amount, IReadOnlyList<DealLine> Lines);

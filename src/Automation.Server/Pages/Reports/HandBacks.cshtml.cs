using Automation.Marketing.Deals;
using Automation.Marketing.Reports;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Reports;

/// <summary>What became of the deals that sales handed back.</summary>
internal sealed class HandBacksModel(AutomationDb db, Show show) : PeriodModel(show, days: 365)
{
    public IReadOnlyList<HandBackLine> Lines { get; private set; } = [];

    /// <summary>Names of the flows by their ids.</summary>
    public IReadOnlyDictionary<string, string> Flows { get; private set; } = new Dictionary<string, string>();

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        Lines = [.. (await HandBackReport.OfAsync(db, Period, cancellation)).OrderBy(line => line.Reason).ThenBy(line => line.Flow, StringComparer.Ordinal)];
        Flows = await NamesAsync(db, Lines.Select(line => line.Flow), cancellation);
        return Page();
    }

    /// <param name="reason">Null: all of them.</param>
    /// <param name="flow">Null: whichever.</param>
    public string Behind(HandBackReason? reason, string? flow, HandBackOutcome outcome) =>
        FormattableString.Invariant($"/reports/hand-backs/rows?from={First:yyyy-MM-dd}&to={Last:yyyy-MM-dd}&outcome={outcome}")
        + (reason is { } one ? $"&reason={one}" : "") + (flow is null ? "" : $"&flow={Uri.EscapeDataString(flow.Length == 0 ? "-" : flow)}");

    internal static async Task<Dictionary<string, string>> NamesAsync(AutomationDb db, IEnumerable<string> flows, CancellationToken cancellation)
    {
        var ids = flows.Distinct().ToList();
        var found = await db.FlowDefinitions.AsNoTracking().Where(flow => ids.Contains(flow.DefinitionId)).OrderBy(flow => flow.Version)
            .Select(flow => new { flow.DefinitionId, flow.Name }).ToListAsync(cancellation);
        return found.GroupBy(flow => flow.DefinitionId).ToDictionary(flow => flow.Key, flow => flow.Last().Name, StringComparer.Ordinal);
    }
}

/// <summary>The hand-backs behind one figure.</summary>
internal sealed class HandBackRowsModel(AutomationDb db, Show show, ReportWords reports, Microsoft.Extensions.Localization.IStringLocalizer words) : BehindModel(show, days: 365)
{
    // In an address an empty value is the same as none.
    private const string NoFlow = "-";

    [BindProperty(SupportsGet = true)]
    public HandBackReason? Reason { get; set; }

    [BindProperty(SupportsGet = true), System.ComponentModel.DataAnnotations.StringLength(100)]
    public string? Flow { get; set; }

    [BindProperty(SupportsGet = true)]
    public HandBackOutcome Outcome { get; set; }

    public override string Heading => reports.Name(Outcome) + (Reason is { } reason ? " · " + Show.Reason(reason) : "");

    public override string Report => FormattableString.Invariant($"/reports/hand-backs?from={First:yyyy-MM-dd}&to={Last:yyyy-MM-dd}");

    public override string DetailHead => words["Deal"];

    protected override Task<List<BehindRow>> RowsAsync(int skip, int take, CancellationToken cancellation) =>
        HandBackReport.BehindAsync(db, Period, Reason, Flow == NoFlow ? "" : Flow, Outcome, skip, take, cancellation);
}

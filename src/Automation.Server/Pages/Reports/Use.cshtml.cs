using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Automation.Marketing.Campaigns.Use;
using Automation.Marketing.Mail;
using Automation.Marketing.Reports;
using Automation.Marketing.Reports.Use;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Reports;

/// <summary>How likely those whom mail reached bought, and how often customers buy, by the approach of the mail.</summary>
internal sealed class UseModel(AutomationDb db, Show show) : PeriodModel(show, days: 365)
{
    public IReadOnlyList<ApproachUse> Approaches { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        Approaches = await MailUses.ByApproachAsync(db, First, Last, Show.Today, cancellation);
        return Page();
    }

    public string Behind(Approach approach, UseFigure figure) =>
        string.Create(CultureInfo.InvariantCulture, $"/reports/use/rows?from={First:yyyy-MM-dd}&to={Last:yyyy-MM-dd}&approach={approach}&figure={figure}");
}

/// <summary>The people behind a figure of use: of one broadcast, or of an approach.</summary>
internal sealed class UseRowsModel(AutomationDb db, Show show, ReportWords reports, Microsoft.Extensions.Localization.IStringLocalizer words) : BehindModel(show, days: 365)
{
    [BindProperty(SupportsGet = true)]
    public Guid? Broadcast { get; set; }

    [BindProperty(SupportsGet = true), EnumDataType(typeof(Approach))]
    public Approach Approach { get; set; } = Approach.A1;

    [BindProperty(SupportsGet = true), EnumDataType(typeof(UseFigure))]
    public UseFigure Figure { get; set; }

    public string Of { get; private set; } = "";

    public override string Heading => $"{reports.Name(Figure)} · {Of}";

    public override string Report => Broadcast is { } id ? $"/broadcasts/{id}" : string.Create(CultureInfo.InvariantCulture, $"/reports/use?from={First:yyyy-MM-dd}&to={Last:yyyy-MM-dd}");

    public override string DetailHead => Figure switch
    {
        UseFigure.Bought => words["First purchase"],
        UseFigure.Active => words["Orders of the year"],
        _ => "",
    };

    protected override async Task<List<BehindRow>> RowsAsync(int skip, int take, CancellationToken cancellation)
    {
        if (Broadcast is not { } id)
        {
            Of = Show.Kind(Approach);
            return await UseRows.OfApproachAsync(db, Approach, First, Last, Figure, Show.Today, skip, take, cancellation);
        }
        Of = await db.Broadcasts.Where(one => one.Id == id).Select(one => one.Name).SingleOrDefaultAsync(cancellation) ?? "";
        return await UseRows.OfBroadcastAsync(db, id, Figure, Show.Today, skip, take, cancellation);
    }
}

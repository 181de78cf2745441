using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Contacts.Lifecycle;
using Automation.Marketing.Reports;
using Automation.Marketing.Storage;
using Automation.Server.Pages.Reports;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;

namespace Automation.Server.Pages.Funnels;

/// <summary>Which of the people a figure counts.</summary>
internal enum FunnelFigure { Reached, WentOn, Now }

/// <summary>How people move from the first contact to a deal that is won.</summary>
internal sealed class FunnelModel(AutomationDb db, Show show) : PeriodModel(show, days: 90)
{
    [BindProperty(SupportsGet = true), StringLength(120)]
    public string? Source { get; set; }

    public IReadOnlyList<FunnelStage> Stages { get; private set; } = [];
    public IReadOnlyList<string> Sources { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        Stages = await Funnel.OfAsync(db, Period, string.IsNullOrEmpty(Source) ? null : Source, cancellation);
        Sources = await Funnel.SourcesAsync(db, cancellation);
        return Page();
    }

    public string Behind(LifecycleStage stage, FunnelFigure figure) =>
        FormattableString.Invariant($"/funnel/rows?from={First:yyyy-MM-dd}&to={Last:yyyy-MM-dd}&stage={stage}&figure={figure}") + (string.IsNullOrEmpty(Source) ? "" : $"&source={Uri.EscapeDataString(Source)}");
}

/// <summary>The people behind one figure of the funnel.</summary>
internal sealed class FunnelRowsModel(AutomationDb db, Show show, ReportWords reports, Microsoft.Extensions.Localization.IStringLocalizer words) : BehindModel(show, days: 90)
{
    [BindProperty(SupportsGet = true), StringLength(120)]
    public string? Source { get; set; }

    [BindProperty(SupportsGet = true)]
    public LifecycleStage Stage { get; set; }

    [BindProperty(SupportsGet = true)]
    public FunnelFigure Figure { get; set; }

    public override string Heading => Figure switch
    {
        FunnelFigure.Now => words["{0}: as it stands", reports.Name(Stage)],
        FunnelFigure.WentOn => words["{0}: went on", reports.Name(Stage)],
        _ => words["{0}: reached", reports.Name(Stage)],
    };

    public override string Report => FormattableString.Invariant($"/funnel?from={First:yyyy-MM-dd}&to={Last:yyyy-MM-dd}&source={Uri.EscapeDataString(Source ?? "")}");

    protected override Task<List<BehindRow>> RowsAsync(int skip, int take, CancellationToken cancellation)
    {
        var source = string.IsNullOrEmpty(Source) ? null : Source;
        return Figure is FunnelFigure.Now
            ? Funnel.StandingAsync(db, source, Stage, skip, take, cancellation)
            : Funnel.ReachedAsync(db, Period, source, Stage, Figure is FunnelFigure.WentOn && Funnel.NextOf(Stage) is not null, skip, take, cancellation);
    }
}

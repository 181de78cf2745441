using Automation.Marketing.Reports;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages.Reports;

/// <summary>A report about a span of days.</summary>
/// <param name="days">How far it looks back when nothing is asked for.</param>
internal abstract class PeriodModel(Show show, int days) : PageModel
{
    private static readonly DateOnly Earliest = new(1970, 1, 1);

    [BindProperty(SupportsGet = true)]
    public DateOnly? From { get; set; }

    [BindProperty(SupportsGet = true)]
    public DateOnly? To { get; set; }

    protected Show Show => show;

    public DateOnly First => Clamped(From ?? show.Today.AddDays(-days));

    public DateOnly Last => Clamped(To ?? show.Today);

    internal Period Period => new(show.StartOf(First), show.StartOf(Last.AddDays(1)));

    private DateOnly Clamped(DateOnly day) => day < Earliest ? Earliest : day > show.Today.AddYears(10) ? show.Today.AddYears(10) : day;
}

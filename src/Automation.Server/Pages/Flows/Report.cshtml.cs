using Automation.Marketing.Journeys.Reports;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages.Flows;

/// <summary>What became of those who entered a flow, step by step: what was sent, what was not, and why.</summary>
public sealed class ReportModel(AutomationDb db, Show show) : PageModel
{
    /// <summary>Of those who entered in so many days; 0: ever.</summary>
    [BindProperty(SupportsGet = true)]
    public int Days { get; set; } = 90;

    public FlowHead Head { get; private set; } = null!;
    public FlowReport Report { get; private set; } = null!;

    /// <summary>In the order of the drawing; steps that only earlier versions had come last. Empty while nobody has entered.</summary>
    public IReadOnlyList<StepLine> Lines { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(string definitionId, CancellationToken cancellation)
    {
        if (!ModelState.IsValid || Days is < 0 or > 36_500 || await FlowHead.LoadAsync(db, definitionId, cancellation) is not { } head) return NotFound();
        Head = head;
        Report = await FlowReport.OfAsync(db, definitionId, Days == 0 ? DateTimeOffset.UnixEpoch : show.Now.AddDays(-Days), cancellation);
        if (Report.Runs.Entered > 0 || Report.Steps.Count > 0) Lines = LinesOf(head, Report);
        return Page();
    }

    private static List<StepLine> LinesOf(FlowHead head, FlowReport report)
    {
        var definition = head.Shown.Definition();
        var map = FlowMap.Of(definition);
        var steps = DrawnStep.AllOf(definition).DistinctBy(step => step.Id).OrderBy(step => map.Find(step.Id)?.Y).ThenBy(step => map.Find(step.Id)?.X).ToList();
        var known = steps.Select(step => step.Id).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. steps.Select(step => new StepLine(step, report.Steps.GetValueOrDefault(step.Id), IsGone: false)),
            .. report.Steps.Where(step => !known.Contains(step.Key)).OrderBy(step => step.Key, StringComparer.Ordinal)
                .Select(step => new StepLine(new DrawnStep(step.Key, "", step.Key, step.Key, false, new Dictionary<string, string>()), step.Value, IsGone: true)),
        ];
    }
}

/// <param name="Figures">Null: nobody came there.</param>
/// <param name="IsGone">Only earlier versions had it.</param>
public sealed record StepLine(DrawnStep Step, StepFigures? Figures, bool IsGone);

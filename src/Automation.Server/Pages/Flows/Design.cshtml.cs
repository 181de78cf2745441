using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Reports;
using Automation.Marketing.Storage;
using Automation.Server.Pages.Templates;
using Automation.Server.Studio;
using Automation.Server.Wording;
using Automation.Workflows.Definitions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Flows;

/// <summary>A flow's drawing with who waits where, what stands in the way of publishing, and publishing.</summary>
internal sealed class DesignModel(
    AutomationDb db, FlowDefinitions flows, FindingWords findings, Show show, TimeProvider clock, IStringLocalizer words) : PageModel
{
    private IReadOnlyDictionary<string, DrawnStep> steps = new Dictionary<string, DrawnStep>();

    public FlowHead Head { get; private set; } = null!;

    /// <summary>The version that is shown: the newest, draft or not.</summary>
    public FlowDefinition Drawn => Head.Latest;

    public MapView View { get; private set; } = null!;

    /// <summary>What publishing the newest version would say.</summary>
    public IReadOnlyList<WorkflowFinding> Findings { get; private set; } = [];

    public FlowSettings Settings { get; private set; } = FlowSettings.Default;

    /// <summary>What publishing would send although it was not welcome.</summary>
    public UnwelcomeTemplates Unwelcome { get; private set; } = new([]);

    public bool MayEdit => FlowHead.MayEdit(User);

    public async Task<IActionResult> OnGetAsync(string definitionId, CancellationToken cancellation)
    {
        if (await FlowHead.LoadAsync(db, definitionId, cancellation) is not { } head) return NotFound();
        Head = head;
        var definition = Drawn.Definition();
        steps = DrawnStep.AllOf(definition).DistinctBy(step => step.Id).ToDictionary(step => step.Id, StringComparer.Ordinal);
        Findings = await flows.CheckAsync(db, Drawn, cancellation);
        Settings = SettingsOf(definition);
        if (MayEdit && !Drawn.IsPublished) Unwelcome = await UnwelcomeAsync(definition, cancellation);
        View = await ViewAsync(FlowMap.Of(definition), cancellation);
        return Page();
    }

    public DrawnStep? StepOf(WorkflowFinding finding) => finding.ActivityId is { } id ? steps.GetValueOrDefault(id) : null;

    public string Say(WorkflowFinding finding) => findings.Of(finding);

    public async Task<IActionResult> OnPostPublishAsync(string definitionId, bool accept, CancellationToken cancellation)
    {
        if (!MayEdit) return Forbid();
        if (await FlowHead.LoadAsync(db, definitionId, cancellation) is not { } head) return NotFound();
        if (!accept && (await UnwelcomeAsync(head.Latest.Definition(), cancellation)).Scores.Count > 0)
        {
            TempData["Refused"] = words["Tick that you want to use a template that was not welcome, or choose another one."].Value;
            return RedirectToPage(new { definitionId });
        }
        try
        {
            var publication = await flows.PublishAsync(db, definitionId, User.Identity!.Name!, clock.GetUtcNow(), cancellation);
            if (publication.Published) this.Done(words["Published as version {0}. Whoever enters from now on goes this way.", publication.Flow.Version]);
            else TempData["Refused"] = words["It cannot be published yet. See what is to be mended."].Value;
        }
        catch (RuleBrokenException broken)
        {
            this.Refuse(broken, show);
        }
        return RedirectToPage(new { definitionId });
    }

    public async Task<IActionResult> OnPostRetractAsync(string definitionId, CancellationToken cancellation)
    {
        if (!MayEdit) return Forbid();
        await this.TryAsync(who => flows.RetractAsync(db, definitionId, who, clock.GetUtcNow(), cancellation), words["Withdrawn: nobody enters any more."], show);
        return RedirectToPage(new { definitionId });
    }

    private async Task<UnwelcomeTemplates> UnwelcomeAsync(WorkflowDefinition definition, CancellationToken cancellation) =>
        new(await WelcomeScores.UnwelcomeAsync(db, clock.GetUtcNow(), TemplateUses.In(definition), cancellation), "publish");

    // What cannot be read is among the findings.
    private static FlowSettings SettingsOf(WorkflowDefinition definition)
    {
        try
        {
            return FlowSettings.Of(definition);
        }
        catch (BadInputException)
        {
            return FlowSettings.Default;
        }
    }

    private async Task<MapView> ViewAsync(FlowMap map, CancellationToken cancellation)
    {
        var waiting = await FlowReport.WaitingAsync(db, Head.Id, cancellation);
        var marks = new Dictionary<string, StepMark>(StringComparer.Ordinal);
        foreach (var finding in Findings)
        {
            if (StepOf(finding) is not { } step) continue;
            var look = finding.Severity is Severity.Error ? "bad" : "odd";
            if (marks.GetValueOrDefault(step.Outer)?.Look != "bad") marks[step.Outer] = new StepMark(look, "", "#findings");
        }
        foreach (var (id, people) in waiting)
        {
            if (map.Find(id)?.Step.Id is not { } step) continue;
            marks[step] = new StepMark(marks.GetValueOrDefault(step)?.Look ?? "", words["{0} waiting here", show.People(people)], FlowHead.AddressOf(Head.Id) + "?step=" + Uri.EscapeDataString(step));
        }
        return new MapView(map, marks);
    }
}

using Automation.Marketing.Journeys.Reports;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Flows;

/// <summary>One person's run on the flow's drawing: what happened at each step, when, and what is next.</summary>
internal sealed class RunModel(AutomationDb db, FlowWords said, Show show, IStringLocalizer words) : PageModel
{
    private IReadOnlyDictionary<string, DrawnStep> steps = new Dictionary<string, DrawnStep>();

    public RunOnMap Told { get; private set; } = null!;
    public string Person { get; private set; } = "";
    public string FlowName => Told.Version?.Name ?? Told.Run.DefinitionId;

    /// <summary>Null: the version is gone.</summary>
    public MapView? View { get; private set; }

    public async Task<IActionResult> OnGetAsync(string definitionId, Guid run, CancellationToken cancellation)
    {
        if (await RunOnMap.FindAsync(db, definitionId, run, cancellation) is not { } told) return NotFound();
        Told = told;
        Person = await db.Contacts.Where(person => person.Id == told.Run.ContactId).Select(person => person.Name ?? person.Email).SingleOrDefaultAsync(cancellation) is { Length: > 0 } name
            ? name : words["Without a name"].Value;
        if (told.Version is null || told.Map is null) return Page();
        steps = DrawnStep.AllOf(told.Version.Definition()).DistinctBy(step => step.Id).ToDictionary(step => step.Id, StringComparer.Ordinal);
        View = new MapView(
            told.Map, told.Map.Steps.ToDictionary(step => step.Step.Id, MarkOf, StringComparer.Ordinal), told.Map.Lines.Where(told.Took).ToHashSet());
        return Page();
    }

    public string NameOf(string step, string type) => steps.TryGetValue(step, out var known) ? said.Name(known) : type.Length > 0 ? said.Kind(type) : step;

    public string OuterOf(string step) => steps.TryGetValue(step, out var known) ? known.Outer : step;

    public string IconOf(RunVisit visit) => visit.Problem is not null ? "alert-triangle" : steps.TryGetValue(visit.StepId, out var known) ? FlowWords.Icon(known) : "point";

    /// <summary>Where the person can go from a step.</summary>
    public IEnumerable<MapLine> After(string step) => Told.Map?.Lines.Where(line => line.From == step) ?? [];

    private StepMark MarkOf(MapStep step)
    {
        if (Told.WaitAt(step) is { } wait) return new StepMark("here", wait.DueAt is { } due ? words["until {0}", show.ShortTime(due)] : said.Wait(wait));
        return Told.LastAt(step) switch
        {
            null => new StepMark("ahead", ""),
            { Problem: not null } visit => new StepMark("bad", show.ShortTime(visit.Began), "#visit-" + visit.StepId),
            { Left: null } visit => new StepMark("odd", words["the run ended here"], "#visit-" + visit.StepId),
            var visit => new StepMark("done", string.Join(" · ", new[] { show.ShortTime(visit.Left.Value), visit.Way is "" or "Done" ? "" : said.Way(visit.Way) }.Where(part => part.Length > 0)), "#visit-" + visit.StepId),
        };
    }
}

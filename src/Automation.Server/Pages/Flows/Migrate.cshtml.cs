using Automation.Marketing;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Migration;
using Automation.Marketing.Journeys.Reports;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Automation.Workflows.Runtime;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Flows;

/// <summary>Moves the people of one version to another, after their number was seen (brief §4.5).</summary>
internal sealed class MigrateModel(
    AutomationDb db, FlowMigrations migrations, WorkLoops work, FlowWords said, Show show, TimeProvider clock, IStringLocalizer words) : PageModel
{
    private IReadOnlyDictionary<string, DrawnStep> before = new Dictionary<string, DrawnStep>();
    private IReadOnlyDictionary<string, DrawnStep> after = new Dictionary<string, DrawnStep>();

    [BindProperty(SupportsGet = true)]
    public int From { get; set; }

    /// <summary>0: the version that counts.</summary>
    [BindProperty(SupportsGet = true)]
    public int To { get; set; }

    /// <summary>Ids of steps of the old version, and beside each the one of the new version; empty: they stay.</summary>
    [BindProperty]
    public List<string> Steps { get; set; } = [];

    [BindProperty]
    public List<string?> Choices { get; set; } = [];

    public FlowHead Head { get; private set; } = null!;
    public IReadOnlyList<int> Sources { get; private set; } = [];
    public IReadOnlyList<int> Targets { get; private set; } = [];
    public IReadOnlyDictionary<string, string> Map { get; private set; } = new Dictionary<string, string>();

    /// <summary>Null: there is nothing to move, or nowhere to go.</summary>
    public MigrationPreview? Preview { get; private set; }

    public async Task<IActionResult> OnGetAsync(string definitionId, CancellationToken cancellation)
    {
        if (!await LoadAsync(definitionId, cancellation)) return NotFound();
        // What is the same step in both is proposed.
        Map = before.Values.Where(step => after.TryGetValue(step.Id, out var same) && same.Type == step.Type).ToDictionary(step => step.Id, step => step.Id, StringComparer.Ordinal);
        return await CountedAsync(cancellation);
    }

    public async Task<IActionResult> OnPostCountAsync(string definitionId, CancellationToken cancellation)
    {
        if (!await LoadAsync(definitionId, cancellation)) return NotFound();
        Map = Chosen();
        return await CountedAsync(cancellation);
    }

    /// <param name="seen">How many the person saw would move.</param>
    public async Task<IActionResult> OnPostMoveAsync(string definitionId, int seen, CancellationToken cancellation)
    {
        if (!FlowHead.MayEdit(User)) return Forbid();
        if (!await LoadAsync(definitionId, cancellation)) return NotFound();
        Map = Chosen();
        await CountedAsync(cancellation);
        if (Preview is null || Preview.Moving != seen)
        {
            TempData["Refused"] = words["The choice or the number of people has changed. Look at it again."].Value;
            return Page();
        }
        await this.TryAsync(
            work, who => migrations.StartAsync(db, definitionId, new FlowMigration(From, To, Map), who, clock.GetUtcNow(), cancellation),
            words["{0} are being moved to version {1}.", show.People(seen), To], show);
        return Redirect(Head.Address + "/versions");
    }

    public string NameOf(string step) => before.TryGetValue(step, out var known) ? said.Name(known) : step;

    /// <summary>Steps of the new version that are of the same kind.</summary>
    public IEnumerable<(string Id, string Name)> TargetsOf(string step) =>
        before.TryGetValue(step, out var known) ? after.Values.Where(other => other.Type == known.Type).Select(other => (other.Id, said.Name(other))) : [];

    public string Why(WorkflowStay stay) => stay switch
    {
        WorkflowStay.NotMapped => words["no step is chosen"],
        WorkflowStay.NoSuchStep => words["the new version has no such step"],
        WorkflowStay.OtherType => words["the step does something else there"],
        WorkflowStay.OtherPlace => words["the step stands inside another one there"],
        _ => words["the step is not known"],
    };

    private async Task<bool> LoadAsync(string definitionId, CancellationToken cancellation)
    {
        if (await FlowHead.LoadAsync(db, definitionId, cancellation) is not { } head) return false;
        Head = head;
        var versions = await db.FlowDefinitions.AsNoTracking().Where(one => one.DefinitionId == definitionId).OrderByDescending(one => one.Version).ToListAsync(cancellation);
        var live = await db.FlowInstances.Where(run => run.DefinitionId == definitionId && run.Status == FlowInstanceStatus.Running).Select(run => run.DefinitionVersionId).Distinct().ToListAsync(cancellation);
        Sources = [.. versions.Where(version => live.Contains(version.Id)).Select(version => version.Version)];
        Targets = [.. versions.Where(version => version.PublishedAt is not null && version.Version != From).Select(version => version.Version)];
        if (To == 0 || To == From) To = head.Published is { } published && published.Version != From ? published.Version : Targets is [var newest, ..] ? newest : 0;
        before = StepsOf(versions.Find(version => version.Version == From));
        after = StepsOf(versions.Find(version => version.Version == To));
        return ModelState.IsValid && before.Count > 0;
    }

    private async Task<IActionResult> CountedAsync(CancellationToken cancellation)
    {
        if (To == 0) return Page();
        try
        {
            Preview = await migrations.PreviewAsync(db, Head.Id, new FlowMigration(From, To, Map), cancellation);
        }
        catch (RuleBrokenException broken)
        {
            TempData["Refused"] = show.Rule(broken);
        }
        return Page();
    }

    private Dictionary<string, string> Chosen() => Steps.Zip(Choices)
        .Where(pair => !string.IsNullOrEmpty(pair.Second)).DistinctBy(pair => pair.First).ToDictionary(pair => pair.First, pair => pair.Second!, StringComparer.Ordinal);

    private static Dictionary<string, DrawnStep> StepsOf(FlowDefinition? version) =>
        version is null ? [] : DrawnStep.AllOf(version.Definition()).DistinctBy(step => step.Id).ToDictionary(step => step.Id, StringComparer.Ordinal);
}

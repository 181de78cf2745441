using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Journeys.Reports;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Flows;

/// <summary>A flow's versions: what is different between two, who is inside each, and taking one up again.</summary>
public sealed class VersionsModel(AutomationDb db, FlowDefinitions flows, Show show, TimeProvider clock, IStringLocalizer words) : PageModel
{
    private const int JobLines = 5;

    /// <summary>Version numbers that are compared; 0: the version that counts, with the newest.</summary>
    [BindProperty(SupportsGet = true)]
    public int Left { get; set; }

    [BindProperty(SupportsGet = true)]
    public int Right { get; set; }

    public FlowHead Head { get; private set; } = null!;

    /// <summary>The newest first.</summary>
    public IReadOnlyList<FlowSummary> Versions { get; private set; } = [];

    /// <summary>People inside, by the version's id.</summary>
    public IReadOnlyDictionary<string, int> Inside { get; private set; } = new Dictionary<string, int>();

    /// <summary>Numbers of versions that people can be moved to.</summary>
    public IReadOnlyList<int> Targets => [.. Versions.Where(version => version.PublishedAt is not null).Select(version => version.Version)];

    public IReadOnlyList<FlowChange> Changes { get; private set; } = [];
    public IReadOnlyList<FlowJob> Jobs { get; private set; } = [];

    public bool MayEdit => FlowHead.MayEdit(User);

    public async Task<IActionResult> OnGetAsync(string definitionId, CancellationToken cancellation)
    {
        if (!ModelState.IsValid || await FlowHead.LoadAsync(db, definitionId, cancellation) is not { } head) return NotFound();
        Head = head;
        Versions = (await flows.ListAsync(db, new FlowQuery(VersionOptions.All, DefinitionIds: [definitionId], OrderBy: FlowOrder.Version, Descending: true), cancellation)).Items;
        Inside = await db.FlowInstances.Where(run => run.DefinitionId == definitionId && run.Status == FlowInstanceStatus.Running).GroupBy(run => run.DefinitionVersionId)
            .Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(line => line.Key, line => line.Count, cancellation);
        Jobs = await db.FlowJobs.AsNoTracking().Where(job => job.DefinitionId == definitionId && job.Kind == FlowJobKind.Migrate)
            .OrderByDescending(job => job.CreatedAt).Take(JobLines).ToListAsync(cancellation);
        if (Versions.Count > 1) await CompareAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostRevertAsync(string definitionId, int version, CancellationToken cancellation)
    {
        if (!MayEdit) return Forbid();
        await this.TryAsync(
            who => flows.RevertAsync(db, definitionId, version, who, clock.GetUtcNow(), cancellation), words["Version {0} is the draft now. Look at it and publish it.", version], show);
        return RedirectToPage(new { definitionId });
    }

    private async Task CompareAsync(CancellationToken cancellation)
    {
        if (Right == 0) Right = Versions[0].Version;
        if (Left == 0) Left = (Versions.FirstOrDefault(version => version.IsPublished && version.Version != Right) ?? Versions.First(version => version.Version != Right)).Version;
        if (await Find(Left) is not { } left || await Find(Right) is not { } right) return;
        Changes = FlowDifference.Of(left.Definition(), right.Definition());

        Task<FlowDefinition?> Find(int number) => FlowDefinitions.FindAsync(db, Head.Id, VersionOptions.Number(number), cancellation);
    }
}

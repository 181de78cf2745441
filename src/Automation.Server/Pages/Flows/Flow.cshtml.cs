using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Flows;

/// <summary>The people in one flow.</summary>
public sealed class FlowModel(AutomationDb db, FlowControlling controlling, WorkLoops work, Show show, TimeProvider clock, IStringLocalizer words) : PageModel
{
    private const int PageSize = 50;
    private const int HistoryLines = 10;

    [BindProperty(SupportsGet = true)]
    public FlowInstanceStatus Status { get; set; } = FlowInstanceStatus.Running;

    [BindProperty(SupportsGet = true), Range(1, 100_000)]
    public int Number { get; set; } = 1;

    /// <summary>Only who waits in the step of this id; null: in any.</summary>
    [BindProperty(SupportsGet = true), StringLength(100)]
    public string? Step { get; set; }

    public FlowDefinition Flow { get; private set; } = null!;
    public IReadOnlyDictionary<FlowInstanceStatus, int> Counts { get; private set; } = new Dictionary<FlowInstanceStatus, int>();
    public IReadOnlyList<FlowPerson> People { get; private set; } = [];
    public bool HasMore { get; private set; }
    public HeldBackReport? HeldBack { get; private set; }

    /// <summary>Whether it is paused or its entry held; null: it never was published.</summary>
    public FlowControl? Control { get; private set; }

    /// <summary>People who wait to be let in.</summary>
    public int Held { get; private set; }

    public IReadOnlyList<FlowAction> History { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(string definitionId, CancellationToken cancellation)
    {
        var flow = await db.FlowDefinitions.AsNoTracking().Where(d => d.DefinitionId == definitionId)
            .OrderByDescending(d => d.IsPublished).ThenByDescending(d => d.Version).FirstOrDefaultAsync(cancellation);
        if (flow is null || !ModelState.IsValid) return NotFound();
        Flow = flow;
        Control = await db.FlowControls.AsNoTracking().SingleOrDefaultAsync(control => control.DefinitionId == definitionId, cancellation);
        Held = await db.FlowHeld.CountAsync(held => held.DefinitionId == definitionId && held.InstanceId == null, cancellation);
        History = await db.FlowActions.AsNoTracking().Where(action => action.DefinitionId == definitionId && action.InstanceId == null)
            .OrderByDescending(action => action.Id).Take(HistoryLines).ToListAsync(cancellation);
        Counts = await db.FlowInstances.Where(i => i.DefinitionId == definitionId).GroupBy(i => i.Status)
            .Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(line => line.Key, line => line.Count, cancellation);
        var inStep = ":" + Step;
        var lines = await (from instance in db.FlowInstances.AsNoTracking()
                           where instance.DefinitionId == definitionId && instance.Status == Status
                               && (string.IsNullOrEmpty(Step) || db.FlowBookmarks.Any(wait => wait.InstanceId == instance.Id && wait.NodeId.EndsWith(inStep)))
                           join person in db.Contacts on instance.ContactId equals person.Id
                           orderby instance.StartedAt descending, instance.Id
                           select new
                           {
                               instance.Id,
                               instance.ContactId,
                               Name = person.Name ?? person.Email ?? "",
                               instance.StartedAt,
                               instance.EndReason,
                               instance.FinishedAt,
                               Waits = db.FlowBookmarks.Where(b => b.InstanceId == instance.Id).OrderBy(b => b.DueAt).Select(b => b.Name).FirstOrDefault(),
                               Due = db.FlowBookmarks.Where(b => b.InstanceId == instance.Id && b.DueAt != null).Min(b => b.DueAt),
                           }).Skip((Number - 1) * PageSize).Take(PageSize + 1).ToListAsync(cancellation);
        HeldBack = await HeldBackReport.OfAsync(db, definitionId, clock.GetUtcNow(), cancellation);
        HasMore = lines.Count > PageSize;
        People = [.. lines.Take(PageSize).Select(line => new FlowPerson(line.Id, line.ContactId, line.Name, line.StartedAt, line.FinishedAt, line.EndReason, line.Waits, line.Due))];
        return Page();
    }

    public Task<IActionResult> OnPostPauseAsync(string definitionId, CancellationToken cancellation) => DoAsync(
        definitionId, (who, now) => controlling.PauseAsync(db, definitionId, who, now, cancellation), words["Paused. What is under way stays where it is."]);

    public Task<IActionResult> OnPostResumeAsync(string definitionId, HeldEntries held, CancellationToken cancellation) => DoAsync(
        definitionId, (who, now) => controlling.ResumeAsync(db, definitionId, held, who, now, cancellation), words["The flow goes on."]);

    public Task<IActionResult> OnPostReleaseAsync(string definitionId, HeldEntries held, CancellationToken cancellation) => DoAsync(
        definitionId, (who, now) => controlling.ReleaseEntriesAsync(db, definitionId, held, who, now, cancellation), words["The flow is open again."]);

    public Task<IActionResult> OnPostStopAsync(string definitionId, CancellationToken cancellation) => DoAsync(
        definitionId, (who, now) => controlling.StopAsync(db, definitionId, who, now, cancellation), words["Everyone who was inside is being led out."]);

    private async Task<IActionResult> DoAsync(string definitionId, Func<string, DateTimeOffset, Task> what, string done)
    {
        if (!ModelState.IsValid) return BadRequest();
        await this.TryAsync(work, who => what(who, clock.GetUtcNow()), done, show);
        return RedirectToPage(new { definitionId });
    }
}

/// <param name="Waits">Activity type that the run waits in.</param>
/// <param name="Due">When that wait ends by itself.</param>
public sealed record FlowPerson(
    Guid RunId, Guid ContactId, string Name, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, string EndReason, string? Waits, DateTimeOffset? Due);

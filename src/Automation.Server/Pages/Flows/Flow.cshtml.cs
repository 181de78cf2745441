using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Flows;

/// <summary>The people in one flow.</summary>
public sealed class FlowModel(AutomationDb db, TimeProvider clock) : PageModel
{
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true)]
    public FlowInstanceStatus Status { get; set; } = FlowInstanceStatus.Running;

    [BindProperty(SupportsGet = true), Range(1, 100_000)]
    public int Number { get; set; } = 1;

    public FlowDefinition Flow { get; private set; } = null!;
    public IReadOnlyDictionary<FlowInstanceStatus, int> Counts { get; private set; } = new Dictionary<FlowInstanceStatus, int>();
    public IReadOnlyList<FlowPerson> People { get; private set; } = [];
    public bool HasMore { get; private set; }
    public HeldBackReport? Held { get; private set; }

    public async Task<IActionResult> OnGetAsync(string definitionId, CancellationToken cancellation)
    {
        var flow = await db.FlowDefinitions.AsNoTracking().Where(d => d.DefinitionId == definitionId)
            .OrderByDescending(d => d.IsPublished).ThenByDescending(d => d.Version).FirstOrDefaultAsync(cancellation);
        if (flow is null || !ModelState.IsValid) return NotFound();
        Flow = flow;
        Counts = await db.FlowInstances.Where(i => i.DefinitionId == definitionId).GroupBy(i => i.Status)
            .Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(line => line.Key, line => line.Count, cancellation);
        var lines = await (from instance in db.FlowInstances.AsNoTracking()
                           where instance.DefinitionId == definitionId && instance.Status == Status
                           join person in db.Contacts on instance.ContactId equals person.Id
                           orderby instance.StartedAt descending, instance.Id
                           select new
                           {
                               instance.ContactId,
                               Name = person.Name ?? person.Email ?? "",
                               instance.StartedAt,
                               instance.EndReason,
                               instance.FinishedAt,
                               Waits = db.FlowBookmarks.Where(b => b.InstanceId == instance.Id).OrderBy(b => b.DueAt).Select(b => b.Name).FirstOrDefault(),
                               Due = db.FlowBookmarks.Where(b => b.InstanceId == instance.Id && b.DueAt != null).Min(b => b.DueAt),
                           }).Skip((Number - 1) * PageSize).Take(PageSize + 1).ToListAsync(cancellation);
        Held = await HeldBackReport.OfAsync(db, definitionId, clock.GetUtcNow(), cancellation);
        HasMore = lines.Count > PageSize;
        People = [.. lines.Take(PageSize).Select(line => new FlowPerson(line.ContactId, line.Name, line.StartedAt, line.FinishedAt, line.EndReason, line.Waits, line.Due))];
        return Page();
    }
}

/// <param name="Waits">Activity type that the run waits in.</param>
/// <param name="Due">When that wait ends by itself.</param>
public sealed record FlowPerson(
    Guid ContactId, string Name, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, string EndReason, string? Waits, DateTimeOffset? Due);

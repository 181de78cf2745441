using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Contacts.Outgoing;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Outgoing;

/// <summary>Which other programs are told of what, and what became of each event.</summary>
internal sealed class OutgoingModel(AutomationDb db, OutgoingAccess access, WorkLoops work, Show show, IStringLocalizer words) : PageModel
{
    private const int PageSize = 50;

    [BindProperty]
    public EndpointForm Form { get; set; } = new();

    [BindProperty(SupportsGet = true)]
    public Guid? Endpoint { get; set; }

    [BindProperty(SupportsGet = true)]
    public DeliveryState? State { get; set; }

    [BindProperty(SupportsGet = true), StringLength(OutgoingEvent.MaxType)]
    public string? Type { get; set; }

    [BindProperty(SupportsGet = true), Range(1, long.MaxValue)]
    public long? Before { get; set; }

    public IReadOnlyList<EndpointLine> Endpoints { get; private set; } = [];
    public IReadOnlyList<DeliveryLine> Deliveries { get; private set; } = [];
    public long? Next { get; private set; }
    public NewEndpoint? Made { get; private set; }

    /// <summary>The endpoint whose form was sent with a fault; null: the new one's.</summary>
    public Guid? Faulty { get; private set; }

    public bool IsFiltered => Endpoint is not null || State is not null || !string.IsNullOrEmpty(Type);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        await LoadAsync(cancellation);
        return this.IsHtmx() ? Partial(Before is null ? "Outgoing/_List" : "Outgoing/_Rows", this) : Page();
    }

    public Task<IActionResult> OnPostAsync(CancellationToken cancellation) => ShowSecretAsync(
        async () =>
        {
            Made = await OutgoingEndpoints.AddAsync(db, access, Form.ToInput(), User.Identity!.Name!, show.Now, cancellation);
            Form = new EndpointForm();
        },
        faulty: null, cancellation);

    public Task<IActionResult> OnPostRotateAsync(Guid id, CancellationToken cancellation) => ShowSecretAsync(
        async () => Made = await OutgoingEndpoints.RotateAsync(db, id, User.Identity!.Name!, show.Now, cancellation), id, cancellation);

    public async Task<IActionResult> OnPostChangeAsync(Guid id, CancellationToken cancellation)
    {
        try
        {
            await OutgoingEndpoints.ChangeAsync(db, access, id, Form.ToInput(), User.Identity!.Name!, show.Now, cancellation);
        }
        catch (RuleBrokenException broken)
        {
            ModelState.Clear();
            ModelState.AddModelError(nameof(Form), show.Rule(broken));
            db.ChangeTracker.Clear();
            Faulty = id;
            await LoadAsync(cancellation);
            return Page();
        }
        this.Done(words["Saved."]);
        work.Wake();
        return RedirectToPage();
    }

    public Task<IActionResult> OnPostPauseAsync(Guid id, CancellationToken cancellation) =>
        ActAsync(who => OutgoingEndpoints.PauseAsync(db, id, who, show.Now, cancellation), words["Paused. What happens meanwhile is kept for it."]);

    public Task<IActionResult> OnPostResumeAsync(Guid id, CancellationToken cancellation) =>
        ActAsync(who => OutgoingEndpoints.ResumeAsync(db, id, who, show.Now, cancellation), words["It goes on. What was kept goes out now."]);

    public Task<IActionResult> OnPostRemoveAsync(Guid id, CancellationToken cancellation) =>
        ActAsync(who => OutgoingEndpoints.RemoveAsync(db, id, who, show.Now, cancellation), words["Removed."]);

    public Task<IActionResult> OnPostTryAsync(Guid id, CancellationToken cancellation) =>
        ActAsync(who => OutgoingEndpoints.TryAsync(db, id, who, show.Now, cancellation), words["A test event is on its way. Its answer appears below."]);

    public Task<IActionResult> OnPostReplayAsync(long id, CancellationToken cancellation) =>
        ActAsync(who => OutgoingEndpoints.ReplayAsync(db, id, who, show.Now, cancellation), words["It goes out once more."]);

    public async Task<IActionResult> OnPostReplayPeriodAsync(Guid id, DateOnly? from, DateOnly? to, bool onlyDead, CancellationToken cancellation)
    {
        if (from is not { } first || to is not { } last)
        {
            TempData["Refused"] = words["Choose the first and the last day."].Value;
            return RedirectToPage();
        }
        var count = 0;
        await this.TryAsync(
            work, async who => count = await OutgoingEndpoints.ReplayAsync(db, id, show.StartOf(first), show.StartOf(last.AddDays(1)), onlyDead, who, show.Now, cancellation), "", show);
        if (TempData.Peek("Refused") is null) this.Done(words["{0} events go out once more.", show.Number(count)]);
        return RedirectToPage();
    }

    /// <returns>This list's address with another start, keeping the filters.</returns>
    public string After(long? before) => Url.Page("/Outgoing/Index", new { Endpoint, State, Type, Before = before })!;

    private async Task<IActionResult> ActAsync(Func<string, Task> what, string done)
    {
        await this.TryAsync(work, what, done, show);
        return RedirectToPage();
    }

    // A secret is in the answer that made it and nowhere else.
    private async Task<IActionResult> ShowSecretAsync(Func<Task> make, Guid? faulty, CancellationToken cancellation)
    {
        ModelState.Clear();
        try
        {
            await make();
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError(nameof(Form), show.Rule(broken));
            db.ChangeTracker.Clear();
            Faulty = faulty;
        }
        Response.Headers.CacheControl = "no-store";
        await LoadAsync(cancellation);
        return Page();
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        var endpoints = await db.OutgoingEndpoints.AsNoTracking().OrderBy(one => one.Name).ToListAsync(cancellation);
        var counts = await db.QueryAsync(
            "SELECT endpoint_id, state, COUNT(*) FROM outgoing_deliveries WHERE state IN ('Waiting', 'Dead') GROUP BY endpoint_id, state",
            row => (Endpoint: row.Guid(0), State: row.Enum<DeliveryState>(1), Count: row.Int(2)), cancellation);
        int CountOf(Guid id, DeliveryState state) => counts.FirstOrDefault(count => count.Endpoint == id && count.State == state).Count;
        Endpoints = [.. endpoints.Select(one => new EndpointLine(one, CountOf(one.Id, DeliveryState.Waiting), CountOf(one.Id, DeliveryState.Dead)))];
        var deliveries = db.OutgoingDeliveries.AsNoTracking();
        if (Endpoint is { } endpoint) deliveries = deliveries.Where(one => one.EndpointId == endpoint);
        if (State is { } state) deliveries = deliveries.Where(one => one.State == state);
        if (!string.IsNullOrEmpty(Type)) deliveries = deliveries.Where(one => one.Type == Type);
        if (Before is { } before) deliveries = deliveries.Where(one => one.Id < before);
        var page = await deliveries.OrderByDescending(one => one.Id).Take(PageSize + 1).ToListAsync(cancellation);
        if (page.Count > PageSize) Next = page[PageSize - 1].Id;
        var people = page.Select(one => one.ContactId).Distinct().ToList();
        var names = await db.Contacts.Where(one => people.Contains(one.Id)).Select(one => new { one.Id, Name = one.Name ?? one.Email ?? "" }).ToDictionaryAsync(one => one.Id, one => one.Name, cancellation);
        Deliveries = [.. page.Take(PageSize).Select(one => new DeliveryLine(
            one, endpoints.FirstOrDefault(known => known.Id == one.EndpointId)?.Name ?? "", names.GetValueOrDefault(one.ContactId, "")))];
    }
}

/// <param name="Waiting">Events that have not been taken yet.</param>
/// <param name="Dead">Events that were given up.</param>
internal sealed record EndpointLine(OutgoingEndpoint Endpoint, int Waiting, int Dead);

internal sealed record DeliveryLine(OutgoingDelivery Delivery, string Endpoint, string Person);

/// <summary>An endpoint as it is entered.</summary>
public sealed class EndpointForm
{
    public string? Name { get; set; }
    public string? Url { get; set; }
    public List<string> Types { get; set; } = [];
    public bool WithAddress { get; set; }

    internal EndpointInput ToInput() => new(Name, Url, Types, WithAddress);

    internal static EndpointForm Of(OutgoingEndpoint endpoint) => new() { Name = endpoint.Name, Url = endpoint.Url, Types = [.. endpoint.ChosenTypes], WithAddress = endpoint.WithAddress };
}

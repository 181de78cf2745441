using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Api;

/// <summary>What a CRM keeps in step by: deals both ways, people and their stages as they change. An example is docs/crm.md.</summary>
internal static class CrmApi
{
    private const int MostListed = 500;
    private const int MaxKey = 100;
    private static readonly string[] KnownOfDeal = ["contact", "stage", "owner", "amount", "nextAction", "nextActionOn", "updatedAt"];
    private static readonly string[] KnownOfContact = ["id", "externalId", "email"];
    private static readonly string[] KnownOfEnd = ["reason", "updatedAt"];

    // What was being written while a list was read may be older than the newest in it.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/deals", ListDealsAsync).ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapGet("/deals/{id}", GetDealAsync);
        api.MapPut("/deals/{key}", PutDealAsync).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        api.MapPut("/deals/{key}/won", PutWonAsync).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        api.MapPut("/deals/{key}/lost", PutLostAsync).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        api.MapGet("/lifecycle", ListStepsAsync).ProducesProblem(StatusCodes.Status400BadRequest);
    }

    /// <summary>Deals by the instant of their last change, the oldest first.</summary>
    /// <param name="updatedSince">Those changed then or later.</param>
    /// <param name="after">The <c>next</c> of the page before.</param>
    internal static async Task<Ok<PageView<DealView>>> ListDealsAsync(
        AutomationDb db, TimeProvider clock, CancellationToken cancellation, string? updatedSince = null, string? after = null, string? status = null, string? owner = null,
        Guid? contactId = null, int take = 100)
    {
        var asOf = clock.GetUtcNow() - Overlap;
        var deals = db.Deals.AsNoTracking();
        if (Instant(updatedSince, nameof(updatedSince)) is { } since) deals = deals.Where(deal => deal.UpdatedAt >= since);
        if (Status(status) is { } wanted) deals = deals.Where(deal => deal.Status == wanted);
        if (owner is not null) deals = deals.Where(deal => deal.Owner == owner);
        if (contactId is { } contact) deals = deals.Where(deal => deal.ContactId == contact);
        if (Cursor(after) is var (at, id)) deals = deals.Where(deal => deal.UpdatedAt > at || (deal.UpdatedAt == at && deal.Id.CompareTo(id) > 0));
        var size = Math.Clamp(take, 1, MostListed);
        var page = await deals.OrderBy(deal => deal.UpdatedAt).ThenBy(deal => deal.Id).Take(size + 1).ToListAsync(cancellation);
        var views = await ViewsAsync(db, [.. page.Take(size)], cancellation);
        return TypedResults.Ok(new PageView<DealView>(views, page.Count > size ? CursorOf(page[size - 1].UpdatedAt, page[size - 1].Id) : null, asOf));
    }

    /// <param name="id">Our id or the sales system's.</param>
    internal static async Task<Results<Ok<DealView>, NotFound>> GetDealAsync(string id, HttpResponse response, AutomationDb db, CancellationToken cancellation)
    {
        var own = Guid.TryParse(id, out var guid) ? guid : Guid.Empty;
        if (await db.Deals.AsNoTracking().FirstOrDefaultAsync(deal => deal.DealKey == id || deal.Id == own, cancellation) is not { } deal) return TypedResults.NotFound();
        return TypedResults.Ok(await AnswerAsync(db, deal, response, cancellation));
    }

    internal static async Task<Results<Ok<DealView>, Created<DealView>, ProblemHttpResult>> PutDealAsync(
        string key, HttpRequest request, HttpResponse response, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        if (key.Length > MaxKey) throw new BadInputException("key", $"is longer than {MaxKey} characters.");
        using var json = await RequestJson.ReadAsync(request, cancellation);
        var body = json.RootElement.Declared(KnownOfDeal);
        var fields = Fields(body);
        var contact = await ContactOfAsync(db, body, cancellation);
        var saved = await DealChanges.SaveAsync(db, key, contact, Seen(request, body), fields, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        if (saved is DealSaved.MovedOn(var other)) return MovedOn(other, response);
        var done = (DealSaved.Done)saved;
        if (done.Changed) work.Wake();
        var view = await AnswerAsync(db, done.Deal, response, cancellation);
        return done.Created ? TypedResults.Created($"/api/deals/{Uri.EscapeDataString(key)}", view) : TypedResults.Ok(view);
    }

    internal static async Task<Results<Ok<DealView>, NotFound, ProblemHttpResult>> PutWonAsync(
        string key, HttpRequest request, HttpResponse response, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        using var json = await BodyAsync(request, cancellation);
        var body = json.RootElement.Declared(KnownOfEnd[1..]);
        return await ClosedAsync(
            await DealChanges.WinAsync(db, key, Seen(request, body), who.Identity!.Name!, clock.GetUtcNow(), cancellation), db, work, response, cancellation);
    }

    internal static async Task<Results<Ok<DealView>, NotFound, ProblemHttpResult>> PutLostAsync(
        string key, HttpRequest request, HttpResponse response, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        using var json = await BodyAsync(request, cancellation);
        var body = json.RootElement.Declared(KnownOfEnd);
        HandBackReason? reason = body.Text("reason") is not { } word ? null
            : HandBackReasons.TryParse(word, out var known) ? known
            : throw new BadInputException("reason", $"must be one of {string.Join(", ", HandBackReasons.Words)}.");
        return await ClosedAsync(
            await DealChanges.LoseAsync(db, key, reason, Seen(request, body), who.Identity!.Name!, clock.GetUtcNow(), cancellation), db, work, response, cancellation);
    }

    /// <summary>People by the instant of their last change, the oldest first.</summary>
    internal static async Task<PageView<ContactView>> ListContactsAsync(
        AutomationDb db, TimeProvider clock, string? updatedSince, string? after, int take, CancellationToken cancellation)
    {
        var asOf = clock.GetUtcNow() - Overlap;
        var people = db.Contacts.AsNoTracking();
        if (Instant(updatedSince, nameof(updatedSince)) is { } since) people = people.Where(contact => contact.UpdatedAt >= since);
        if (Cursor(after) is var (at, id)) people = people.Where(contact => contact.UpdatedAt > at || (contact.UpdatedAt == at && contact.Id.CompareTo(id) > 0));
        var size = Math.Clamp(take, 1, MostListed);
        var page = await people.OrderBy(contact => contact.UpdatedAt).ThenBy(contact => contact.Id).Take(size + 1).ToListAsync(cancellation);
        var views = await ContactsApi.ViewsAsync(db, [.. page.Take(size)], cancellation);
        return new PageView<ContactView>(views, page.Count > size ? CursorOf(page[size - 1].UpdatedAt, page[size - 1].Id) : null, asOf);
    }

    /// <summary>Steps of people's life cycles, the oldest first.</summary>
    internal static async Task<Ok<PageView<StepView>>> ListStepsAsync(
        AutomationDb db, TimeProvider clock, CancellationToken cancellation, string? since = null, string? after = null, Guid? contactId = null, int take = 100)
    {
        var asOf = clock.GetUtcNow() - Overlap;
        var steps = db.LifecycleChanges.AsNoTracking();
        if (Instant(since, nameof(since)) is { } from) steps = steps.Where(step => step.At >= from);
        if (contactId is { } contact) steps = steps.Where(step => step.ContactId == contact);
        if (Cursor(after) is var (at, id)) steps = steps.Where(step => step.At > at || (step.At == at && step.Id.CompareTo(id) > 0));
        var size = Math.Clamp(take, 1, MostListed);
        var page = await steps.OrderBy(step => step.At).ThenBy(step => step.Id).Take(size + 1).ToListAsync(cancellation);
        var numbers = await NumbersAsync(db, page.Select(step => step.ContactId), cancellation);
        return TypedResults.Ok(new PageView<StepView>(
            [.. page.Take(size).Select(step => new StepView(
                step.Id, step.ContactId, numbers.GetValueOrDefault(step.ContactId).ExternalId, step.FromStage.ToString(), step.ToStage.ToString(), step.At, step.Actor, step.Reason))],
            page.Count > size ? CursorOf(page[size - 1].At, page[size - 1].Id) : null, asOf));
    }

    private static async Task<Results<Ok<DealView>, NotFound, ProblemHttpResult>> ClosedAsync(
        DealSaved? saved, AutomationDb db, WorkLoops work, HttpResponse response, CancellationToken cancellation)
    {
        switch (saved)
        {
            case null:
                return TypedResults.NotFound();
            case DealSaved.MovedOn(var other):
                return MovedOn(other, response);
            default:
                work.Wake();
                return TypedResults.Ok(await AnswerAsync(db, ((DealSaved.Done)saved).Deal, response, cancellation));
        }
    }

    private static ProblemHttpResult MovedOn(Deal deal, HttpResponse response)
    {
        response.Headers.ETag = TagOf(deal);
        return TypedResults.Problem(
            $"Deal '{deal.DealKey}' was changed at {deal.UpdatedAt.UtcDateTime:O}, after you read it. Read it again, then decide.",
            statusCode: StatusCodes.Status412PreconditionFailed, title: "Changed meanwhile");
    }

    private static async Task<DealView> AnswerAsync(AutomationDb db, Deal deal, HttpResponse response, CancellationToken cancellation)
    {
        response.Headers.ETag = TagOf(deal);
        return (await ViewsAsync(db, [deal], cancellation))[0];
    }

    private static string TagOf(Deal deal) => $"\"{deal.UpdatedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}\"";

    private static async Task<IReadOnlyList<DealView>> ViewsAsync(AutomationDb db, IReadOnlyList<Deal> deals, CancellationToken cancellation)
    {
        var numbers = await NumbersAsync(db, deals.Select(deal => deal.ContactId), cancellation);
        return [.. deals.Select(deal => new DealView(
            deal.Id, deal.DealKey, new DealContactView(deal.ContactId, numbers.GetValueOrDefault(deal.ContactId).ExternalId, numbers.GetValueOrDefault(deal.ContactId).Email),
            deal.Status.ToString(), deal.Stage, deal.Owner, deal.Amount, deal.NextAction, deal.NextActionOn, deal.RevisitOn, deal.CreatedAt, deal.UpdatedAt))];
    }

    private static async Task<Dictionary<Guid, (string? ExternalId, string? Email)>> NumbersAsync(AutomationDb db, IEnumerable<Guid> people, CancellationToken cancellation) =>
        (await db.QueryAsync(
            $"SELECT id, external_id, email FROM contacts WHERE {db.Dialect.Among("id", "@p0")}", row => (Id: row.Guid(0), ExternalId: row.TextOrNull(1), Email: row.TextOrNull(2)), cancellation,
            people.Distinct().ToArray())).ToDictionary(row => row.Id, row => (row.ExternalId, row.Email));

    // What is left out stays as it is; null takes it away.
    private static Func<DealEdit?, DealEdit> Fields(JsonElement body)
    {
        var (stage, owner, amount) = (body.Text("stage", 200), body.Text("owner", 100), Number(body, "amount"));
        var (nextAction, nextActionOn) = (body.Text("nextAction", 200), body.Date("nextActionOn"));
        return before => new DealEdit(
            body.TryGetProperty("stage", out _) ? stage ?? "" : before?.Stage ?? "",
            body.TryGetProperty("owner", out _) ? owner : before?.Owner,
            body.TryGetProperty("amount", out _) ? amount : before?.Amount,
            body.TryGetProperty("nextAction", out _) ? nextAction : before?.NextAction,
            body.TryGetProperty("nextActionOn", out _) ? nextActionOn : before?.NextActionOn);
    }

    private static async Task<Guid?> ContactOfAsync(AutomationDb db, JsonElement body, CancellationToken cancellation)
    {
        if (!body.TryGetProperty("contact", out var given) || given.ValueKind is JsonValueKind.Null) return null;
        var contact = given.Declared(KnownOfContact, "contact.");
        var (id, number, email) = (contact.Text("id"), contact.Text("externalId"), contact.Text("email"));
        var own = id is null ? Guid.Empty : Guid.TryParse(id, out var guid) ? guid : throw new BadInputException("contact.id", "is not an id.");
        var key = email is null ? null : EmailAddress.TryParse(email, out var address) ? address.Key : throw new BadInputException("contact.email", "is not a mail address.");
        if (id is null && number is null && key is null) throw new BadInputException("contact", "needs an 'id', an 'externalId' or an 'email'.");
        var found = await db.Contacts.AsNoTracking()
            .Where(one => (id == null || one.Id == own) && (number == null || one.ExternalId == number) && (key == null || one.EmailKey == key)).Select(one => (Guid?)one.Id)
            .FirstOrDefaultAsync(cancellation);
        return found ?? throw new BadInputException("contact", "is nobody we know by all of that. Post an event about the person first.");
    }

    // Either way of saying what one has seen.
    private static DateTimeOffset? Seen(HttpRequest request, JsonElement body)
    {
        if (request.Headers.IfMatch.ToString() is { Length: > 0 } match && match != "*")
        {
            return long.TryParse(match.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var ms) && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
                : throw new BadInputException("If-Match", "is not the ETag of a deal.");
        }
        return Instant(body.Text("updatedAt"), "updatedAt");
    }

    private static async Task<JsonDocument> BodyAsync(HttpRequest request, CancellationToken cancellation) =>
        request.ContentLength is 0 || (request.ContentLength is null && !request.HasJsonContentType()) ? JsonDocument.Parse("{}") : await RequestJson.ReadAsync(request, cancellation);

    private static decimal? Number(JsonElement json, string field) => !json.TryGetProperty(field, out var value) || value.ValueKind is JsonValueKind.Null ? null
        : value.ValueKind is JsonValueKind.Number && value.TryGetDecimal(out var number) && Math.Abs(number) < 100_000_000_000_000m ? decimal.Round(number, 4)
        : throw new BadInputException(field, "is not a number below 100000000000000.");

    private static DateTimeOffset? Instant(string? text, string field) => text switch
    {
        null or "" => null,
        _ when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) => instant,
        _ => throw new BadInputException(field, "is not an instant like 2026-11-16T01:00:00Z."),
    };

    private static DealStatus? Status(string? text) => text switch
    {
        null or "" => null,
        _ when Enum.TryParse<DealStatus>(text, ignoreCase: true, out var status) && Enum.IsDefined(status) => status,
        _ => throw new BadInputException("status", $"must be one of {string.Join(", ", Enum.GetNames<DealStatus>())}."),
    };

    private static string CursorOf(DateTimeOffset at, Guid id) => $"{at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}.{id:N}";

    private static (DateTimeOffset At, Guid Id)? Cursor(string? after) => after switch
    {
        null or "" => null,
        _ when after.Split('.') is [var at, var id] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() && Guid.TryParse(id, out var last) => (DateTimeOffset.FromUnixTimeMilliseconds(ms), last),
        _ => throw new BadInputException("after", "is not the 'next' of a page."),
    };
}

/// <param name="Next">Given as <c>after</c> for the page that follows; null: that was all.</param>
/// <param name="AsOf">Given as <c>updatedSince</c> (of the life cycle: <c>since</c>) for the next look, taken from a look's first page. It lies a minute
/// back, so that nothing that was being written is missed; what comes twice is known by its id and instant.</param>
internal sealed record PageView<T>(IReadOnlyList<T> Items, string? Next, DateTimeOffset AsOf);

internal sealed record DealContactView(Guid Id, string? ExternalId, string? Email);

internal sealed record DealView(
    Guid Id, string Key, DealContactView Contact, string Status, string Stage, string? Owner, decimal? Amount, string? NextAction, DateOnly? NextActionOn,
    DateOnly? RevisitOn, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

internal sealed record StepView(Guid Id, Guid ContactId, string? ExternalId, string From, string To, DateTimeOffset At, string Actor, string Reason);

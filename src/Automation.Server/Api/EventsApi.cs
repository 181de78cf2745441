using System.Security.Claims;
using System.Text.Json;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Server.Work;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Automation.Server.Api;

/// <summary>Lead events in: one, or up to a thousand that are taken together or not at all.</summary>
internal static class EventsApi
{
    private const int MostInABatch = 1000;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/events", PostOneAsync).ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapPost("/events/batch", PostBatchAsync).ProducesProblem(StatusCodes.Status400BadRequest);
    }

    internal static async Task<Accepted<TakenEventView>> PostOneAsync(
        HttpRequest request, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        var taken = await EventIntake.TakeAsync(db, [LeadEventInput.Read(json.RootElement, "")], who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        work.Wake();
        return TypedResults.Accepted((string?)null, TakenEventView.Of(taken[0]));
    }

    internal static async Task<Accepted<TakenEventsView>> PostBatchAsync(
        HttpRequest request, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        var events = json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("events", out var named) ? named : json.RootElement;
        if (events.ValueKind is not JsonValueKind.Array) throw new BadInputException("events", "must be a list of events.");
        if (events.GetArrayLength() > MostInABatch) throw new BadInputException("events", $"has more than {MostInABatch} events.");
        var read = events.EnumerateArray().Select((one, index) => LeadEventInput.Read(one, $"events[{index}]")).ToList();
        var taken = await EventIntake.TakeAsync(db, read, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        work.Wake();
        return TypedResults.Accepted((string?)null, new TakenEventsView([.. taken.Select(TakenEventView.Of)]));
    }
}

/// <param name="Duplicate">The same (source, id) had been taken before; nothing was done.</param>
internal sealed record TakenEventView(string Source, string Id, Guid ContactId, bool Duplicate)
{
    public static TakenEventView Of(TakenEvent taken) => new(taken.Source, taken.Id, taken.ContactId, taken.Duplicate);
}

internal sealed record TakenEventsView(IReadOnlyList<TakenEventView> Events);

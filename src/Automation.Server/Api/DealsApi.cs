using System.Security.Claims;
using System.Text.Json;
using Automation.Marketing;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Api;

/// <summary>Sales' one action: hand a deal back.</summary>
internal static class DealsApi
{
    private const int MaxNote = 2000;
    private static readonly string[] Known = ["reason", "revisitOn", "note"];

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/deals/{id}/hand-back", PostHandBackAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPost("/deals/hand-backs", PostHandBacksAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapDelete("/deals/hand-backs/{id:guid}", DeleteHandBackAsync).ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <param name="id">Our id or the sales system's.</param>
    internal static async Task<Results<Ok<HandBackView>, NotFound>> PostHandBackAsync(
        string id, HttpRequest request, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        var wanted = HandBackOf(json.RootElement);
        var own = Guid.TryParse(id, out var guid) ? guid : Guid.Empty;
        var deal = await db.Deals.AsNoTracking().Where(deal => deal.Id == own || deal.DealKey == id).Select(deal => (Guid?)deal.Id).FirstOrDefaultAsync(cancellation);
        if (deal is null) return TypedResults.NotFound();
        var handBack = await HandingBack.HandBackAsync(db, deal.Value, wanted, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        work.Wake();
        return TypedResults.Ok(HandBackView.Of(handBack));
    }

    /// <summary>Deals by our ids or the sales system's; those that cannot be handed back are named with the reason, the others are done.</summary>
    internal static async Task<Ok<HandBacksView>> PostHandBacksAsync(
        HttpRequest request, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        var names = Names(json.RootElement);
        var wanted = HandBackOf(json.RootElement, "deals");
        var own = names.Select(name => Guid.TryParse(name, out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty).ToArray();
        var deals = await db.Deals.AsNoTracking().Where(deal => names.Contains(deal.DealKey) || own.Contains(deal.Id)).Select(deal => new { deal.Id, deal.DealKey }).ToListAsync(cancellation);
        var keys = deals.ToDictionary(deal => deal.Id, deal => deal.DealKey);
        var unknown = names.Where(name => !deals.Exists(deal => deal.DealKey == name || (Guid.TryParse(name, out var id) && deal.Id == id)));
        var many = deals.Count == 0 ? new ManyHandedBack([], [])
            : await HandingBack.HandBackManyAsync(db, [.. keys.Keys], wanted, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        work.Wake();
        return TypedResults.Ok(new HandBacksView(
            [.. many.Done.Select(HandBackView.Of)],
            [.. many.Refused.Select(one => new RefusedHandBackView(keys[one.DealId], one.Why.Message)), .. unknown.Select(name => new RefusedHandBackView(name, "There is no such deal."))]));
    }

    internal static async Task<NoContent> DeleteHandBackAsync(
        Guid id, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        await HandingBack.UndoAsync(db, id, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        work.Wake();
        return TypedResults.NoContent();
    }

    private static List<string> Names(JsonElement json)
    {
        if (json.ValueKind is not JsonValueKind.Object || !json.TryGetProperty("deals", out var deals) || deals.ValueKind is not JsonValueKind.Array || deals.GetArrayLength() is 0 or > HandingBack.MostAtOnce)
            throw new BadInputException("deals", $"must be a list of 1 to {HandingBack.MostAtOnce} deals.");
        if (deals.EnumerateArray().Any(name => name.ValueKind is not JsonValueKind.String)) throw new BadInputException("deals", "must hold texts only.");
        return [.. deals.EnumerateArray().Select(name => name.GetString()!).Distinct(StringComparer.Ordinal)];
    }

    /// <param name="more">Fields that the body may have besides.</param>
    internal static HandBackRequest HandBackOf(JsonElement json, params string[] more)
    {
        json.Declared([.. Known, .. more]);
        if (!HandBackReasons.TryParse(json.Text("reason"), out var reason))
            throw new BadInputException("reason", $"must be one of {string.Join(", ", HandBackReasons.Words)}.");
        return new HandBackRequest(reason, json.Date("revisitOn"), json.Text("note", MaxNote));
    }
}

internal sealed record HandBackView(Guid Id, Guid DealId, Guid ContactId, string Reason, DateOnly? RevisitOn, DateTimeOffset At)
{
    public static HandBackView Of(HandBack handBack) =>
        new(handBack.Id, handBack.DealId, handBack.ContactId, handBack.Reason.Word(), handBack.RevisitOn, handBack.At);
}

internal sealed record HandBacksView(IReadOnlyList<HandBackView> Done, IReadOnlyList<RefusedHandBackView> Refused);

/// <param name="Deal">As it was asked for, or the sales system's id.</param>
internal sealed record RefusedHandBackView(string Deal, string Why);

using System.Security.Claims;
using Automation.Marketing.Contacts.Complaints;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Deals;
using Automation.Marketing.Leads;
using Automation.Marketing.Storage;
using Automation.Server.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Api;

/// <summary>Who is hot, what a score is made of, and sales' answer to a lead.</summary>
internal static class LeadsApi
{
    private const int MaxOwner = 100;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/leads", GetLeadsAsync);
        api.MapGet("/leads/{contact:guid}", GetLeadAsync);
        api.MapPost("/leads/{contact:guid}/acceptance", PostAcceptanceAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPost("/leads/{contact:guid}/rejection", PostRejectionAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
    }

    internal static async Task<Ok<HotLeadView[]>> GetLeadsAsync(AutomationDb db, TimeProvider clock, CancellationToken cancellation) =>
        TypedResults.Ok((await HotList.ReadAsync(db, clock.GetUtcNow(), cancellation)).Select(HotLeadView.Of).ToArray());

    internal static async Task<Results<Ok<LeadView>, NotFound>> GetLeadAsync(Guid contact, AutomationDb db, TimeProvider clock, CancellationToken cancellation)
    {
        if (await ScoreSheet.OfAsync(db, contact, await db.ScoringRulesAsync(cancellation), clock.GetUtcNow(), cancellation) is not { } sheet) return TypedResults.NotFound();
        var handOff = await db.HandOffs.AsNoTracking().Where(one => one.ContactId == contact).OrderByDescending(one => one.At).FirstOrDefaultAsync(cancellation);
        return TypedResults.Ok(new LeadView(
            contact, Math.Round(sheet.Score, 2), sheet.Fit, sheet.IsHot, [.. sheet.Lines.Select(line => new TouchView(line.Touch.Rule, line.Touch.Type, line.Touch.At, line.Touch.Points, Math.Round(line.Worth, 2)))],
            handOff is null ? null : new HandOffView(handOff.State.ToString().ToLowerInvariant(), handOff.Owner, handOff.At, handOff.DueAt, handOff.AnsweredAt, handOff.AnsweredBy, handOff.Rejection?.Word()),
            [.. (await ComplaintDesk.AtHandOverAsync(db, contact, clock.GetUtcNow(), cancellation)).Select(ComplaintView.Of)]));
    }

    internal static async Task<Results<NoContent, NotFound>> PostAcceptanceAsync(
        Guid contact, HttpRequest request, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        var owner = json.RootElement.Declared(["owner"]).Text("owner", MaxOwner)?.Trim();
        if (!await db.Contacts.AnyAsync(one => one.Id == contact, cancellation)) return TypedResults.NotFound();
        await HandOffAnswers.AcceptAsync(db, contact, string.IsNullOrEmpty(owner) ? who.Identity!.Name! : owner, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        work.Wake();
        return TypedResults.NoContent();
    }

    internal static async Task<Results<NoContent, NotFound>> PostRejectionAsync(
        Guid contact, HttpRequest request, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        var wanted = DealsApi.HandBackOf(json.RootElement);
        if (!await db.Contacts.AnyAsync(one => one.Id == contact, cancellation)) return TypedResults.NotFound();
        await HandOffAnswers.RejectAsync(db, contact, wanted, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        work.Wake();
        return TypedResults.NoContent();
    }
}

internal sealed record HotLeadView(Guid ContactId, string Name, string? Company, double Score, int Fit, string Why, DateTimeOffset Since, string? Owner, string? NextAction, DateOnly? NextActionOn, bool WaitsForAnswer)
{
    public static HotLeadView Of(HotLead lead) => new(
        lead.ContactId, lead.Person, lead.Company, Math.Round(lead.Score, 2), lead.Fit, lead.Why, lead.Since, lead.Owner, lead.NextAction, lead.NextActionOn, lead.IsWaiting);
}

internal sealed record LeadView(Guid ContactId, double Score, int Fit, bool Hot, IReadOnlyList<TouchView> Touches, HandOffView? HandOff, IReadOnlyList<ComplaintView> Complaints);

internal sealed record TouchView(string Rule, string Type, DateTimeOffset At, double Points, double WorthNow);

internal sealed record HandOffView(string State, string? Owner, DateTimeOffset At, DateTimeOffset? DueAt, DateTimeOffset? AnsweredAt, string? AnsweredBy, string? Reason);

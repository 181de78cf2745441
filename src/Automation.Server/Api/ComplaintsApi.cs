using System.Security.Claims;
using System.Text.Json;
using Automation.Marketing;
using Automation.Marketing.Contacts.Complaints;
using Automation.Marketing.Storage;
using Automation.Server.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Api;

/// <summary>Complaints of a person: opened and closed by whoever takes them in.</summary>
internal static class ComplaintsApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/contacts/{id:guid}/complaints", GetAsync);
        api.MapPost("/contacts/{id:guid}/complaints", PostAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPut("/contacts/{id:guid}/complaints/{complaint:guid}/closure", PutClosureAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
    }

    internal static async Task<Results<Ok<List<ComplaintView>>, NotFound>> GetAsync(Guid id, AutomationDb db, CancellationToken cancellation) =>
        await db.Contacts.AnyAsync(person => person.Id == id, cancellation)
            ? TypedResults.Ok((await ComplaintDesk.ConcerningAsync(db, id, company: null, cancellation)).ConvertAll(ComplaintView.Of))
            : TypedResults.NotFound();

    internal static async Task<Results<Ok<ComplaintView>, NotFound>> PostAsync(
        Guid id, HttpRequest request, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        var text = Text(json.RootElement, "text", "wholeCompany");
        var wholeCompany = json.RootElement.TryGetProperty("wholeCompany", out var whole) && whole.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new BadInputException("wholeCompany", "must be true or false."),
        };
        if (!await db.Contacts.AnyAsync(person => person.Id == id, cancellation)) return TypedResults.NotFound();
        var complaint = await ComplaintDesk.OpenAsync(db, id, text, wholeCompany, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        work.Wake();
        return TypedResults.Ok(ComplaintView.Of(complaint));
    }

    internal static async Task<Results<Ok<ComplaintView>, NotFound>> PutClosureAsync(
        Guid id, Guid complaint, HttpRequest request, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        var handling = Text(json.RootElement, "handling");
        if (!await db.Complaints.AnyAsync(one => one.Id == complaint && one.ContactId == id, cancellation)) return TypedResults.NotFound();
        var closed = await ComplaintDesk.CloseAsync(db, complaint, handling, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        work.Wake();
        return TypedResults.Ok(ComplaintView.Of(closed));
    }

    /// <param name="field">Required.</param>
    private static string Text(JsonElement json, string field, params string[] others)
    {
        var text = json.Declared([field, .. others]).Text(field, Complaint.MaxText);
        return string.IsNullOrWhiteSpace(text) ? throw new BadInputException(field, "must be a text that is not empty.") : text;
    }
}

internal sealed record ComplaintView(
    Guid Id, Guid ContactId, string Text, string? Company, string OpenedBy, DateTimeOffset OpenedAt, string? Handling, string? ClosedBy, DateTimeOffset? ClosedAt)
{
    public static ComplaintView Of(Complaint one) =>
        new(one.Id, one.ContactId, one.Text, one.Company, one.OpenedBy, one.OpenedAt, one.Handling, one.ClosedBy, one.ClosedAt);
}

using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Server.SignIn;
using Automation.Server.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Automation.Server.Api;

/// <summary>
/// Requests that flows begin with or wait for (<c>Elsa.HttpEndpoint</c>), under <c>/workflows</c>, with an API key. A request
/// is a lead event of the type <c>http.request</c>: its person is named by <c>contact</c> as there, or by <c>email</c> or
/// <c>externalId</c>, in the body or the query; with an <c>Idempotency-Key</c> a repetition is the same request.
/// </summary>
/// <remarks>It is answered as soon as it is on record: flows run behind it, and none keeps the caller waiting.</remarks>
internal static class FlowRequests
{
    public const string Root = "/workflows";

    private const string Source = "http";
    private const string EventType = "http.request";
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 31, AllowDuplicateProperties = false };

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapMethods(Root + "/{**path}", Methods, TakeAsync).RequireAuthorization(Policies.Api).DisableAntiforgery()
            .WithMetadata(new RequestSizeLimitAttribute(LeadEventInput.MaxData))
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    internal static async Task<Results<Accepted<TakenRequestView>, ProblemHttpResult>> TakeAsync(
        string path, HttpRequest request, AutomationDb db, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var key = Stimuli.RequestKey(request.Method, path);
        if (path.Length > Stimuli.MaxPath || !await IsAwaitedAsync(db, key, cancellation))
            return TypedResults.Problem($"No flow waits for {request.Method} at this path.", statusCode: StatusCodes.Status404NotFound, title: "Not found");
        var body = request.ContentLength is > 0 || request.HasJsonContentType() ? await BodyAsync(request, cancellation) : null;
        var taken = (await EventIntake.TakeAsync(db, [Checked(request, path, body) with { Request = key }], who.Identity!.Name!, clock.GetUtcNow(), cancellation))[0];
        work.Wake();
        return TypedResults.Accepted((string?)null, new TakenRequestView(taken.ContactId, taken.Duplicate));
    }

    private static async Task<bool> IsAwaitedAsync(AutomationDb db, string key, CancellationToken cancellation) =>
        (await db.QueryAsync(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM flow_triggers WHERE name = @p0 AND key = @p1) OR EXISTS (SELECT 1 FROM flow_bookmarks WHERE name = @p0 AND key = @p1)",
            row => row.Int(0), cancellation, Stimuli.RequestReceived, key)).Count > 0;

    private static async Task<JsonObject> BodyAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!request.HasJsonContentType()) throw new BadInputException("Content-Type", "must be application/json.");
        return await JsonNode.ParseAsync(request.Body, documentOptions: Strict, cancellationToken: cancellation) as JsonObject
            ?? throw new BadInputException("(body)", "must be an object.");
    }

    /// <exception cref="BadInputException">The person is not named, or something is too long or no text.</exception>
    private static LeadEventInput Checked(HttpRequest request, string path, JsonObject? body)
    {
        try
        {
            return EventOf(request, path, body);
        }
        catch (InvalidOperationException)
        {
            throw new BadInputException("(body)", "holds text that is not well-formed.");
        }
    }

    private static LeadEventInput EventOf(HttpRequest request, string path, JsonObject? body)
    {
        var query = new JsonObject();
        foreach (var (name, values) in request.Query) query[name] = values.ToString();
        var given = request.Headers["Idempotency-Key"].ToString();
        var json = new JsonObject
        {
            ["source"] = Source,
            ["id"] = given.Length > 0 ? given : Guid.NewGuid().ToString("N"),
            ["type"] = EventType,
            ["contact"] = PersonIn(body, query),
            ["data"] = new JsonObject { ["method"] = request.Method, ["path"] = path.Trim('/'), ["query"] = query, ["body"] = body?.DeepClone() ?? new JsonObject() },
        };
        return LeadEventInput.Read(JsonSerializer.SerializeToElement(json), "");
    }

    private static JsonNode PersonIn(JsonObject? body, JsonObject query)
    {
        if (body?["contact"] is JsonObject contact) return contact.DeepClone();
        var person = new JsonObject();
        foreach (var name in new[] { "email", "externalId" })
            if ((body?[name] ?? query[name]) is { } value) person[name] = value.DeepClone();
        return person;
    }
}

/// <param name="Duplicate">A request with the same <c>Idempotency-Key</c> had been taken before; nothing was done.</param>
internal sealed record TakenRequestView(Guid ContactId, bool Duplicate);

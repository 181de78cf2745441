using System.Security.Claims;
using System.Text.Json.Nodes;
using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Studio;

/// <summary>What <em>Run</em> means here: a test with one person, from which no mail goes out.</summary>
internal static class TestRunsApi
{
    private const int MostPeople = 8;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/test-runs/people", GetPeopleAsync);
        api.MapPost("/workflow-definitions/{definitionId}/execute", PostExecuteAsync);
        api.MapPost("/tests/activities", PostActivity);
    }

    /// <summary>People to choose from, while somebody types.</summary>
    internal static async Task<Ok<Items<TestPersonView>>> GetPeopleAsync(string? search, AutomationDb db, CancellationToken cancellation)
    {
        var people = db.Contacts.AsNoTracking().Where(contact => contact.Email != null);
        if (search?.Trim() is { Length: > 0 } term) people = people.Where(contact => contact.Name!.Contains(term) || contact.Email!.Contains(term) || contact.Kana!.Contains(term));
        return TypedResults.Ok(new Items<TestPersonView>([.. (await people.OrderByDescending(contact => contact.Id).Take(MostPeople)
            .Select(contact => new TestPersonView(contact.Id, contact.Name ?? "", contact.Email ?? "")).ToListAsync(cancellation))]));
    }

    /// <summary>Runs the version as a test with the person whose id is the correlation id; without one nothing starts.</summary>
    internal static async Task<Results<Ok<ExecutedView>, ProblemHttpResult>> PostExecuteAsync(
        string definitionId, HttpRequest request, HttpResponse response, AutomationDb db, FlowTestRuns tests, IStringLocalizer words, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var body = await StudioBody.ObjectAsync(request, cancellation);
        if (!VersionOptions.TryParse(body["versionOptions"]?.ToString() is { Length: > 0 } text ? text : "Latest", out var versions)) return StudioProblems.Refused($"'{body["versionOptions"]}' is not known.", "versionOptions");
        if (await FlowDefinitions.FindAsync(db, definitionId, versions, cancellation) is not { } flow) return StudioProblems.NotFound($"There is no flow '{definitionId}'.");
        if (!Guid.TryParse(body["correlationId"]?.ToString(), out var person))
        {
            response.Headers["x-elsa-workflow-cannot-start"] = "true";
            return StudioProblems.Refused(words["A test needs a person: choose one."], "correlationId");
        }
        var run = await tests.RunAsync(flow, person, who.Identity!.Name!, cancellation);
        response.Headers["x-elsa-workflow-instance-id"] = StudioRun.IdOf(run.Id);
        return TypedResults.Ok(new ExecutedView(new ExecutedStateView(
            StudioRun.IdOf(run.Id), run.DefinitionId, flow.Version, run.ContactId.ToString(), InstanceView.StatusOf(run.Status), InstanceView.SubStatusOf(run.Status),
            [], [], [], [], [], [], [], run.StartedAt, run.EndedAt)));
    }

    // The designer shows an answer that failed; for any other status it has no words.
    internal static Ok<TestedActivityView> PostActivity(IStringLocalizer words) =>
        TypedResults.Ok(new TestedActivityView([], [], [], new ProblemView("NotOffered", words["A single step cannot be tried alone. Use Run: it tries the whole flow with one person."], null, null), "Faulted"));
}

internal sealed record TestPersonView(Guid Id, string Name, string Email);

internal sealed record ExecutedView(ExecutedStateView WorkflowState);

internal sealed record ExecutedStateView(
    string Id, string DefinitionId, int DefinitionVersion, string CorrelationId, string Status, string SubStatus, IReadOnlyList<JsonObject> Bookmarks,
    IReadOnlyList<JsonObject> Incidents, IReadOnlyList<JsonObject> CompletionCallbacks, IReadOnlyList<JsonObject> ActivityExecutionContexts,
    JsonObject Input, JsonObject Output, JsonObject Properties, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

internal sealed record TestedActivityView(JsonObject ActivityState, JsonObject Outputs, JsonObject Payload, ProblemView Exception, string Status);

using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Marketing;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Journeys.Migration;
using Automation.Marketing.Storage;
using Automation.Server.Work;
using Automation.Workflows.Runtime;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Api;

/// <summary>Pausing, resuming and ending flows and single runs, and moving runs between versions.</summary>
internal static class FlowsApi
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public static void Map(IEndpointRouteBuilder api)
    {
        var flow = api.MapGroup("/flows/{flow}");
        flow.MapGet("", GetAsync);
        flow.MapPut("/pause", PutPauseAsync).ProducesProblem(StatusCodes.Status409Conflict);
        flow.MapDelete("/pause", DeletePauseAsync).ProducesProblem(StatusCodes.Status409Conflict);
        flow.MapDelete("/entry-hold", DeleteEntryHoldAsync).ProducesProblem(StatusCodes.Status409Conflict);
        flow.MapDelete("/runs", DeleteRunsAsync).ProducesProblem(StatusCodes.Status409Conflict);
        flow.MapDelete("/runs/{run:guid}", DeleteRunAsync).ProducesProblem(StatusCodes.Status409Conflict);
        flow.MapPut("/runs/{run:guid}/pause", PutRunPauseAsync).ProducesProblem(StatusCodes.Status409Conflict);
        flow.MapDelete("/runs/{run:guid}/pause", DeleteRunPauseAsync).ProducesProblem(StatusCodes.Status409Conflict);
        flow.MapPost("/migrations/preview", PostPreviewAsync).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        flow.MapPost("/migrations", PostMigrationAsync).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        flow.MapGet("/jobs/{job:guid}", GetJobAsync);
    }

    internal static async Task<Results<Ok<FlowView>, NotFound>> GetAsync(string flow, AutomationDb db, CancellationToken cancellation)
    {
        var latest = await FlowDefinitions.FindAsync(db, flow, VersionOptions.Latest, cancellation);
        if (latest is null) return TypedResults.NotFound();
        var published = await FlowDefinitions.FindAsync(db, flow, VersionOptions.Published, cancellation);
        var control = await db.FlowControls.AsNoTracking().SingleOrDefaultAsync(one => one.DefinitionId == flow, cancellation);
        return TypedResults.Ok(new FlowView(
            flow, latest.Name, latest.Version, published?.Version, control?.PausedAt, control?.PausedBy, control?.EntryHeldAt,
            await db.FlowHeld.CountAsync(held => held.DefinitionId == flow && held.InstanceId == null, cancellation),
            await db.FlowInstances.CountAsync(run => run.DefinitionId == flow && run.Status == FlowInstanceStatus.Running, cancellation)));
    }

    internal static Task<NoContent> PutPauseAsync(string flow, AutomationDb db, FlowControlling flows, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation) =>
        DoneAsync(flows.PauseAsync(db, flow, who.Identity!.Name!, clock.GetUtcNow(), cancellation), work);

    /// <param name="held">What becomes of those who would have entered meanwhile: <c>enter</c> (default) or <c>drop</c>.</param>
    internal static Task<NoContent> DeletePauseAsync(
        string flow, AutomationDb db, FlowControlling flows, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation, string? held = null) =>
        DoneAsync(flows.ResumeAsync(db, flow, HeldOf(held), who.Identity!.Name!, clock.GetUtcNow(), cancellation), work);

    /// <inheritdoc cref="DeletePauseAsync"/>
    internal static Task<NoContent> DeleteEntryHoldAsync(
        string flow, AutomationDb db, FlowControlling flows, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation, string? held = null) =>
        DoneAsync(flows.ReleaseEntriesAsync(db, flow, HeldOf(held), who.Identity!.Name!, clock.GetUtcNow(), cancellation), work);

    internal static Task<NoContent> DeleteRunsAsync(string flow, AutomationDb db, FlowControlling flows, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation) =>
        DoneAsync(flows.StopAsync(db, flow, who.Identity!.Name!, clock.GetUtcNow(), cancellation), work);

    internal static Task<Results<NoContent, NotFound>> DeleteRunAsync(
        string flow, Guid run, AutomationDb db, FlowControlling flows, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation) =>
        DoneWithRunAsync(db, flow, run, () => flows.StopRunAsync(db, run, who.Identity!.Name!, clock.GetUtcNow(), cancellation), work, cancellation);

    internal static Task<Results<NoContent, NotFound>> PutRunPauseAsync(
        string flow, Guid run, AutomationDb db, FlowControlling flows, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation) =>
        DoneWithRunAsync(db, flow, run, () => flows.PauseRunAsync(db, run, who.Identity!.Name!, clock.GetUtcNow(), cancellation), work, cancellation);

    internal static Task<Results<NoContent, NotFound>> DeleteRunPauseAsync(
        string flow, Guid run, AutomationDb db, FlowControlling flows, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation) =>
        DoneWithRunAsync(db, flow, run, () => flows.ResumeRunAsync(db, run, who.Identity!.Name!, clock.GetUtcNow(), cancellation), work, cancellation);

    internal static async Task<Ok<MigrationView>> PostPreviewAsync(
        string flow, HttpRequest request, AutomationDb db, FlowMigrations migrations, CancellationToken cancellation)
    {
        var preview = await migrations.PreviewAsync(db, flow, await ReadAsync(request, cancellation), cancellation);
        return TypedResults.Ok(new MigrationView(
            preview.Moving, preview.Staying, [.. preview.Lines.Select(line => new MigrationLineView(line.Step, line.Name, line.Waiting, line.Target, WordOf(line.Stay)))]));
    }

    internal static async Task<Accepted<JobView>> PostMigrationAsync(
        string flow, HttpRequest request, AutomationDb db, FlowMigrations migrations, WorkLoops work, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var job = await migrations.StartAsync(db, flow, await ReadAsync(request, cancellation), who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        work.Wake();
        return TypedResults.Accepted($"/api/flows/{Uri.EscapeDataString(flow)}/jobs/{job.Id}", JobView.Of(job));
    }

    internal static async Task<Results<Ok<JobView>, NotFound>> GetJobAsync(string flow, Guid job, AutomationDb db, CancellationToken cancellation) =>
        await db.FlowJobs.AsNoTracking().SingleOrDefaultAsync(one => one.Id == job && one.DefinitionId == flow, cancellation) is { } found
            ? TypedResults.Ok(JobView.Of(found))
            : TypedResults.NotFound();

    private static async Task<NoContent> DoneAsync(Task what, WorkLoops work)
    {
        await what;
        work.Wake();
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, NotFound>> DoneWithRunAsync(
        AutomationDb db, string flow, Guid run, Func<Task> what, WorkLoops work, CancellationToken cancellation)
    {
        if (!await db.FlowInstances.AnyAsync(one => one.Id == run && one.DefinitionId == flow, cancellation)) return TypedResults.NotFound();
        await what();
        work.Wake();
        return TypedResults.NoContent();
    }

    private static HeldEntries HeldOf(string? word) => word switch
    {
        null or "enter" => HeldEntries.Enter,
        "drop" => HeldEntries.Drop,
        _ => throw new BadInputException("held", "must be 'enter' or 'drop'."),
    };

    private static string? WordOf(WorkflowStay? stay) => stay switch
    {
        null => null,
        WorkflowStay.NotMapped => "not-mapped",
        WorkflowStay.NoSuchStep => "no-such-step",
        WorkflowStay.OtherType => "other-type",
        WorkflowStay.OtherPlace => "other-place",
        _ => "unknown-step",
    };

    private static async Task<FlowMigration> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        if (json.RootElement.ValueKind is not JsonValueKind.Object) throw new BadInputException("(body)", "must be an object with 'from', 'to' and 'steps'.");
        try
        {
            var wanted = json.RootElement.Deserialize<MigrationRequest>(Strict)!;
            return new FlowMigration(
                wanted.From ?? throw new BadInputException("from", "is missing: the version to move from."), wanted.To ?? throw new BadInputException("to", "is missing: the version to move to."),
                wanted.Steps ?? throw new BadInputException("steps", "is missing: new step ids by old ones."));
        }
        catch (JsonException broken)
        {
            throw new BadInputException(broken.Path?.TrimStart('$', '.') is { Length: > 0 } place ? place : "(body)", "does not fit: 'from' and 'to' are numbers, 'steps' an object of texts.");
        }
    }

    private sealed record MigrationRequest(int? From, int? To, Dictionary<string, string>? Steps);
}

/// <param name="Held">People who wait to be let in.</param>
/// <param name="Inside">Live runs.</param>
internal sealed record FlowView(
    string Id, string Name, int LatestVersion, int? PublishedVersion, DateTimeOffset? PausedAt, string? PausedBy, DateTimeOffset? EntryHeldAt, int Held, int Inside);

internal sealed record MigrationView(int Moving, int Staying, IReadOnlyList<MigrationLineView> Steps);

/// <param name="Stays">Why; null: they move.</param>
internal sealed record MigrationLineView(string Step, string? Name, int Waiting, string? Target, string? Stays);

internal sealed record JobView(Guid Id, string Kind, int Done, int Stayed, DateTimeOffset? FinishedAt)
{
    public static JobView Of(FlowJob job) => new(job.Id, job.Kind.ToString(), job.Done, job.Stayed, job.FinishedAt);
}

using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Marketing;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Studio;

/// <summary>Runs as the designer's list and viewer read them.</summary>
internal static class InstancesApi
{
    private const int MostLines = 10_000;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/workflow-instances", PostQueryAsync);
        api.MapGet("/workflow-instances/{id}", GetAsync);
        api.MapGet("/workflow-instances/{id}/execution-state", GetExecutionStateAsync);
        api.MapGet("/workflow-instances/{id}/variables", GetVariablesAsync);
        api.MapGet("/workflow-instances/{id}/journal", GetJournalAsync);
        api.MapPost("/workflow-instances/{id}/journal", PostJournalAsync);
        api.MapGet("/workflow-instances/{id}/export", GetExportAsync);
        api.MapGet("/activity-executions/list", GetExecutionsAsync);
        api.MapGet("/activity-executions/count", GetExecutionCountAsync);
        api.MapGet("/activity-executions/by-id", (string id, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation) => GetExecutionAsync(id, db, registry, cancellation));
        api.MapGet("/activity-executions/{id}", GetExecutionAsync);
        api.MapGet("/activity-executions/{id}/call-stack", GetCallStackAsync);
        api.MapGet("/activity-execution-summaries/list", GetExecutionSummariesAsync);
        api.MapPost("/activity-executions/report", PostReportAsync);

        api.MapPost("/cancel/workflow-instances/{id}", PostCancelAsync);
        api.MapPost("/bulk-actions/cancel/workflow-instances", PostBulkCancelAsync);
        api.MapDelete("/workflow-instances/{id}", DeleteAsync);
        api.MapPost("/bulk-actions/delete/workflow-instances/by-id", PostBulkDeleteAsync);
    }

    internal static async Task<Ok<InstanceListView>> PostQueryAsync(InstanceQuery query, AutomationDb db, CancellationToken cancellation) =>
        TypedResults.Ok(await InstanceLists.AskAsync(db, query, cancellation));

    internal static async Task<Results<Ok<InstanceView>, ProblemHttpResult>> GetAsync(string id, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation) =>
        await StudioRun.LoadAsync(db, id, registry, cancellation) is { } run ? TypedResults.Ok(InstanceView.Of(run) with { WorkflowState = StateOf(run) }) : Missing(id);

    internal static async Task<Results<Ok<ExecutionStateView>, ProblemHttpResult>> GetExecutionStateAsync(string id, AutomationDb db, CancellationToken cancellation) =>
        await StudioRun.FindAsync(db, id, cancellation) is { } run
            ? TypedResults.Ok(new ExecutionStateView(InstanceView.StatusOf(run.Status), InstanceView.SubStatusOf(run.Status), run.UpdatedAt))
            : Missing(id);

    internal static async Task<Results<Ok<Items<VariableView>>, ProblemHttpResult>> GetVariablesAsync(string id, AutomationDb db, CancellationToken cancellation)
    {
        if (await StudioRun.FindAsync(db, id, cancellation) is not { } run) return Missing(id);
        var values = run.StateOrNull()?.Variables;
        var declared = (await FlowDefinitions.FindVersionAsync(db, run.VersionId, cancellation))?.Definition().Variables ?? [];
        return TypedResults.Ok(new Items<VariableView>([.. declared.Select(variable => new VariableView(variable.Id, variable.Name, values?.GetValueOrDefault(variable.Name) is { } value ? Plain(value) : null))]));
    }

    internal static Task<Results<Ok<JournalView>, ProblemHttpResult>> GetJournalAsync(
        string id, int? page, int? pageSize, int? skip, int? take, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation) =>
        JournalAsync(id, filter: null, skip ?? (page ?? 0) * (pageSize ?? 100), take ?? pageSize ?? 100, db, registry, cancellation);

    internal static Task<Results<Ok<JournalView>, ProblemHttpResult>> PostJournalAsync(
        string id, int? skip, int? take, JournalQuery query, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation) =>
        JournalAsync(id, query.Filter, skip ?? (query.Page ?? 0) * (query.PageSize ?? 100), take ?? query.PageSize ?? 100, db, registry, cancellation);

    internal static async Task<Results<FileContentHttpResult, ProblemHttpResult>> GetExportAsync(string id, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation)
    {
        if (await StudioRun.LoadAsync(db, id, registry, cancellation) is not { } run) return Missing(id);
        var file = new { workflowState = StateOf(run), workflowExecutionLogRecords = run.Lines.Select(line => JournalLineView.Of(run, line)), activityExecutionRecords = RunExecution.Of(run).Select(one => ExecutionView.Of(run, one)) };
        return TypedResults.File(JsonSerializer.SerializeToUtf8Bytes(file, JsonSerializerOptions.Web), "application/json", $"workflow-instance-{run.Id}.json");
    }

    internal static async Task<Results<Ok<Items<ExecutionView>>, ProblemHttpResult>> GetExecutionsAsync(
        string workflowInstanceId, string? activityNodeId, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation) =>
        await StudioRun.LoadAsync(db, workflowInstanceId, registry, cancellation) is { } run
            ? TypedResults.Ok(new Items<ExecutionView>([.. At(run, activityNodeId).Select(one => ExecutionView.Of(run, one))]))
            : Missing(workflowInstanceId);

    internal static async Task<Results<Ok<Items<ExecutionSummaryView>>, ProblemHttpResult>> GetExecutionSummariesAsync(
        string workflowInstanceId, string? activityNodeId, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation) =>
        await StudioRun.LoadAsync(db, workflowInstanceId, registry, cancellation) is { } run
            ? TypedResults.Ok(new Items<ExecutionSummaryView>([.. At(run, activityNodeId).Select(one => ExecutionSummaryView.Of(run, one))]))
            : Missing(workflowInstanceId);

    internal static async Task<Results<Ok<CountView>, ProblemHttpResult>> GetExecutionCountAsync(
        string workflowInstanceId, string? activityNodeId, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation) =>
        await StudioRun.LoadAsync(db, workflowInstanceId, registry, cancellation) is { } run ? TypedResults.Ok(new CountView(At(run, activityNodeId).Count())) : Missing(workflowInstanceId);

    internal static async Task<Results<Ok<ExecutionView>, ProblemHttpResult>> GetExecutionAsync(string id, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation) =>
        await ExecutionAsync(id, db, registry, cancellation) is var (run, execution) ? TypedResults.Ok(ExecutionView.Of(run, execution)) : StudioProblems.NotFound($"There is no execution '{id}'.");

    // Flows of people are flat: an execution stands below the drawing and nothing else.
    internal static async Task<Results<Ok<CallStackView>, ProblemHttpResult>> GetCallStackAsync(string id, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation)
    {
        if (await ExecutionAsync(id, db, registry, cancellation) is not var (run, execution)) return StudioProblems.NotFound($"There is no execution '{id}'.");
        return TypedResults.Ok(new CallStackView(id, [ExecutionView.Of(run, execution)], 1));
    }

    internal static async Task<Results<Ok<ReportView>, ProblemHttpResult>> PostReportAsync(ReportQuery query, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation)
    {
        if (await StudioRun.LoadAsync(db, query.WorkflowInstanceId, registry, cancellation) is not { } run) return Missing(query.WorkflowInstanceId);
        var byNode = RunExecution.Of(run).ToLookup(one => one.First.NodeId, StringComparer.Ordinal);
        return TypedResults.Ok(new ReportView([.. (query.ActivityNodeIds ?? []).Select(node => StatsView.Of(node, [.. byNode[node]]))]));
    }

    internal static async Task<Results<Ok, ProblemHttpResult>> PostCancelAsync(
        string id, AutomationDb db, FlowControlling controlling, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        if (await StudioRun.FindAsync(db, id, cancellation) is not { } run) return Missing(id);
        await StopAsync(run, db, controlling, clock, who, cancellation);
        return TypedResults.Ok();
    }

    internal static async Task<Ok<CancelledView>> PostBulkCancelAsync(
        BulkCancelQuery query, AutomationDb db, FlowControlling controlling, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var stopped = 0;
        var ids = query.Ids is { Length: > 0 } named
            ? named
            : await db.FlowInstances.AsNoTracking().Where(one => one.Status == FlowInstanceStatus.Running)
                .Where(one => query.DefinitionVersionId != null ? one.DefinitionVersionId == query.DefinitionVersionId : query.DefinitionId != null && one.DefinitionId == query.DefinitionId)
                .Select(one => one.Id.ToString()).ToArrayAsync(cancellation);
        foreach (var id in ids)
            if (await StudioRun.FindAsync(db, id, cancellation) is { } run && await StopAsync(run, db, controlling, clock, who, cancellation)) stopped++;
        return TypedResults.Ok(new CancelledView(stopped, stopped));
    }

    /// <summary>A test run goes; a person's run is ended and leaves the designer's lists, but stays in the person's history.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id, AutomationDb db, FlowControlling controlling, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation) =>
        await RemoveAsync(id, db, controlling, clock, who, cancellation) ? TypedResults.NoContent() : Missing(id);

    internal static async Task<Ok<DeletedView>> PostBulkDeleteAsync(
        HttpRequest request, AutomationDb db, FlowControlling controlling, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var deleted = 0;
        foreach (var id in await StudioBody.TextsAsync(request, "ids", cancellation))
            if (await RemoveAsync(id, db, controlling, clock, who, cancellation)) deleted++;
        return TypedResults.Ok(new DeletedView(deleted, []));
    }

    private static async Task<Results<Ok<JournalView>, ProblemHttpResult>> JournalAsync(
        string id, JournalFilter? filter, int skip, int take, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation)
    {
        if (await StudioRun.LoadAsync(db, id, registry, cancellation) is not { } run) return Missing(id);
        var found = run.Lines.Where(line => filter is null || filter.Takes(line)).ToList();
        return TypedResults.Ok(new JournalView([.. found.Skip(Math.Max(0, skip)).Take(Math.Clamp(take, 1, MostLines)).Select(line => JournalLineView.Of(run, line))], found.Count));
    }

    private static IEnumerable<RunExecution> At(StudioRun run, string? nodeId) => RunExecution.Of(run).Where(one => string.IsNullOrEmpty(nodeId) || one.First.NodeId == nodeId);

    private static async Task<(StudioRun Run, RunExecution Execution)?> ExecutionAsync(string id, AutomationDb db, ActivityRegistry registry, CancellationToken cancellation)
    {
        if (id.Length < 32 || await StudioRun.LoadAsync(db, id[..32], registry, cancellation) is not { } run) return null;
        return RunExecution.Of(run).FirstOrDefault(one => one.First.Execution == id) is { } execution ? (run, execution) : null;
    }

    private static async Task<bool> StopAsync(StudioRun run, AutomationDb db, FlowControlling controlling, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var id = Guid.Parse(run.Id);
        var now = clock.GetUtcNow();
        if (!run.IsTest) return await EndAsync(id, db, controlling, who, now, cancellation);
        return await db.FlowTestRuns.Where(one => one.Id == id && one.Status == FlowInstanceStatus.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.Status, FlowInstanceStatus.Cancelled).SetProperty(one => one.EndedAt, now), cancellation) > 0;
    }

    /// <returns>False when the run has ended already.</returns>
    private static async Task<bool> EndAsync(
        Guid id, AutomationDb db, FlowControlling controlling, ClaimsPrincipal who, DateTimeOffset now, CancellationToken cancellation)
    {
        try
        {
            await controlling.StopRunAsync(db, id, who.Identity!.Name!, now, cancellation);
            return true;
        }
        catch (RuleBrokenException)
        {
            return false;
        }
    }

    private static async Task<bool> RemoveAsync(string id, AutomationDb db, FlowControlling controlling, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        if (await StudioRun.FindAsync(db, id, cancellation) is not { } run) return false;
        var guid = Guid.Parse(run.Id);
        if (run.IsTest) return await db.FlowTestRuns.Where(one => one.Id == guid).ExecuteDeleteAsync(cancellation) > 0;
        await EndAsync(guid, db, controlling, who, clock.GetUtcNow(), cancellation);
        return await db.ExecuteAsync(
            "INSERT INTO hidden_runs (instance_id, \"by\", at) VALUES (@p0, @p1, @p2) ON CONFLICT DO NOTHING", cancellation, guid, who.Identity!.Name!, clock.GetUtcNow()) > 0;
    }

    private static InstanceStateView StateOf(StudioRun run)
    {
        var state = run.StateOrNull();
        return new(
            run.Id, run.DefinitionId, run.Version, run.ContactId.ToString(), InstanceView.StatusOf(run.Status), InstanceView.SubStatusOf(run.Status),
            [.. (run.Status is FlowInstanceStatus.Running ? state?.Bookmarks : null)?.Select(bookmark => new BookmarkView(bookmark.Id, bookmark.Name, bookmark.Hash, bookmark.ActivityId, bookmark.ActivityNodeId, bookmark.ActivityInstanceId, bookmark.CreatedAt)) ?? []],
            [.. run.Problems.Select(IncidentView.Of)], [], [],
            new JsonObject { ["Event"] = JsonNode.Parse(run.Event) }, [], [], run.StartedAt, run.UpdatedAt, run.FinishedAt);
    }

    private static ProblemHttpResult Missing(string id) => StudioProblems.NotFound($"There is no run '{id}'.");

    private static JsonNode? Plain(object value) => value as JsonNode ?? JsonSerializer.SerializeToNode(value, JsonSerializerOptions.Web);
}

internal sealed record VariableView(string Id, string Name, JsonNode? Value);

internal sealed record ExecutionStateView(string Status, string WorkflowSubStatus, DateTimeOffset UpdatedAt);

internal sealed record CancelledView(int Cancelled, int CancelledCount);

internal sealed record BulkCancelQuery(string[]? Ids, string? DefinitionVersionId, string? DefinitionId, string? VersionOptions);

internal sealed record ReportQuery(string WorkflowInstanceId, string[]? ActivityNodeIds);

internal sealed record JournalQuery(JournalFilter? Filter, int? Page, int? PageSize);

internal sealed record JournalFilter(string[]? ActivityIds, string[]? ActivityNodeIds, string[]? ExcludedActivityTypes, string[]? EventNames)
{
    public bool Takes(RunLine line) => Among(ActivityIds, line.ActivityId) && Among(ActivityNodeIds, line.NodeId) && Among(EventNames, line.Happened)
        && ExcludedActivityTypes?.Contains(line.ActivityType) is not true;

    private static bool Among(string[]? wanted, string value) => wanted is not { Length: > 0 } || wanted.Contains(value);
}

using System.IO.Compression;
using System.Security.Claims;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Marketing;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail.Content.Lint;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Workflows.Definitions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Studio;

using Saved = Results<Ok<SavedView>, ProblemHttpResult>;

/// <summary>Flows as the designer reads and writes them.</summary>
internal static class DefinitionsApi
{
    private const int MostPerPage = 1000;
    private const int MostFiles = 200;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/workflow-definitions", GetListAsync);
        api.MapGet("/workflow-definitions/by-definition-id/{definitionId}", GetByDefinitionIdAsync);
        api.MapGet("/workflow-definitions/by-id/{id}", GetByIdAsync);
        api.MapGet("/workflow-definitions/many-by-id", GetManyAsync);
        api.MapGet("/workflow-definitions/{definitionId}/versions", GetVersionsAsync);
        api.MapGet("/workflow-definitions/validation/is-name-unique", GetIsNameUniqueAsync);
        api.MapGet("/workflow-definitions/query/count", GetCountAsync);
        api.MapGet("/workflow-definitions/{definitionId}/consumers", (string definitionId) => TypedResults.Ok(new ConsumersView([])));
        api.MapGet("/workflow-definitions/{definitionId}/export", GetExportAsync);
        api.MapPost("/bulk-actions/export/workflow-definitions", PostBulkExportAsync);

        api.MapPost("/workflow-definitions", PostAsync);
        api.MapPost("/workflow-definitions/{definitionId}/publish", PostPublishAsync);
        api.MapPost("/workflow-definitions/{definitionId}/retract", PostRetractAsync);
        api.MapPost("/workflow-definitions/{definitionId}/revert/{version:int}", PostRevertAsync);
        api.MapPost("/workflow-definitions/{definitionId}/update-references", (string definitionId) => TypedResults.Ok(new AffectedView([])));
        api.MapPost("/workflow-definitions/import", PostImportAsync);
        api.MapPost("/workflow-definitions/import-files", PostImportFilesAsync);
        api.MapDelete("/workflow-definitions/{definitionId}", DeleteAsync);
        api.MapDelete("/workflow-definitions/{definitionId}/version/{version:int}", DeleteVersionByNumberAsync);
        api.MapDelete("/workflow-definition-versions/{id}", DeleteVersionAsync);
        api.MapPost("/bulk-actions/delete/workflow-definitions/by-definition-id", PostBulkDeleteAsync);
        api.MapPost("/bulk-actions/delete/workflow-definitions/by-id", PostBulkDeleteVersionsAsync);
        api.MapPost("/bulk-actions/publish/workflow-definitions/by-definition-ids", PostBulkPublishAsync);
        api.MapPost("/bulk-actions/retract/workflow-definitions/by-definition-ids", PostBulkRetractAsync);
    }

    internal static async Task<Results<Ok<DefinitionListView>, ProblemHttpResult>> GetListAsync(
        string? versionOptions, int? page, int? pageSize, string? searchTerm, string? orderBy, string? orderDirection, string[]? definitionIds, string[]? ids,
        AutomationDb db, FlowDefinitions flows, ClaimsPrincipal who, CancellationToken cancellation)
    {
        if (!VersionOptions.TryParse(versionOptions, out var versions)) return StudioProblems.Refused($"'{versionOptions}' is not known.", "versionOptions");
        var order = Enum.TryParse<FlowOrder>(orderBy, ignoreCase: true, out var named) ? named : FlowOrder.Created;
        var descending = orderBy is null ? orderDirection is null or "Descending" : string.Equals(orderDirection, "Descending", StringComparison.OrdinalIgnoreCase);
        var found = await flows.ListAsync(
            db,
            new FlowQuery(
                versions, searchTerm, definitionIds is { Length: > 0 } ? definitionIds : null, ids is { Length: > 0 } ? ids : null, order, descending,
                Math.Max(0, page ?? 0), pageSize is { } size ? Math.Clamp(size, 1, MostPerPage) : null),
            cancellation);
        var rights = StudioRights.Of(who);
        return TypedResults.Ok(new DefinitionListView([.. found.Items.Select(flow => SummaryView.Of(flow, rights))], found.Total, rights.OfList()));
    }

    internal static async Task<Results<Ok<JsonObject>, ProblemHttpResult>> GetByDefinitionIdAsync(
        string definitionId, string? versionOptions, AutomationDb db, Drawing drawing, ClaimsPrincipal who, CancellationToken cancellation)
    {
        if (!VersionOptions.TryParse(versionOptions is null or "" ? "Latest" : versionOptions, out var versions)) return StudioProblems.Refused($"'{versionOptions}' is not known.", "versionOptions");
        return await FlowDefinitions.FindAsync(db, definitionId, versions, cancellation) is { } flow
            ? TypedResults.Ok(drawing.ToStudio(flow, StudioRights.Of(who)))
            : StudioProblems.NotFound($"There is no flow '{definitionId}'.");
    }

    internal static async Task<Results<Ok<JsonObject>, ProblemHttpResult>> GetByIdAsync(
        string id, AutomationDb db, Drawing drawing, ClaimsPrincipal who, CancellationToken cancellation) =>
        await FlowDefinitions.FindVersionAsync(db, id, cancellation) is { } flow
            ? TypedResults.Ok(drawing.ToStudio(flow, StudioRights.Of(who)))
            : StudioProblems.NotFound($"There is no version '{id}'.");

    internal static async Task<Ok<Items<JsonObject>>> GetManyAsync(string[] ids, AutomationDb db, Drawing drawing, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var found = new List<JsonObject>();
        foreach (var id in ids.Take(MostPerPage).Distinct(StringComparer.Ordinal))
            if (await FlowDefinitions.FindVersionAsync(db, id, cancellation) is { } flow) found.Add(drawing.ToStudio(flow, StudioRights.Of(who)));
        return TypedResults.Ok(new Items<JsonObject>(found));
    }

    internal static async Task<Ok<List<SummaryView>>> GetVersionsAsync(string definitionId, AutomationDb db, FlowDefinitions flows, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var versions = await flows.ListAsync(db, new FlowQuery(VersionOptions.All, DefinitionIds: [definitionId], OrderBy: FlowOrder.Version, Descending: true), cancellation);
        return TypedResults.Ok(versions.Items.Select(flow => SummaryView.Of(flow, StudioRights.Of(who))).ToList());
    }

    internal static async Task<Ok<IsUniqueView>> GetIsNameUniqueAsync(string name, string? definitionId, AutomationDb db, CancellationToken cancellation) =>
        TypedResults.Ok(new IsUniqueView(await FlowDefinitions.IsNameUniqueAsync(db, name, definitionId, cancellation)));

    internal static async Task<Ok<CountView>> GetCountAsync(AutomationDb db, FlowDefinitions flows, CancellationToken cancellation) =>
        TypedResults.Ok(new CountView((await flows.ListAsync(db, new FlowQuery(VersionOptions.Latest, PageSize: 1), cancellation)).Total));

    internal static async Task<Results<FileContentHttpResult, ProblemHttpResult>> GetExportAsync(
        string definitionId, string? versionOptions, AutomationDb db, CancellationToken cancellation)
    {
        if (!VersionOptions.TryParse(versionOptions is null or "" ? "Latest" : versionOptions, out var versions)) return StudioProblems.Refused($"'{versionOptions}' is not known.", "versionOptions");
        if (await FlowDefinitions.FindAsync(db, definitionId, versions, cancellation) is not { } flow) return StudioProblems.NotFound($"There is no flow '{definitionId}'.");
        var file = FlowDefinitions.Export(flow);
        return TypedResults.File(Encoding.UTF8.GetBytes(file.Json), "application/json", file.Name);
    }

    /// <summary>One or more versions as a zip of JSON files.</summary>
    internal static async Task<FileContentHttpResult> PostBulkExportAsync(HttpRequest request, AutomationDb db, CancellationToken cancellation)
    {
        var ids = await StudioBody.TextsAsync(request, "ids", cancellation);
        using var zip = new MemoryStream();
        await using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var id in ids)
            {
                if (await FlowDefinitions.FindVersionAsync(db, id, cancellation) is not { } flow) continue;
                var file = FlowDefinitions.Export(flow);
                await using var entry = await archive.CreateEntry($"{flow.DefinitionId}/{file.Name}").OpenAsync(cancellation);
                await entry.WriteAsync(Encoding.UTF8.GetBytes(file.Json), cancellation);
            }
        }
        return TypedResults.File(zip.ToArray(), "application/zip", "workflow-definitions.zip");
    }

    /// <summary>Saves the draft, as the designer does by itself after each change; with <c>publish</c> it is published too.</summary>
    internal static async Task<Saved> PostAsync(
        HttpRequest request, AutomationDb db, FlowDefinitions flows, Drawing drawing, FindingWords findings, IStringLocalizer words, TimeProvider clock, ClaimsPrincipal who,
        CancellationToken cancellation)
    {
        var body = await StudioBody.ObjectAsync(request, cancellation);
        if (body["model"] is not JsonObject model) throw new BadInputException("model", "is missing.");
        var publish = body["publish"] is JsonValue wish && wish.TryGetValue<bool>(out var wanted) && wanted;
        var sent = drawing.FromStudio(model);
        // The answer to a new flow may get lost and the designer ask again: the id of its root is made once, ours would be made twice.
        if (sent["definitionId"] is null && sent["root"]?["id"] is JsonValue rootId) sent["definitionId"] = rootId.ToString();
        var latest = sent["definitionId"] is { } definitionId ? await FlowDefinitions.FindAsync(db, definitionId.ToString(), VersionOptions.Latest, cancellation) : null;
        var given = latest is null ? null : drawing.FromStudio(drawing.ToStudio(latest, StudioRights.Of(who)));
        if (given is not null) Drawing.KeepOrder(given, sent);
        var saved = latest;
        if (given is null || !Drawing.SameDrawing(given, sent))
        {
            if (latest is not null && Drawing.StepsOf(latest.Definition().Json) is > 0 and var steps && Drawing.StepsOf(sent) == 0)
                return StudioProblems.Refused(words["The drawing came empty, but the flow has {0} steps. It was not saved: load the page again. To begin anew, make a new flow.", steps]);
            saved = await flows.SaveDraftAsync(db, new FlowDraft(sent.ToJsonString(), sent["id"]?.ToString()), who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        }
        return publish
            ? await PublishAsync(saved!.DefinitionId, db, flows, drawing, findings, clock, who, cancellation)
            : TypedResults.Ok(new SavedView(drawing.ToStudio(saved!, StudioRights.Of(who)), AlreadyPublished: false, ConsumingWorkflowCount: 0));
    }

    internal static Task<Saved> PostPublishAsync(
        string definitionId, AutomationDb db, FlowDefinitions flows, Drawing drawing, FindingWords findings, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation) =>
        PublishAsync(definitionId, db, flows, drawing, findings, clock, who, cancellation);

    internal static async Task<Results<Ok<JsonObject>, ProblemHttpResult>> PostRetractAsync(
        string definitionId, AutomationDb db, FlowDefinitions flows, Drawing drawing, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var retracted = await flows.RetractAsync(db, definitionId, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        return TypedResults.Ok(drawing.ToStudio(await FlowDefinitions.FindAsync(db, definitionId, VersionOptions.Latest, cancellation) ?? retracted, StudioRights.Of(who)));
    }

    internal static async Task<Created<SummaryView>> PostRevertAsync(
        string definitionId, int version, AutomationDb db, FlowDefinitions flows, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var made = await flows.RevertAsync(db, definitionId, version, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        return TypedResults.Created($"/elsa/api/workflow-definitions/by-id/{Uri.EscapeDataString(made.Id)}", SummaryView.Of(made, StudioRights.Of(who)));
    }

    /// <summary>Takes a file in as the draft of the flow it names; Elsa's own files too.</summary>
    internal static async Task<Ok<JsonObject>> PostImportAsync(
        HttpRequest request, AutomationDb db, FlowDefinitions flows, Drawing drawing, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var body = drawing.FromStudio(await StudioBody.ObjectAsync(request, cancellation));
        var imported = await flows.ImportAsync(db, body.ToJsonString(), who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        return TypedResults.Ok(drawing.ToStudio(imported, StudioRights.Of(who)));
    }

    /// <summary>JSON files, or zips of them. Nothing is taken in unless all of it can be.</summary>
    internal static async Task<Ok<CountView>> PostImportFilesAsync(
        IFormFileCollection files, AutomationDb db, FlowDefinitions flows, Drawing drawing, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var read = new List<string>();
        foreach (var (name, json) in await StudioBody.FilesAsync(files, MostFiles, cancellation)) read.Add(drawing.FromStudio(StudioBody.Parse(json, name)).ToJsonString());
        foreach (var json in read) FlowDefinitions.Read(json, "definition");
        foreach (var json in read) await flows.ImportAsync(db, json, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        return TypedResults.Ok(new CountView(read.Count));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string definitionId, AutomationDb db, FlowDefinitions flows, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation) =>
        await flows.DeleteAsync(db, definitionId, PeopleInside.Refuse, who.Identity!.Name!, clock.GetUtcNow(), cancellation)
            ? TypedResults.NoContent()
            : StudioProblems.NotFound($"There is no flow '{definitionId}'.");

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteVersionAsync(
        string id, AutomationDb db, FlowDefinitions flows, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation) =>
        await flows.DeleteVersionAsync(db, id, PeopleInside.Refuse, who.Identity!.Name!, clock.GetUtcNow(), cancellation)
            ? TypedResults.NoContent()
            : StudioProblems.NotFound($"There is no version '{id}'.");

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteVersionByNumberAsync(
        string definitionId, int version, AutomationDb db, FlowDefinitions flows, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation) =>
        await FlowDefinitions.FindAsync(db, definitionId, VersionOptions.Number(version), cancellation) is { } found
            ? await DeleteVersionAsync(found.Id, db, flows, clock, who, cancellation)
            : StudioProblems.NotFound($"There is no version {version} of '{definitionId}'.");

    internal static async Task<Ok<DeletedView>> PostBulkDeleteAsync(
        HttpRequest request, AutomationDb db, FlowDefinitions flows, Show show, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var ids = await StudioBody.TextsAsync(request, "definitionIds", cancellation);
        var bulk = await flows.DeleteManyAsync(db, ids, PeopleInside.Refuse, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        return TypedResults.Ok(new DeletedView(bulk.Done.Count, RefusedView.Of(bulk, show)));
    }

    internal static async Task<Ok<DeletedView>> PostBulkDeleteVersionsAsync(
        HttpRequest request, AutomationDb db, FlowDefinitions flows, Show show, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var ids = await StudioBody.TextsAsync(request, "ids", cancellation);
        var bulk = await flows.DeleteVersionsAsync(db, ids, PeopleInside.Refuse, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        return TypedResults.Ok(new DeletedView(bulk.Done.Count, RefusedView.Of(bulk, show)));
    }

    internal static async Task<Ok<BulkPublishedView>> PostBulkPublishAsync(
        HttpRequest request, AutomationDb db, FlowDefinitions flows, Show show, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var ids = await StudioBody.TextsAsync(request, "definitionIds", cancellation);
        var bulk = await flows.PublishManyAsync(db, ids, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        return TypedResults.Ok(new BulkPublishedView(bulk.Done, bulk.Already, bulk.NotFound, [], [.. bulk.Refused.Keys], [], RefusedView.Of(bulk, show)));
    }

    internal static async Task<Ok<BulkRetractedView>> PostBulkRetractAsync(
        HttpRequest request, AutomationDb db, FlowDefinitions flows, Show show, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var ids = await StudioBody.TextsAsync(request, "definitionIds", cancellation);
        var bulk = await flows.RetractManyAsync(db, ids, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        return TypedResults.Ok(new BulkRetractedView(bulk.Done, bulk.Already, bulk.NotFound, RefusedView.Of(bulk, show)));
    }

    private static async Task<Saved> PublishAsync(
        string definitionId, AutomationDb db, FlowDefinitions flows, Drawing drawing, FindingWords findings, TimeProvider clock, ClaimsPrincipal who, CancellationToken cancellation)
    {
        if (await FlowDefinitions.FindAsync(db, definitionId, VersionOptions.Latest, cancellation) is null) return StudioProblems.NotFound($"There is no flow '{definitionId}'.");
        var publication = await flows.PublishAsync(db, definitionId, who.Identity!.Name!, clock.GetUtcNow(), cancellation);
        if (!publication.Published) return StudioProblems.Refused(findings.ByStep(publication.Flow.Definition(), publication.Findings));
        return TypedResults.Ok(new SavedView(drawing.ToStudio(publication.Flow, StudioRights.Of(who)), publication.WasAlready, ConsumingWorkflowCount: 0));
    }
}

internal sealed record SavedView(JsonObject WorkflowDefinition, bool AlreadyPublished, int ConsumingWorkflowCount);

internal sealed record DefinitionListView(IReadOnlyList<SummaryView> Items, int TotalCount, IReadOnlyList<Link> Links);

internal sealed record IsUniqueView(bool IsUnique);

internal sealed record CountView(int Count);

internal sealed record ConsumersView(IReadOnlyList<string> ConsumingWorkflowDefinitionIds);

internal sealed record AffectedView(IReadOnlyList<string> AffectedWorkflows);

internal sealed record DeletedView(int Deleted, IReadOnlyList<RefusedView> Refused);

internal sealed record BulkPublishedView(
    IReadOnlyList<string> Published, IReadOnlyList<string> AlreadyPublished, IReadOnlyList<string> NotFound, IReadOnlyList<string> Skipped,
    IReadOnlyList<string> Failed, IReadOnlyList<string> UpdatedConsumers, IReadOnlyList<RefusedView> Refused);

internal sealed record BulkRetractedView(
    IReadOnlyList<string> Retracted, IReadOnlyList<string> AlreadyRetracted, IReadOnlyList<string> NotFound, IReadOnlyList<RefusedView> Refused);

/// <summary>Why one of many was not done; our page tells it, the designer does not know it.</summary>
internal sealed record RefusedView(string Name, IReadOnlyList<string> Messages)
{
    public static IReadOnlyList<RefusedView> Of(FlowBulk bulk, Show show) => [.. bulk.Refused.Select(pair => new RefusedView(pair.Key, [show.Rule(pair.Value)]))];
}

/// <summary>One version in a list.</summary>
internal sealed record SummaryView(
    string Id, string DefinitionId, string Name, string Description, int Version, bool IsLatest, bool IsPublished, bool IsReadonly, bool IsSystem,
    string MaterializerName, bool IsMaterializerAvailable, DateTimeOffset CreatedAt, IReadOnlyList<Link> Links)
{
    public static SummaryView Of(FlowSummary flow, StudioRights rights) => new(
        flow.Id, flow.DefinitionId, Show.FlowName(flow.Name), flow.Description, flow.Version, flow.IsLatest, flow.IsPublished, IsReadonly: false, IsSystem: false, "Json",
        IsMaterializerAvailable: true, flow.CreatedAt, rights.OfFlow(flow.DefinitionId));

    public static SummaryView Of(FlowDefinition flow, StudioRights rights) => new(
        flow.Id, flow.DefinitionId, Show.FlowName(flow.Name), flow.Description, flow.Version, flow.IsLatest, flow.IsPublished, IsReadonly: false, IsSystem: false, "Json",
        IsMaterializerAvailable: true, flow.CreatedAt, rights.OfFlow(flow.DefinitionId));
}

/// <summary>Says what stands in the way of publishing, each at its step.</summary>
internal sealed class FindingWords(IStringLocalizer words)
{
    /// <summary>Errors and, behind them, what should be looked at; by the id of the step.</summary>
    public Dictionary<string, string[]> ByStep(WorkflowDefinition definition, IEnumerable<WorkflowFinding> findings) => findings
        .GroupBy(finding => finding.ActivityId ?? "flow", StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Select(finding => Line(NameOf(definition.Root, group.Key), finding)).ToArray(), StringComparer.Ordinal);

    public string Of(WorkflowFinding finding) =>
        finding.Values.Count == 0 ? words[finding.Message] : words[finding.Message, [.. finding.Values.Select(Of)]];

    // A fault of a template is a sentence of its own.
    private object Of(object? value) => value switch
    {
        null => "",
        LintFinding { Line: > 0 } fault => words["{0} ({1}, line {2})", words[fault.Message, [.. fault.Values]].Value, PartOf(fault), fault.Line].Value,
        LintFinding fault => words["{0} ({1})", words[fault.Message, [.. fault.Values]].Value, PartOf(fault)].Value,
        _ => value,
    };

    private static string PartOf(LintFinding fault) => fault.Language.Length == 0 ? fault.Part : $"{fault.Part}.{fault.Language}";

    private string Line(string? step, WorkflowFinding finding)
    {
        var said = step is null ? Of(finding) : words["{0}: {1}", step, Of(finding)].Value;
        return finding.Severity is Severity.Error ? said : words["To consider: {0}", said];
    }

    // As it is written on the drawing.
    private static string? NameOf(JsonObject activity, string id)
    {
        if (activity["id"]?.ToString() == id) return activity["metadata"]?["displayText"]?.ToString() ?? activity["name"]?.ToString() ?? id;
        return activity["activities"] is JsonArray steps ? steps.OfType<JsonObject>().Select(step => NameOf(step, id)).FirstOrDefault(name => name is not null) : null;
    }
}

namespace Automation.Marketing.Journeys;

/// <summary>What a list of flows is sorted by.</summary>
public enum FlowOrder { Name, Created, Version }

/// <summary>Which versions of which flows are asked for.</summary>
/// <param name="Search">Part of a name, description or definition id.</param>
/// <param name="DefinitionIds">Null: of every flow.</param>
/// <param name="Ids">Ids of versions; null: any.</param>
/// <param name="Page">From 0.</param>
/// <param name="PageSize">Null: all of them.</param>
public sealed record FlowQuery(
    VersionOptions Versions, string? Search = null, IReadOnlyCollection<string>? DefinitionIds = null, IReadOnlyCollection<string>? Ids = null,
    FlowOrder OrderBy = FlowOrder.Created, bool Descending = false, int Page = 0, int? PageSize = null);

/// <param name="Total">Without paging.</param>
public sealed record FlowPage(IReadOnlyList<FlowSummary> Items, int Total);

/// <summary>One version in a list, without its drawing.</summary>
public sealed record FlowSummary(
    string Id, string DefinitionId, string Name, string Description, int Version, bool IsLatest, bool IsPublished, bool FromFile, int Revision,
    DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset ChangedAt, string ChangedBy, DateTimeOffset? PublishedAt, string? PublishedBy);

using Automation.Marketing.Journeys;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Studio;

/// <summary>Which runs the designer asks for; the names are Elsa's.</summary>
internal sealed record InstanceQuery(
    int? Page, int? PageSize, string? SearchTerm, string? DefinitionId, string[]? DefinitionIds, string? CorrelationId, int? Version, bool? HasIncidents,
    bool? IsSystem, string? Status, string[]? Statuses, string? SubStatus, string[]? SubStatuses, string? OrderBy, string? OrderDirection, TimestampFilter[]? TimestampFilters);

internal sealed record TimestampFilter(string? Column, string? Operator, DateTimeOffset? Timestamp);

/// <summary>Lists runs of people and test runs together.</summary>
internal static class InstanceLists
{
    private const int MostPerPage = 200;

    // Two tables are merged by asking each for the whole beginning; nobody turns pages further than this.
    private const int Deepest = 5000;

    public static async Task<InstanceListView> AskAsync(AutomationDb db, InstanceQuery query, CancellationToken cancellation)
    {
        if (query.IsSystem is true) return new([], 0);
        var size = Math.Clamp(query.PageSize ?? 10, 1, MostPerPage);
        var skip = Math.Min(Math.Max(0, query.Page ?? 0) * size, Deepest);
        var people = Narrowed(db, db.FlowInstances.AsNoTracking().Where(one => !db.HiddenRuns.Any(hidden => hidden.InstanceId == one.Id)).Select(one => new Row
        {
            Id = one.Id,
            DefinitionId = one.DefinitionId,
            VersionId = one.DefinitionVersionId,
            ContactId = one.ContactId,
            Status = one.Status,
            StartedAt = one.StartedAt,
            UpdatedAt = one.UpdatedAt,
            FinishedAt = one.FinishedAt,
        }), query);
        var tests = Narrowed(db, db.FlowTestRuns.AsNoTracking().Select(one => new Row
        {
            Id = one.Id,
            DefinitionId = one.DefinitionId,
            VersionId = one.DefinitionVersionId,
            ContactId = one.ContactId,
            Status = one.Status,
            StartedAt = one.StartedAt,
            UpdatedAt = one.EndedAt,
            FinishedAt = one.EndedAt,
        }), query);
        var total = await people.LongCountAsync(cancellation) + await tests.LongCountAsync(cancellation);
        var rows = (await Sorted(people, query).Take(skip + size).ToListAsync(cancellation)).Select(row => (Row: row, IsTest: false))
            .Concat((await Sorted(tests, query).Take(skip + size).ToListAsync(cancellation)).Select(row => (Row: row, IsTest: true)));
        var sorted = IsDescending(query) ? rows.OrderByDescending(one => KeyOf(one.Row, query)) : rows.OrderBy(one => KeyOf(one.Row, query));
        var page = sorted.ThenBy(one => one.Row.Id).Skip(skip).Take(size).ToList();
        var ids = page.Select(one => one.Row.ContactId).Distinct().ToArray();
        var names = await db.Contacts.AsNoTracking().Where(contact => ids.Contains(contact.Id)).Select(contact => new { contact.Id, Name = contact.Name ?? contact.Email ?? "" })
            .ToDictionaryAsync(contact => contact.Id, contact => contact.Name, cancellation);
        return new([.. page.Select(one => View(one.Row, one.IsTest, names.GetValueOrDefault(one.Row.ContactId) ?? ""))], total);
    }

    private static IQueryable<Row> Narrowed(AutomationDb db, IQueryable<Row> rows, InstanceQuery query)
    {
        string[] flows = [.. query.DefinitionIds ?? [], .. query.DefinitionId is { Length: > 0 } one ? new[] { one } : []];
        if (flows.Length > 0) rows = rows.Where(row => flows.Contains(row.DefinitionId));
        if (query.Version is { } version) rows = rows.Where(row => row.VersionId.EndsWith(":" + version));
        if (query.CorrelationId is { Length: > 0 } correlation) rows = Guid.TryParse(correlation, out var person) ? rows.Where(row => row.ContactId == person) : rows.Where(_ => false);
        if (Wanted(query) is { } states) rows = rows.Where(row => states.Contains(row.Status));
        foreach (var filter in query.TimestampFilters ?? []) rows = When(rows, filter);
        if (query.SearchTerm?.Trim() is not { Length: > 0 } search) return rows;
        return Guid.TryParse(search, out var id)
            ? rows.Where(row => row.Id == id || row.ContactId == id)
            : rows.Where(row => row.DefinitionId.Contains(search) || db.Contacts.Any(contact => contact.Id == row.ContactId && (contact.Name!.Contains(search) || contact.Email!.Contains(search))));
    }

    // Elsa says it with two words: Finished holds the cancelled and the faulted too.
    private static List<FlowInstanceStatus>? Wanted(InstanceQuery query)
    {
        string[] statuses = [.. query.Statuses ?? [], .. query.Status is { Length: > 0 } status ? new[] { status } : []];
        string[] subs = [.. query.SubStatuses ?? [], .. query.SubStatus is { Length: > 0 } sub ? new[] { sub } : []];
        if (statuses.Length == 0 && subs.Length == 0 && query.HasIncidents is null) return null;
        return [.. Enum.GetValues<FlowInstanceStatus>().Where(state =>
            (statuses.Length == 0 || statuses.Contains(InstanceView.StatusOf(state), StringComparer.OrdinalIgnoreCase))
            && (subs.Length == 0 || subs.Contains(InstanceView.SubStatusOf(state), StringComparer.OrdinalIgnoreCase))
            && (query.HasIncidents is not { } incidents || incidents == state is FlowInstanceStatus.Faulted))];
    }

    private static IQueryable<Row> When(IQueryable<Row> rows, TimestampFilter filter)
    {
        if (filter.Timestamp is not { } at) return rows;
        return (filter.Column?.ToUpperInvariant(), filter.Operator) switch
        {
            ("CREATEDAT", "GreaterThan") => rows.Where(row => row.StartedAt > at),
            ("CREATEDAT", "GreaterThanOrEqual") => rows.Where(row => row.StartedAt >= at),
            ("CREATEDAT", "LessThan") => rows.Where(row => row.StartedAt < at),
            ("CREATEDAT", "LessThanOrEqual") => rows.Where(row => row.StartedAt <= at),
            ("UPDATEDAT", "GreaterThan") => rows.Where(row => row.UpdatedAt > at),
            ("UPDATEDAT", "GreaterThanOrEqual") => rows.Where(row => row.UpdatedAt >= at),
            ("UPDATEDAT", "LessThan") => rows.Where(row => row.UpdatedAt < at),
            ("UPDATEDAT", "LessThanOrEqual") => rows.Where(row => row.UpdatedAt <= at),
            ("FINISHEDAT", "GreaterThan") => rows.Where(row => row.FinishedAt > at),
            ("FINISHEDAT", "GreaterThanOrEqual") => rows.Where(row => row.FinishedAt >= at),
            ("FINISHEDAT", "LessThan") => rows.Where(row => row.FinishedAt < at),
            ("FINISHEDAT", "LessThanOrEqual") => rows.Where(row => row.FinishedAt <= at),
            _ => rows,
        };
    }

    // Ids grow with time and are the key: the newest runs of millions are found without sorting them.
    private static IQueryable<Row> Sorted(IQueryable<Row> rows, InstanceQuery query) => (query.OrderBy, IsDescending(query)) switch
    {
        ("LastExecuted" or "UpdatedAt", true) => rows.OrderByDescending(row => row.UpdatedAt),
        ("LastExecuted" or "UpdatedAt", false) => rows.OrderBy(row => row.UpdatedAt),
        ("Finished" or "FinishedAt", true) => rows.OrderByDescending(row => row.FinishedAt),
        ("Finished" or "FinishedAt", false) => rows.OrderBy(row => row.FinishedAt),
        (_, true) => rows.OrderByDescending(row => row.Id),
        _ => rows.OrderBy(row => row.Id),
    };

    private static DateTimeOffset? KeyOf(Row row, InstanceQuery query) => query.OrderBy switch
    {
        "LastExecuted" or "UpdatedAt" => row.UpdatedAt,
        "Finished" or "FinishedAt" => row.FinishedAt,
        _ => row.StartedAt,
    };

    private static bool IsDescending(InstanceQuery query) => !string.Equals(query.OrderDirection, "Ascending", StringComparison.OrdinalIgnoreCase);

    private static InstanceView View(Row row, bool isTest, string person) => new(
        StudioRun.IdOf(row.Id), row.DefinitionId, row.VersionId, int.TryParse(row.VersionId[(row.VersionId.LastIndexOf(':') + 1)..], out var version) ? version : 1,
        InstanceView.StatusOf(row.Status), InstanceView.SubStatusOf(row.Status), row.ContactId.ToString(), isTest ? FlowTestRuns.Mark + person : person,
        row.Status is FlowInstanceStatus.Faulted ? 1 : 0, row.StartedAt, row.UpdatedAt, row.Status is FlowInstanceStatus.Running ? null : row.FinishedAt, IsSystem: false);

    private sealed class Row
    {
        public Guid Id { get; init; }
        public required string DefinitionId { get; init; }
        public required string VersionId { get; init; }
        public Guid ContactId { get; init; }
        public FlowInstanceStatus Status { get; init; }
        public DateTimeOffset StartedAt { get; init; }
        public DateTimeOffset UpdatedAt { get; init; }
        public DateTimeOffset? FinishedAt { get; init; }
    }
}

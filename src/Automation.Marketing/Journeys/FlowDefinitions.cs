using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Journeys.Dates;
using Automation.Marketing.Journeys.Publishing;
using Automation.Marketing.Storage;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Automation.Marketing.Journeys;

/// <summary>
/// The flows as people draw them: drafts, versions, publishing. Each operation is one transaction, and a save over what
/// somebody else has changed meanwhile is refused.
/// </summary>
public sealed partial class FlowDefinitions(ActivityRegistry registry, FlowRules rules, FlowEngine engine, ILogger<FlowDefinitions> logger)
{
    /// <summary>A drawing of a thousand steps has about one megabyte.</summary>
    public const int MostBytes = 4_000_000;

    private const string NotInIds = "/\\:%?#\"<>";
    private static readonly SearchValues<char> Unfit = SearchValues.Create(NotInIds);

    public async Task<FlowPage> ListAsync(AutomationDb db, FlowQuery query, CancellationToken cancellation)
    {
        var found = db.FlowDefinitions.AsNoTracking().Where(query.Versions.Filter());
        if (query.DefinitionIds is { } flows) found = found.Where(definition => flows.Contains(definition.DefinitionId));
        if (query.Ids is { } ids) found = found.Where(definition => ids.Contains(definition.Id));
        if (query.Search?.Trim() is { Length: > 0 } search)
        {
            // Translated to the databases' own search of a text in a text, without wildcards.
#pragma warning disable CA1304, CA1311, CA1862 // runs in the database
            var lower = search.ToLowerInvariant();
            found = found.Where(definition => definition.Name.ToLower().Contains(lower) || definition.Description.ToLower().Contains(lower)
                || definition.DefinitionId.ToLower().Contains(lower));
#pragma warning restore CA1304, CA1311, CA1862
        }
        var total = await found.CountAsync(cancellation);
        var sorted = Sorted(found, query.OrderBy, query.Descending);
        if (query.PageSize is { } size) sorted = sorted.Skip(query.Page * size).Take(size);
        return new FlowPage(await Summaries(sorted).ToListAsync(cancellation), total);
    }

    /// <returns>The newest of the versions meant; null when there is none.</returns>
    public static Task<FlowDefinition?> FindAsync(AutomationDb db, string definitionId, VersionOptions versions, CancellationToken cancellation) =>
        db.FlowDefinitions.AsNoTracking().Where(definition => definition.DefinitionId == definitionId).Where(versions.Filter())
            .OrderByDescending(definition => definition.Version).FirstOrDefaultAsync(cancellation);

    public static Task<FlowDefinition?> FindVersionAsync(AutomationDb db, string versionId, CancellationToken cancellation) =>
        db.FlowDefinitions.AsNoTracking().SingleOrDefaultAsync(definition => definition.Id == versionId, cancellation);

    /// <param name="except">A flow whose own name does not count.</param>
    public static async Task<bool> IsNameUniqueAsync(AutomationDb db, string name, string? except, CancellationToken cancellation) =>
        !await db.FlowDefinitions.AnyAsync(definition => definition.IsLatest && definition.Name == name && definition.DefinitionId != except, cancellation);

    /// <summary>Saves a draft: over the draft that there is, or as the next version when the latest was published.</summary>
    /// <exception cref="BadInputException">The JSON is no definition; place and remedy are named.</exception>
    /// <exception cref="RuleBrokenException">Somebody else has changed the flow meanwhile.</exception>
    public async Task<FlowDefinition> SaveDraftAsync(AutomationDb db, FlowDraft draft, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        var definition = Read(draft.Json, "definition");
        if (definition.DefinitionId.Length == 0) definition.DefinitionId = RowId.New(now).ToString("N");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var control = await db.HoldFlowAsync(definition.DefinitionId, cancellation);
        var latest = await LatestAsync(db, definition.DefinitionId, cancellation);
        if (latest is not null)
        {
            CheckBase(draft, latest, who);
            if (!draft.FromFile) FlowMerge.Keep(latest.Definition(), definition);
        }
        var saved = Store(db, control, latest, definition, who, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return saved;
    }

    /// <summary>Changes the flow's settings (<c>customProperties.automation</c>) in its draft.</summary>
    /// <exception cref="BadInputException">A setting is at fault.</exception>
    /// <exception cref="RuleBrokenException">There is no such flow, or somebody else has changed it meanwhile.</exception>
    public async Task<FlowDefinition> SaveSettingsAsync(
        AutomationDb db, string definitionId, JsonObject settings, int? baseRevision, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var control = await db.HoldFlowAsync(definitionId, cancellation);
        var latest = await ExistingAsync(db, definitionId, cancellation);
        CheckBase(new FlowDraft("", latest.Id, baseRevision), latest, who);
        var definition = latest.Definition();
        definition.CustomProperties[FlowMerge.Settings] = settings.DeepClone();
        FlowSettings.Of(definition);
        var saved = Store(db, control, latest, definition, who, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return saved;
    }

    /// <summary>What publishing this version would say.</summary>
    public Task<IReadOnlyList<WorkflowFinding>> CheckAsync(AutomationDb db, FlowDefinition flow, CancellationToken cancellation) =>
        rules.CheckAsync(db, flow.Definition(), isShipped: false, cancellation);

    /// <summary>Publishes the latest version: new runs begin on it, those under way finish on theirs.</summary>
    /// <exception cref="RuleBrokenException">There is no such flow, or it was changed while it was checked.</exception>
    public async Task<FlowPublication> PublishAsync(AutomationDb db, string definitionId, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        var seen = await ExistingAsync(db, definitionId, cancellation);
        var findings = await CheckAsync(db, seen, cancellation);
        if (seen.IsPublished) return new FlowPublication(seen, findings, Published: true, WasAlready: true);
        if (findings.Any(finding => finding.Severity is Severity.Error)) return new FlowPublication(seen, findings, Published: false, WasAlready: false);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldFlowAsync(definitionId, cancellation);
        var latest = await ExistingAsync(db, definitionId, cancellation);
        if (latest.Id != seen.Id || latest.Revision != seen.Revision) throw Changed(latest);
        await MakePublishedAsync(db, latest, who, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return new FlowPublication(latest, findings, Published: true, WasAlready: false);
    }

    /// <summary>Nobody enters any more; runs under way finish.</summary>
    /// <exception cref="RuleBrokenException">There is no such flow, or it is not published.</exception>
    public async Task<FlowDefinition> RetractAsync(AutomationDb db, string definitionId, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldFlowAsync(definitionId, cancellation);
        var latest = await ExistingAsync(db, definitionId, cancellation);
        var published = await db.FlowDefinitions.SingleOrDefaultAsync(one => one.DefinitionId == definitionId && one.IsPublished, cancellation)
            ?? throw new RuleBrokenException($"'{latest.Name}' is not published.");
        (published.IsPublished, published.ChangedAt, published.ChangedBy) = (false, now, who);
        published.Revision++;
        await IndexAsync(db, definitionId, [], cancellation);
        await db.SaveChangesAsync(cancellation);
        await db.NoteAsync(definitionId, null, FlowAction.Retracted, who, now, new { published.Version }, cancellation);
        await transaction.CommitAsync(cancellation);
        return published;
    }

    /// <summary>A new draft with the content of an older version. A draft that was under way is replaced.</summary>
    /// <exception cref="RuleBrokenException">There is no such flow or version.</exception>
    public async Task<FlowDefinition> RevertAsync(AutomationDb db, string definitionId, int version, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var control = await db.HoldFlowAsync(definitionId, cancellation);
        var latest = await ExistingAsync(db, definitionId, cancellation);
        var old = await FindAsync(db, definitionId, VersionOptions.Number(version), cancellation)
            ?? throw new RuleBrokenException($"'{latest.Name}' has no version {version}.");
        var saved = Store(db, control, latest, old.Definition(), who, now);
        await db.SaveChangesAsync(cancellation);
        await db.NoteAsync(definitionId, null, FlowAction.Reverted, who, now, new { from = version, to = saved.Version }, cancellation);
        await transaction.CommitAsync(cancellation);
        return saved;
    }

    /// <summary>A new flow with the content of the latest version.</summary>
    /// <exception cref="RuleBrokenException">There is no such flow.</exception>
    public async Task<FlowDefinition> DuplicateAsync(
        AutomationDb db, string definitionId, string name, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        var copy = (await ExistingAsync(db, definitionId, cancellation)).Definition();
        (copy.DefinitionId, copy.Name) = ("", name);
        return await SaveDraftAsync(db, new FlowDraft(WorkflowJson.Write(copy), FromFile: true), who, now, cancellation);
    }

    /// <summary>Takes a file in as the draft of its flow, or of a new one.</summary>
    /// <exception cref="BadInputException">The JSON is no definition; place and remedy are named.</exception>
    public Task<FlowDefinition> ImportAsync(AutomationDb db, string json, string who, DateTimeOffset now, CancellationToken cancellation) =>
        SaveDraftAsync(db, new FlowDraft(json, FromFile: true), who, now, cancellation);

    /// <summary>The version as a file that <see cref="ImportAsync"/> takes back without loss.</summary>
    public static FlowFile Export(FlowDefinition flow)
    {
        var name = string.Concat(flow.Name.Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' ? letter : '-')).Trim('-');
        return new FlowFile($"{(name.Length > 0 ? name : flow.DefinitionId)}-v{flow.Version}.json", WorkflowJson.Write(flow.Definition()));
    }

    /// <summary>Deletes one version.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="RuleBrokenException">People are inside, and nobody said that their runs shall end.</exception>
    public async Task<bool> DeleteVersionAsync(
        AutomationDb db, string versionId, PeopleInside inside, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await FindVersionAsync(db, versionId, cancellation) is not { } version) return false;
        if (inside is PeopleInside.Stop) await StopInsideAsync(db, version.DefinitionId, [versionId], cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldFlowAsync(version.DefinitionId, cancellation);
        await DeleteAsync(db, [version], who, now, cancellation);
        var rest = await db.FlowDefinitions.Where(one => one.DefinitionId == version.DefinitionId).OrderByDescending(one => one.Version).FirstOrDefaultAsync(cancellation);
        if (rest is not null) rest.IsLatest = true;
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Deletes a flow with all its versions.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="RuleBrokenException">People are inside, and nobody said that their runs shall end.</exception>
    public async Task<bool> DeleteAsync(
        AutomationDb db, string definitionId, PeopleInside inside, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        if (inside is PeopleInside.Stop)
        {
            // Nobody enters any more while those inside are led out.
            if (await FindAsync(db, definitionId, VersionOptions.Published, cancellation) is not null) await RetractAsync(db, definitionId, who, now, cancellation);
            await StopInsideAsync(db, definitionId, versions: null, cancellation);
        }
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.HoldFlowAsync(definitionId, cancellation);
        var versions = await db.FlowDefinitions.AsNoTracking().Where(one => one.DefinitionId == definitionId).ToListAsync(cancellation);
        if (versions.Count == 0) return false;
        await DeleteAsync(db, versions, who, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Publishes each of these flows by itself; one that may not be does not stop the others.</summary>
    public Task<FlowBulk> PublishManyAsync(AutomationDb db, IReadOnlyCollection<string> definitionIds, string who, DateTimeOffset now, CancellationToken cancellation) =>
        EachAsync(db, definitionIds, async id =>
        {
            if (await FindAsync(db, id, VersionOptions.Latest, cancellation) is null) return Became.NotFound;
            var publication = await PublishAsync(db, id, who, now, cancellation);
            if (publication.Published) return publication.WasAlready ? Became.Already : Became.Done;
            var error = publication.Findings.First(finding => finding.Severity is Severity.Error);
            throw new RuleBrokenException($"'{publication.Flow.Name}' cannot be published: {error.Text}");
        });

    /// <summary>Retracts each of these flows by itself.</summary>
    public Task<FlowBulk> RetractManyAsync(AutomationDb db, IReadOnlyCollection<string> definitionIds, string who, DateTimeOffset now, CancellationToken cancellation) =>
        EachAsync(db, definitionIds, async id =>
        {
            if (await FindAsync(db, id, VersionOptions.Latest, cancellation) is null) return Became.NotFound;
            if (await FindAsync(db, id, VersionOptions.Published, cancellation) is null) return Became.Already;
            await RetractAsync(db, id, who, now, cancellation);
            return Became.Done;
        });

    /// <summary>Deletes each of these flows by itself.</summary>
    public Task<FlowBulk> DeleteManyAsync(
        AutomationDb db, IReadOnlyCollection<string> definitionIds, PeopleInside inside, string who, DateTimeOffset now, CancellationToken cancellation) =>
        EachAsync(db, definitionIds, async id => await DeleteAsync(db, id, inside, who, now, cancellation) ? Became.Done : Became.NotFound);

    /// <summary>Deletes each of these versions by itself.</summary>
    public Task<FlowBulk> DeleteVersionsAsync(
        AutomationDb db, IReadOnlyCollection<string> versionIds, PeopleInside inside, string who, DateTimeOffset now, CancellationToken cancellation) =>
        EachAsync(db, versionIds, async id => await DeleteVersionAsync(db, id, inside, who, now, cancellation) ? Became.Done : Became.NotFound);

    /// <summary>Reads a definition without looking further than its form.</summary>
    /// <exception cref="BadInputException">It is none; file, line and column are named.</exception>
    public static WorkflowDefinition Read(string json, string file)
    {
        if (Encoding.UTF8.GetByteCount(json) > MostBytes) throw new BadInputException(file, $"has more than {MostBytes} bytes; divide the flow.");
        WorkflowDefinition definition;
        try
        {
            definition = WorkflowJson.Read(json, file);
        }
        catch (WorkflowFormatException broken)
        {
            throw new BadInputException($"{file}({broken.Line},{broken.Column})", broken.Text + ".");
        }
        CheckNames(definition, file);
        return definition;
    }

    private static void CheckNames(WorkflowDefinition definition, string file)
    {
        var id = definition.DefinitionId;
        if (id.Length > FlowDefinition.MaxDefinitionId || id.Any(char.IsControl) || id.AsSpan().ContainsAny(Unfit) || id != id.Trim())
            throw new BadInputException(file, $"'definitionId' must have 1 to {FlowDefinition.MaxDefinitionId} characters and none of {string.Join(' ', NotInIds.AsEnumerable())}");
        if (definition.Name?.Length > FlowDefinition.MaxName)
            throw new BadInputException(file, $"'name' has more than {FlowDefinition.MaxName} characters; shorten it.");
        if (definition.Description?.Length > FlowDefinition.MaxDescription)
            throw new BadInputException(file, $"'description' has more than {FlowDefinition.MaxDescription} characters; shorten it.");
    }

    /// <summary>Makes this version the one that new runs begin on, and what starts it the index of triggers.</summary>
    private async Task MakePublishedAsync(AutomationDb db, FlowDefinition version, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var other in await db.FlowDefinitions.Where(one => one.DefinitionId == version.DefinitionId && one.IsPublished).ToListAsync(cancellation))
            other.IsPublished = false;
        version.IsPublished = true;
        version.PublishedAt ??= now;
        version.PublishedBy ??= who;
        version.Revision++;
        await IndexAsync(db, version.DefinitionId, [.. FlowTriggers.Of(version.Definition(), registry, now)], cancellation);
        await db.SaveChangesAsync(cancellation);
        await db.NoteAsync(version.DefinitionId, null, FlowAction.Published, who, now, new { version.Version }, cancellation);
    }

    private static async Task IndexAsync(AutomationDb db, string definitionId, IReadOnlyCollection<FlowTrigger> triggers, CancellationToken cancellation)
    {
        await db.ExecuteAsync("DELETE FROM flow_triggers WHERE definition_id = @p0", cancellation, definitionId);
        db.FlowTriggers.AddRange(triggers);
        await DatePlans.IndexAsync(db, definitionId, triggers, cancellation);
    }

    // A version that was published once is history: the next save makes the next version.
    private static FlowDefinition Store(
        AutomationDb db, FlowControl control, FlowDefinition? latest, WorkflowDefinition definition, string who, DateTimeOffset now, string? fileHash = null)
    {
        var name = definition.Name is { Length: > 0 } given ? given : latest?.Name ?? definition.DefinitionId;
        if (latest is { IsDraft: true } && fileHash is null)
        {
            (latest.Name, latest.Description, latest.Json) = (name, definition.Description ?? "", Written(definition, latest.Id, latest.Version));
            (latest.ChangedAt, latest.ChangedBy) = (now, who);
            latest.Revision++;
            return latest;
        }
        if (latest is not null) latest.IsLatest = false;
        var version = control.LastVersion = Math.Max(control.LastVersion, latest?.Version ?? 0) + 1;
        var id = FlowDefinition.IdOf(definition.DefinitionId, version);
        var stored = new FlowDefinition
        {
            Id = id,
            DefinitionId = definition.DefinitionId,
            Name = name,
            Description = definition.Description ?? "",
            Version = version,
            IsLatest = true,
            Json = Written(definition, id, version),
            FileHash = fileHash,
            Revision = 1,
            CreatedAt = now,
            CreatedBy = who,
            ChangedAt = now,
            ChangedBy = who,
        };
        db.FlowDefinitions.Add(stored);
        return stored;
    }

    private static string Written(WorkflowDefinition definition, string id, int version)
    {
        (definition.Id, definition.Version) = (id, version);
        return WorkflowJson.Write(definition);
    }

    // The editor saves by itself while its last save is still under way: what the same person has saved meanwhile is no conflict.
    private static void CheckBase(FlowDraft draft, FlowDefinition latest, string who)
    {
        if (latest.ChangedBy == who && latest.IsDraft) return;
        if (draft.BaseVersionId is { } id && id != latest.Id) throw Changed(latest);
        if (draft.BaseRevision is { } revision && revision != latest.Revision) throw Changed(latest);
    }

    private static RuleBrokenException Changed(FlowDefinition latest) =>
        new RuleBrokenException($"'{latest.Name}' was changed by {latest.ChangedBy} in the meantime (version {latest.Version}). Load it again and repeat your change.");

    private static async Task DeleteAsync(
        AutomationDb db, IReadOnlyCollection<FlowDefinition> versions, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = versions.Select(version => version.Id).ToArray();
        var running = await db.FlowInstances.CountAsync(instance => ids.Contains(instance.DefinitionVersionId) && instance.Status == FlowInstanceStatus.Running, cancellation);
        if (running > 0)
            throw new RuleBrokenException($"{running} people are inside '{versions.First().Name}'. Stop their runs first, or move them to another version.");
        if (versions.Any(version => version.IsPublished)) await IndexAsync(db, versions.First().DefinitionId, [], cancellation);
        await db.FlowDefinitions.Where(definition => ids.Contains(definition.Id)).ExecuteDeleteAsync(cancellation);
        foreach (var version in versions) await db.NoteAsync(version.DefinitionId, null, FlowAction.Deleted, who, now, new { version.Version, version.Name }, cancellation);
    }

    // In transactions of their own: there may be very many.
    private async Task StopInsideAsync(AutomationDb db, string definitionId, string[]? versions, CancellationToken cancellation)
    {
        while (true)
        {
            await using var transaction = await db.BeginWriteAsync(cancellation);
            var inside = await db.FlowInstances.AsNoTracking()
                .Where(run => run.DefinitionId == definitionId && run.Status == FlowInstanceStatus.Running && (versions == null || versions.Contains(run.DefinitionVersionId)))
                .OrderBy(run => run.Id).Take(FlowEngine.AtATime).Select(run => new { run.Id, run.ContactId }).ToListAsync(cancellation);
            if (inside.Count == 0) return;
            await db.HoldAsync("contacts", inside.Select(run => run.ContactId).Distinct(), cancellation);
            await engine.EndAsync(db, [.. inside.Select(run => new Occasion.MustEnd(run.Id, run.ContactId, ExitReasons.Stopped))], cancellation);
            await transaction.CommitAsync(cancellation);
        }
    }

    private static async Task<FlowDefinition> ExistingAsync(AutomationDb db, string definitionId, CancellationToken cancellation) =>
        await LatestAsync(db, definitionId, cancellation) ?? throw new RuleBrokenException($"There is no flow '{definitionId}'.");

    private static Task<FlowDefinition?> LatestAsync(AutomationDb db, string definitionId, CancellationToken cancellation) =>
        db.FlowDefinitions.SingleOrDefaultAsync(one => one.DefinitionId == definitionId && one.IsLatest, cancellation);

    private static IQueryable<FlowDefinition> Sorted(IQueryable<FlowDefinition> found, FlowOrder order, bool descending) => (order, descending) switch
    {
        (FlowOrder.Name, false) => found.OrderBy(one => one.Name).ThenBy(one => one.Id),
        (FlowOrder.Name, true) => found.OrderByDescending(one => one.Name).ThenBy(one => one.Id),
        (FlowOrder.Version, false) => found.OrderBy(one => one.Version).ThenBy(one => one.Id),
        (FlowOrder.Version, true) => found.OrderByDescending(one => one.Version).ThenBy(one => one.Id),
        (_, false) => found.OrderBy(one => one.CreatedAt).ThenBy(one => one.Id),
        (_, true) => found.OrderByDescending(one => one.CreatedAt).ThenBy(one => one.Id),
    };

    private static IQueryable<FlowSummary> Summaries(IQueryable<FlowDefinition> versions) => versions.Select(one => new FlowSummary(
        one.Id, one.DefinitionId, one.Name, one.Description, one.Version, one.IsLatest, one.IsPublished, one.FileHash != null, one.Revision,
        one.CreatedAt, one.CreatedBy, one.ChangedAt, one.ChangedBy, one.PublishedAt, one.PublishedBy));

    private enum Became { Done, Already, NotFound }

    private static async Task<FlowBulk> EachAsync(AutomationDb db, IReadOnlyCollection<string> ids, Func<string, Task<Became>> one)
    {
        var became = new Dictionary<Became, List<string>> { [Became.Done] = [], [Became.Already] = [], [Became.NotFound] = [] };
        var refused = new Dictionary<string, RuleBrokenException>(StringComparer.Ordinal);
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            try
            {
                became[await one(id)].Add(id);
            }
            catch (RuleBrokenException broken)
            {
                refused[id] = broken;
                db.ChangeTracker.Clear();
            }
        }
        return new FlowBulk(became[Became.Done], became[Became.Already], became[Became.NotFound], refused);
    }
}

/// <summary>A definition as a file.</summary>
public sealed record FlowFile(string Name, string Json);

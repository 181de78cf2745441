using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Journeys;

/// <summary>A flow version ready to run.</summary>
public sealed record LoadedFlow(WorkflowGraph Graph, FlowSettings Settings);

/// <summary>The flows: takes in definitions as versions, publishes them, and keeps what runs in memory.</summary>
public sealed class FlowCatalogue(ActivityRegistry registry, TemplateCatalogue templates)
{
    private readonly ConcurrentDictionary<string, LoadedFlow> loaded = new(StringComparer.Ordinal);

    /// <summary>Publishes every <c>*.json</c> of a folder whose text differs from the version published last.</summary>
    /// <exception cref="BadInputException">A file is no valid flow; file, place and activity are named. Nothing of the folder was published.</exception>
    public async Task PublishFolderAsync(AutomationDb db, string folder, DateTimeOffset now, CancellationToken cancellation)
    {
        var files = Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)
            .Select(path => (Definition: Read(File.ReadAllText(path), Path.GetFileName(path)), Hash: HashOf(path))).ToList();
        await using var transaction = await db.BeginWriteAsync(cancellation);
        foreach (var (definition, hash) in files) await PublishAsync(db, definition, hash, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>A flow version by its id, from memory or the database.</summary>
    public async Task<LoadedFlow> LoadAsync(AutomationDb db, string versionId, CancellationToken cancellation)
    {
        if (loaded.TryGetValue(versionId, out var flow)) return flow;
        var json = await db.FlowDefinitions.AsNoTracking().Where(version => version.Id == versionId).Select(version => version.Json).SingleAsync(cancellation);
        var definition = Read(json, versionId);
        definition.Id = versionId;
        return loaded.GetOrAdd(versionId, new LoadedFlow(WorkflowGraph.Build(definition, registry), FlowSettings.Of(definition)));
    }

    /// <summary>Reads and checks a definition.</summary>
    /// <exception cref="BadInputException">It cannot be published as it is.</exception>
    public WorkflowDefinition Read(string json, string file)
    {
        WorkflowDefinition definition;
        try
        {
            definition = WorkflowJson.Read(json, file);
        }
        catch (WorkflowFormatException broken)
        {
            throw new BadInputException($"{file}({broken.Line},{broken.Column})", broken.Message);
        }
        if (definition.DefinitionId.Length is 0 or > 80) throw new BadInputException(file, "'definitionId' must have 1 to 80 characters.");
        FlowSettings.Of(definition);
        CheckActivities(definition, file);
        return definition;
    }

    private async Task PublishAsync(AutomationDb db, WorkflowDefinition definition, string hash, DateTimeOffset now, CancellationToken cancellation)
    {
        var versions = await db.FlowDefinitions.Where(version => version.DefinitionId == definition.DefinitionId).ToListAsync(cancellation);
        if (versions.Any(version => version.IsPublished && version.FileHash == hash)) return;
        foreach (var version in versions) (version.IsLatest, version.IsPublished) = (false, false);
        definition.Version = versions.Select(version => version.Version).DefaultIfEmpty().Max() + 1;
        definition.Id = $"{definition.DefinitionId}:{definition.Version}";
        (definition.IsLatest, definition.IsPublished) = (true, true);
        db.FlowDefinitions.Add(new FlowDefinition
        {
            Id = definition.Id,
            DefinitionId = definition.DefinitionId,
            Name = definition.Name ?? definition.DefinitionId,
            Version = definition.Version,
            IsLatest = true,
            IsPublished = true,
            Json = WorkflowJson.Write(definition),
            FileHash = hash,
            CreatedAt = now,
        });
        db.FlowTriggers.RemoveRange(db.FlowTriggers.Where(trigger => trigger.DefinitionId == definition.DefinitionId));
        db.FlowTriggers.AddRange(WorkflowGraph.Build(definition, registry).Triggers.SelectMany(trigger => Index(definition, trigger, now)));
        await db.SaveChangesAsync(cancellation);
    }

    private static IEnumerable<FlowTrigger> Index(WorkflowDefinition definition, WorkflowTrigger trigger, DateTimeOffset now) =>
        BookmarkKeys.Of(trigger.Name, trigger.Payload, trigger.Hash).Select(key => new FlowTrigger
        {
            Id = Guid.CreateVersion7(now),
            DefinitionVersionId = definition.Id,
            DefinitionId = definition.DefinitionId,
            ActivityId = trigger.ActivityId,
            Name = trigger.Name,
            Key = key,
            Payload = trigger.Payload?.ToJsonString() ?? "{}",
        });

    private void CheckActivities(WorkflowDefinition definition, string file)
    {
        foreach (var node in WorkflowGraph.Build(definition, registry).Nodes)
        {
            if (node.Type == "Elsa.NotFoundActivity" || (registry.Describe(node.Type) is null && node.Type != "Elsa.Workflow"))
                throw new BadInputException($"{file}: activity '{node.Id}'", $"there is no activity type '{node.Type}'.");
            if (node is Activities.SendEmail mail && mail.Template.Expression is { Type: "Literal" } literal && templates.Find(literal.Text) is null)
                throw new BadInputException($"{file}: activity '{node.Id}'", $"there is no template '{literal.Text}'.");
        }
    }

    private static string HashOf(string path) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(File.ReadAllText(path))));
}

/// <summary>What triggers and bookmarks are found by in the database.</summary>
internal static class BookmarkKeys
{
    public static IEnumerable<string> Of(string name, JsonNode? payload, string hash) => name switch
    {
        Stimuli.EventReceived or WaitForEventName => [Text(payload, "EventType")],
        Stimuli.MailSettled => [Text(payload, "Identity")],
        Stimuli.HandedBack => Text(payload, "Reasons").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        _ => [hash],
    };

    public const string WaitForEventName = "Automation.WaitForEvent";

    /// <summary>The condition of a trigger or wait; null: none.</summary>
    public static string? Where(JsonNode? payload) => Find(payload, "Where");

    private static string Text(JsonNode? payload, string property) => Find(payload, property) ?? "";

    // A payload just made and the same one read from the database spell their names differently.
    private static string? Find(JsonNode? payload, string property) =>
        (payload as JsonObject)?.FirstOrDefault(pair => string.Equals(pair.Key, property, StringComparison.OrdinalIgnoreCase)).Value?.GetValue<string>();
}

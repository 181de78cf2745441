using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Scenarios;

/// <summary>The versions of all workflows, in memory.</summary>
public sealed class WorkflowCatalog
{
    private List<WorkflowDefinition> versions = [];

    public IReadOnlyList<WorkflowDefinition> All => versions;

    public WorkflowDefinition? Version(string id) => versions.Find(version => version.Id == id);

    public WorkflowDefinition? Published(string definitionId) => versions.Find(version => version.DefinitionId == definitionId && version.IsPublished);

    /// <summary>Adds a version as it is.</summary>
    public void Add(WorkflowDefinition definition) => versions.Add(definition);

    /// <summary>Saves over the latest version when it has the same id, else as the next version.</summary>
    internal void Save(WorkflowDefinition definition, Func<string> newId)
    {
        if (definition.DefinitionId.Length == 0) definition.DefinitionId = newId();
        if (definition.Id.Length == 0) definition.Id = newId();
        var latest = versions.Where(version => version.DefinitionId == definition.DefinitionId).MaxBy(version => version.Version);
        if (latest?.Id == definition.Id)
        {
            versions.Remove(latest);
            definition.Version = latest.Version;
        }
        else definition.Version = (latest?.Version ?? 0) + 1;
        foreach (var other in versions.Where(version => version.DefinitionId == definition.DefinitionId)) other.IsLatest = false;
        (definition.IsLatest, definition.IsPublished) = (true, false);
        versions.Add(definition);
    }

    internal void Publish(WorkflowDefinition definition)
    {
        foreach (var other in versions.Where(version => version.DefinitionId == definition.DefinitionId)) other.IsPublished = false;
        definition.IsPublished = true;
    }

    internal void Retract(string definitionId)
    {
        foreach (var version in versions.Where(version => version.DefinitionId == definitionId)) version.IsPublished = false;
    }

    internal IReadOnlyList<WorkflowDefinition> Copy() => [.. versions];

    internal void Restore(IReadOnlyList<WorkflowDefinition> before) => versions = [.. before];

    /// <summary>The workflow behind an activity type; see <see cref="WorkflowResolver"/>.</summary>
    public WorkflowDefinition? Resolve(WorkflowReference reference)
    {
        var usable = versions.Where(version => version.Options.UsableAsActivity && version.ActivityTypeName == reference.TypeName).ToList();
        var exact = reference.VersionId is { } id ? usable.Find(version => version.Id == id) : usable.Find(version => version.Version == reference.Version);
        return exact
            ?? usable.Find(version => version.IsPublished)
            ?? usable.MaxBy(version => version.Version);
    }
}

using System.Collections.Concurrent;
using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Journeys;

/// <summary>A flow version ready to run.</summary>
public sealed record LoadedFlow(WorkflowGraph Graph, FlowSettings Settings);

/// <summary>Keeps the versions that run ready in memory.</summary>
public sealed class FlowCatalogue(ActivityRegistry registry)
{
    private readonly ConcurrentDictionary<string, LoadedFlow> loaded = new(StringComparer.Ordinal);

    /// <summary>A flow version by its id, from memory or the database.</summary>
    public async Task<LoadedFlow> LoadAsync(AutomationDb db, string versionId, CancellationToken cancellation)
    {
        if (loaded.TryGetValue(versionId, out var flow)) return flow;
        var version = await db.FlowDefinitions.AsNoTracking().SingleAsync(one => one.Id == versionId, cancellation);
        var definition = version.Definition();
        flow = new LoadedFlow(WorkflowGraph.Build(definition, registry), FlowSettings.Of(definition));
        // A draft can change at any time; a version that was published never does.
        return version.IsDraft ? flow : loaded.GetOrAdd(versionId, flow);
    }
}

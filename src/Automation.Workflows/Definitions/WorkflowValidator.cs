using Automation.Workflows.Definitions.Checks;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Definitions;

/// <summary>Looks a definition over before it is published. Never throws for what a definition holds.</summary>
public static class WorkflowValidator
{
    /// <param name="handlers">Languages of expressions besides the built-in ones.</param>
    /// <param name="resolver">Finds workflows used as activities.</param>
    /// <param name="rules">What the host asks of its workflows besides.</param>
    public static IReadOnlyList<WorkflowFinding> Validate(
        WorkflowDefinition d, ActivityRegistry registry, IEnumerable<IExpressionHandler>? handlers = null, WorkflowResolver? resolver = null,
        IEnumerable<IWorkflowRule>? rules = null)
    {
        var graph = WorkflowGraph.Build(d, registry, resolver);
        var known = new WorkflowRunner(registry, handlers ?? [], TimeProvider.System).Handlers;
        IWorkflowRule[] own = [new DefinitionCheck(), new StepCheck(registry, known), new FlowchartCheck(registry), new LoopCheck()];
        return [.. own.Concat(rules ?? []).SelectMany(rule => rule.Check(graph))];
    }
}

using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys;

/// <summary>What a flow must keep to before it is published: the runtime's rules and marketing's own.</summary>
public sealed class FlowRules(ActivityRegistry registry, TemplateCatalogue templates, IEnumerable<IExpressionHandler> handlers)
{
    /// <summary>Errors first, in the order of the drawing.</summary>
    public Task<IReadOnlyList<WorkflowFinding>> CheckAsync(AutomationDb db, WorkflowDefinition definition, CancellationToken cancellation)
    {
        var findings = WorkflowValidator.Validate(definition, registry, handlers).ToList();
        foreach (var node in WorkflowGraph.Build(definition, registry).Nodes)
        {
            if (node is Activities.SendEmail mail && mail.Template.Expression is { Type: "Literal" } literal && templates.Find(literal.Text) is null)
                findings.Add(WorkflowFinding.Error(node, "unknown-template", "There is no template '{0}'. Choose one that exists, or make it first.", literal.Text));
        }
        return Task.FromResult<IReadOnlyList<WorkflowFinding>>([.. findings.OrderBy(finding => finding.Severity)]);
    }
}

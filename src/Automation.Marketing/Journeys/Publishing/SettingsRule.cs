using Automation.Marketing.Mail.Content;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Publishing;

/// <summary>The flow's settings can be read, and so can their conditions.</summary>
internal sealed class SettingsRule(ITemplateRenderer renderer) : IWorkflowRule
{
    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph)
    {
        FlowSettings settings;
        WorkflowFinding? broken = null;
        try
        {
            settings = FlowSettings.Of(graph.Definition);
        }
        catch (BadInputException fault)
        {
            settings = FlowSettings.Default;
            broken = WorkflowFinding.Error(null, "bad-settings", "The flow's settings cannot be read: {0} {1}", fault.Place, fault.Problem);
        }
        if (broken is not null) yield return broken;
        if (settings.Reentry is Reentry.PerKey && settings.Key is null)
            yield return WorkflowFinding.Error(null, "no-entry-key", "One run for each key needs to know the key. Set it in the flow's settings, e.g. event.data.order_id.");
        foreach (var finding in Conditions(settings)) yield return finding;
    }

    private IEnumerable<WorkflowFinding> Conditions(FlowSettings settings)
    {
        if (Problem(settings.Goal?.Where) is { } goal)
            yield return WorkflowFinding.Error(null, "bad-condition", "The condition of the goal cannot be read: {0}. Correct it in the flow's settings.", goal);
        foreach (var exit in settings.Exits)
        {
            if (Problem(exit.Where) is { } problem)
                yield return WorkflowFinding.Error(null, "bad-condition", "The condition of the exit on '{0}' cannot be read: {1}. Correct it in the flow's settings.", exit.Event, problem);
        }
        if (Problem(settings.Key) is { } key)
            yield return WorkflowFinding.Error(null, "bad-condition", "The key of re-entry cannot be read: {0}. Correct it in the flow's settings.", key);
    }

    private string? Problem(string? expression) => string.IsNullOrWhiteSpace(expression) ? null : renderer.Check(expression);
}

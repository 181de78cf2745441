using Automation.Marketing.Campaigns;
using Automation.Marketing.Journeys.Activities;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Publishing;

/// <summary>Warns of mails whose template gave more offence than pleasure, wherever the flow is published from.</summary>
/// <param name="unwelcome">Of the flow's templates.</param>
internal sealed class WelcomeRule(IReadOnlyList<WelcomeScore> unwelcome) : IWorkflowRule
{
    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph)
    {
        foreach (var mail in graph.Steps.OfType<SendEmail>())
        {
            if (mail.Template is not null && mail.Template.TryGetLiteral(out var id) && unwelcome.FirstOrDefault(score => score.Template == id) is { } score)
                yield return WorkflowFinding.Warning(
                    mail, "unwelcome-template", "The template '{0}' was not welcome in the last {1} months: {2} points for every 1,000 mails. Change its text, or choose another.",
                    id, WelcomeScores.Months, Math.Round(score.Score ?? 0));
        }
    }
}

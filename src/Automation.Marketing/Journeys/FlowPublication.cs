using Automation.Workflows.Definitions;

namespace Automation.Marketing.Journeys;

/// <summary>What became of a wish to publish.</summary>
/// <param name="Published">False when an error stands in the way: nothing was changed.</param>
/// <param name="WasAlready">It was the published version before.</param>
public sealed record FlowPublication(FlowDefinition Flow, IReadOnlyList<WorkflowFinding> Findings, bool Published, bool WasAlready);

/// <summary>What became of a wish about many flows, by definition id (by version id where versions were named).</summary>
/// <param name="Refused">Why not, worded for the person.</param>
public sealed record FlowBulk(
    IReadOnlyList<string> Done, IReadOnlyList<string> Already, IReadOnlyList<string> NotFound, IReadOnlyDictionary<string, RuleBrokenException> Refused);

/// <summary>What happens to people who are inside what is deleted.</summary>
public enum PeopleInside
{
    /// <summary>Nothing is deleted while somebody is inside.</summary>
    Refuse,

    /// <summary>Their runs end first, with the reason <c>stopped</c>.</summary>
    Stop,
}

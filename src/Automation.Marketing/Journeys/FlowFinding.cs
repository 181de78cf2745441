using System.Globalization;
using Automation.Workflows.Definitions;

namespace Automation.Marketing.Journeys;

/// <summary>Something that whoever publishes a flow should look at.</summary>
/// <param name="ActivityId">The step; null when it concerns the whole flow.</param>
/// <param name="Code">A fixed word for programs, e.g. <c>no-goal</c>.</param>
/// <param name="Phrase">A sentence with its remedy, <c>{0}</c>, <c>{1}</c>, … where the facts stand: the key of its translation.</param>
public sealed record FlowFinding(string? ActivityId, Severity Severity, string Code, string Phrase, IReadOnlyList<object?> Facts)
{
    /// <summary>The sentence in English.</summary>
    public string Message => Facts.Count == 0 ? Phrase : string.Format(CultureInfo.InvariantCulture, Phrase, [.. Facts]);

    /// <summary>What the runtime's validator found, in its own words.</summary>
    public static FlowFinding Of(WorkflowFinding finding) => new(finding.ActivityId, finding.Severity, finding.Code, finding.Message, []);
}

/// <summary>What became of a wish to publish.</summary>
/// <param name="Published">False when an error stands in the way: nothing was changed.</param>
/// <param name="WasAlready">It was the published version before.</param>
public sealed record FlowPublication(FlowDefinition Flow, IReadOnlyList<FlowFinding> Findings, bool Published, bool WasAlready);

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

using System.Globalization;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Definitions;

public enum Severity
{
    /// <summary>Must be mended before the workflow is published.</summary>
    Error,
    /// <summary>Runs, but probably not as meant.</summary>
    Warning,
}

/// <summary>Something a workflow's author should look at.</summary>
public sealed class WorkflowFinding(string? activityId, Severity severity, string code, string message, params IReadOnlyList<object?> values)
{
    /// <summary>Null when it concerns the whole workflow.</summary>
    public string? ActivityId { get; } = activityId;

    public Severity Severity { get; } = severity;

    /// <summary>A fixed word for programs, e.g. <c>dangling-connection</c>.</summary>
    public string Code { get; } = code;

    /// <summary>What is wrong and what to do about it, in English, with <c>{0}</c>, <c>{1}</c>, … where <see cref="Values"/> stand: the key of its
    /// translations.</summary>
    public string Message { get; } = message;

    public IReadOnlyList<object?> Values { get; } = values;

    /// <summary>The sentence with its values.</summary>
    public string Text => Values.Count == 0 ? Message : string.Format(CultureInfo.InvariantCulture, Message, [.. Values]);

    /// <param name="activity">Null when it concerns the whole workflow.</param>
    public static WorkflowFinding Error(IActivity? activity, string code, string message, params IReadOnlyList<object?> values) =>
        new(activity?.Id, Severity.Error, code, message, values);

    /// <inheritdoc cref="Error"/>
    public static WorkflowFinding Warning(IActivity? activity, string code, string message, params IReadOnlyList<object?> values) =>
        new(activity?.Id, Severity.Warning, code, message, values);

    public override string ToString() => ActivityId is null ? $"{Code} : {Text}" : $"{ActivityId} : {Code} : {Text}";
}

/// <summary>Something more that a workflow must hold to before it is published: for what this library cannot know, such as templates and goals.</summary>
public interface IWorkflowRule
{
    /// <param name="graph">The workflow as it would run; <see cref="WorkflowGraph.Steps"/> are the activities to look at.</param>
    IEnumerable<WorkflowFinding> Check(WorkflowGraph graph);
}

namespace Automation.Workflows.Definitions;

public enum Severity
{
    /// <summary>Must be mended before the workflow is published.</summary>
    Error,
    /// <summary>Runs, but probably not as meant.</summary>
    Warning,
}

/// <summary>Something a workflow's author should look at.</summary>
/// <param name="ActivityId">Null when it concerns the whole workflow.</param>
/// <param name="Code">A fixed word for programs, e.g. <c>dangling-connection</c>.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record WorkflowFinding(string? ActivityId, Severity Severity, string Code, string Message)
{
    public override string ToString() => ActivityId is null ? $"{Code} : {Message}" : $"{ActivityId} : {Code} : {Message}";
}

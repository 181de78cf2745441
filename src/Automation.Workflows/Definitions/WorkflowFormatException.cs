namespace Automation.Workflows.Definitions;

/// <summary>A workflow file that cannot be read: not JSON, or not the shape of a workflow definition.</summary>
/// <remarks><see cref="Exception.Message"/> is <c>file(line,col) : error : text</c>; line and column count from 1.</remarks>
public sealed class WorkflowFormatException : FormatException
{
    public WorkflowFormatException(string file, long line, long column, string path, string text, Exception? inner = null)
        : base($"{file}({line},{column}) : error : {text}", inner) =>
        (File, Line, Column, Path, Text) = (file, line, column, path, text);

    public string File { get; }
    public long Line { get; }
    public long Column { get; }

    /// <summary>JSON path of the fault, e.g. <c>$.root.activities[2].type</c>.</summary>
    public string Path { get; }

    /// <summary>What is wrong, without the position.</summary>
    public string Text { get; }
}

namespace Automation.Marketing;

/// <summary>Input from outside is at fault. Nothing of it was applied.</summary>
/// <param name="place">The field, or <c>file(line,column)</c>.</param>
/// <param name="problem">What is wrong and what would be right.</param>
public sealed class BadInputException(string place, string problem) : Exception($"{place}: {problem}")
{
    /// <summary>The field, or <c>file(line,column)</c>, at fault.</summary>
    public string Place { get; } = place;

    /// <summary>What is wrong there.</summary>
    public string Problem { get; } = problem;
}

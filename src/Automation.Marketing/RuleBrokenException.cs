namespace Automation.Marketing;

/// <summary>A person tried something that a rule forbids. The message is worded for that person.</summary>
public sealed class RuleBrokenException(string message) : Exception(message);

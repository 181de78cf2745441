namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>A template as written, before anything of it is parsed.</summary>
/// <param name="Id">Its path, e.g. <c>welcome/day-0</c>.</param>
/// <param name="DefaultsJson">The declared defaults, a JSON object; empty for none.</param>
/// <param name="Parts">By language, <c>ja</c> or <c>en</c>.</param>
public sealed record TemplateSource(
    string Id, MessageClass Class, Approach Approach, IReadOnlyList<string> Topics, string DefaultsJson, IReadOnlyDictionary<string, PartsSource> Parts);

/// <summary>The three texts of one language.</summary>
public sealed record PartsSource(string Subject, string Html, string Text);

/// <summary>What the lint may know besides the template.</summary>
public sealed record LintOptions
{
    public static LintOptions Default { get; } = new();

    /// <summary>Models to render with, to learn the size and how much text there is. Where there are none, one is made up.</summary>
    public IReadOnlyList<Automation.Templates.TemplateObject> SampleModels { get; init; } = [];

    /// <summary>Topics that people can choose; a template with another one is wrong. Null when they are not known.</summary>
    public IReadOnlyCollection<string>? KnownTopics { get; init; }

    /// <summary>Answers <c>date.now</c> while samples are rendered.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

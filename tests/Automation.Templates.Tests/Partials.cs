namespace Automation.Templates.Tests;

/// <summary>Partials held in memory.</summary>
internal sealed class Partials : Dictionary<string, string>, ITemplateLoader
{
    public string? Load(string name) => TryGetValue(name, out var text) ? text : null;
}

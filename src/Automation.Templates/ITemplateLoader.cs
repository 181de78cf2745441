namespace Automation.Templates;

/// <summary>Finds the text behind <c>include "name"</c>.</summary>
public interface ITemplateLoader
{
    /// <returns>The partial's text, or null when there is none of that name.</returns>
    string? Load(string name);

    /// <summary>The partial, parsed. Override it where parsed partials are kept between renders.</summary>
    Template? LoadTemplate(string name, TemplateParseOptions options) =>
        Load(name) is { } text ? Template.Parse(text, name, options) : null;
}

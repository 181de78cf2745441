using Automation.Templates;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>Partials as written, parsed when they are first asked for.</summary>
internal sealed class PartialTexts(IReadOnlyDictionary<string, string> texts) : ITemplateLoader
{
    public const string Folder = "partials/";
    private const string Extension = ".sbn";

    private readonly Dictionary<string, Template> parsed = new(StringComparer.Ordinal);

    /// <summary>As they are written in an include.</summary>
    public IEnumerable<string> Names => texts.Keys.Select(name => name.EndsWith(Extension, StringComparison.Ordinal) ? name[..^Extension.Length] : name);

    public string? Load(string name) => KeyOf(name) is { } key ? texts[key] : null;

    public Template? LoadTemplate(string name, TemplateParseOptions options)
    {
        if (KeyOf(name) is not { } key) return null;
        if (!parsed.TryGetValue(key, out var template)) parsed[key] = template = Template.Parse(texts[key], Folder + key, options);
        return template;
    }

    private string? KeyOf(string name) =>
        texts.ContainsKey(name) ? name
        : texts.ContainsKey(name + Extension) ? name + Extension
        : name.EndsWith(Extension, StringComparison.Ordinal) && texts.ContainsKey(name[..^Extension.Length]) ? name[..^Extension.Length]
        : null;
}

using System.Globalization;
using System.Text.Json;

namespace Automation.Templates.Corpus;

/// <summary>What rendering a template gave: its text, or the messages and whether they are from reading or running it.</summary>
/// <param name="Output">Null when it failed.</param>
/// <param name="IsParseError">Whether the text itself was faulty.</param>
/// <param name="Messages">Empty when it succeeded.</param>
public sealed record CorpusResult(string? Output, bool IsParseError, IReadOnlyList<TemplateMessage> Messages)
{
    /// <summary>The content of an <c>.err</c> file: <c>parse</c> or <c>render</c>, then one message a line.</summary>
    public string ErrorText => $"{(IsParseError ? "parse" : "render")}\n{string.Join('\n', Messages)}";
}

/// <summary>One template file with its side files: model, options and partials.</summary>
/// <remarks>
/// Beside <c>name.sbn</c>: <c>name.json</c> the model, <c>name.opt.json</c> options, <c>name.PARTIAL.inc</c> partials.
/// </remarks>
public sealed class CorpusCase(string path) : ITemplateLoader
{
    private const string Extension = ".sbn";

    private readonly string _stem = path.EndsWith(Extension, StringComparison.Ordinal) ? path[..^Extension.Length] : path;

    public string Path { get; } = path;

    /// <summary>Every template under a folder, in order of path.</summary>
    public static IEnumerable<CorpusCase> Under(string folder) =>
        Directory.EnumerateFiles(folder, "*" + Extension, SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => new CorpusCase(path));

    public string? Load(string name)
    {
        var partial = $"{_stem}.{name}.inc";
        var folder = System.IO.Path.GetFullPath(System.IO.Path.GetDirectoryName(partial) ?? ".");
        var isBeside = folder == System.IO.Path.GetFullPath(System.IO.Path.GetDirectoryName(_stem) ?? ".");
        return isBeside && File.Exists(partial) ? File.ReadAllText(partial) : null;
    }

    /// <summary>Renders the template as <c>template</c>, with the options of its side file over <paramref name="defaults"/>.</summary>
    /// <exception cref="FormatException">A side file is malformed.</exception>
    public CorpusResult Run(TemplateOptions? defaults = null)
    {
        var settings = CorpusOptions.Read(ReadJson(".opt.json"), defaults ?? TemplateOptions.Scriban);
        var model = ReadJson(".json") is { } json ? TemplateObject.FromJson(json, settings.NumbersAsDecimal) : new TemplateObject();
        return Run(File.ReadAllText(Path), "template", model, settings.Options with { Loader = this });
    }

    public static CorpusResult Run(string text, string name, TemplateObject model, TemplateOptions options)
    {
        var template = Template.Parse(text, name, options.ParseOptions);
        if (template.HasErrors) return new CorpusResult(Output: null, IsParseError: true, template.Messages);
        try
        {
            return new CorpusResult(template.Render(new TemplateContext(model, options)), IsParseError: false, []);
        }
        catch (TemplateException failed)
        {
            return new CorpusResult(Output: null, failed.IsParseError, failed.Messages);
        }
    }

    private JsonElement? ReadJson(string extension)
    {
        var file = _stem + extension;
        if (!File.Exists(file)) return null;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            return document.RootElement.Clone();
        }
        catch (JsonException malformed)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{file}({malformed.LineNumber + 1},{malformed.BytePositionInLine + 1}) : error : {malformed.Message}"), malformed);
        }
    }
}

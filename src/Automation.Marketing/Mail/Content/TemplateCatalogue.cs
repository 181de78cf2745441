using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Automation.Templates;

namespace Automation.Marketing.Mail.Content;

/// <summary>The shipped templates: <c>templates/&lt;path&gt;/template.json</c> with parts per language, partials in <c>_partials</c>.</summary>
public sealed class TemplateCatalogue
{
    private const string PartialsFolder = "_partials";
    private static readonly string[] KnownFields = ["class", "approach", "topics", "defaults"];

    private readonly FrozenDictionary<string, MailTemplate> templates;

    private TemplateCatalogue(FrozenDictionary<string, MailTemplate> templates, ITemplateLoader partials) =>
        (this.templates, Partials) = (templates, partials);

    /// <summary>No templates at all.</summary>
    public static readonly TemplateCatalogue Empty = new(FrozenDictionary<string, MailTemplate>.Empty, new PartialFiles(""));

    /// <summary>Every template, by id.</summary>
    public IEnumerable<MailTemplate> All => templates.Values.OrderBy(template => template.Id, StringComparer.Ordinal);

    internal ITemplateLoader Partials { get; }

    public MailTemplate? Find(string id) => templates.GetValueOrDefault(id);

    /// <exception cref="BadInputException">A file is missing, unreadable, or does not parse; file, line and column are named.</exception>
    public static TemplateCatalogue Load(string folder)
    {
        if (!Directory.Exists(folder)) throw new BadInputException(folder, "is not a folder; templates are expected there.");
        var partials = new PartialFiles(Path.Combine(folder, PartialsFolder));
        var templates = Directory.EnumerateFiles(folder, "template.json", SearchOption.AllDirectories)
            .Select(file => LoadOne(folder, file, partials.Roots))
            .ToFrozenDictionary(template => template.Id, StringComparer.Ordinal);
        return new TemplateCatalogue(templates, partials);
    }

    private static MailTemplate LoadOne(string folder, string settingsFile, IReadOnlySet<string> partialRoots)
    {
        var home = Path.GetDirectoryName(settingsFile)!;
        var id = Path.GetRelativePath(folder, home).Replace('\\', '/');
        var name = $"{id}/template.json";
        using var settings = ParseJson(settingsFile, name);
        foreach (var field in settings.RootElement.EnumerateObject())
        {
            if (!KnownFields.Contains(field.Name)) throw new BadInputException(name, $"'{field.Name}' is not a known field.");
        }
        var messageClass = Word<MessageClass>(settings.RootElement, "class", name) ?? throw new BadInputException(name, "'class' is missing.");
        var approach = Word<Approach>(settings.RootElement, "approach", name) ?? Approach.None;
        if (messageClass is MessageClass.Marketing && approach is Approach.None)
            throw new BadInputException(name, "a marketing template needs 'approach': A1, A2 or A3.");
        return new MailTemplate(
            id, messageClass, messageClass is MessageClass.Transactional ? Approach.None : approach,
            settings.RootElement.TryGetProperty("topics", out var topics) ? [.. topics.EnumerateArray().Select(topic => topic.GetString()!)] : [],
            settings.RootElement.TryGetProperty("defaults", out var defaults) ? TemplateObject.FromJson(defaults) : [],
            LoadParts(home, id), partialRoots);
    }

    private static FrozenDictionary<string, MailParts> LoadParts(string home, string id)
    {
        var languages = Directory.EnumerateFiles(home, "subject.*.sbn").Select(file => Path.GetFileName(file).Split('.')[1]).ToList();
        if (languages.Count == 0) throw new BadInputException(id, "has no 'subject.<language>.sbn'.");
        return languages.ToFrozenDictionary(
            language => language,
            language => new MailParts(language, Part(home, id, "subject", language), Part(home, id, "html", language), Part(home, id, "text", language)),
            StringComparer.Ordinal);
    }

    private static Template Part(string home, string id, string part, string language)
    {
        var file = $"{part}.{language}.sbn";
        var path = Path.Combine(home, file);
        if (!File.Exists(path)) throw new BadInputException($"{id}/{file}", "is missing.");
        return Parsed(path, $"{id}/{file}");
    }

    private static Template Parsed(string path, string name)
    {
        string text;
        try
        {
            text = File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw new BadInputException(name, "is not UTF-8.");
        }
        var template = Template.Parse(text, name);
        return template.HasErrors ? throw AsBadInput(template.Messages) : template;
    }

    private static BadInputException AsBadInput(IReadOnlyList<TemplateMessage> messages) => new(
        $"{messages[0].Template}({messages[0].Line},{messages[0].Column})", string.Join("; ", messages.Select(message => message.Text)));

    private static JsonDocument ParseJson(string path, string name)
    {
        try
        {
            var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.ValueKind is JsonValueKind.Object ? json : throw new BadInputException(name, "must be a JSON object.");
        }
        catch (JsonException broken)
        {
            throw new BadInputException($"{name}({broken.LineNumber + 1},{broken.BytePositionInLine + 1})", "is not JSON.");
        }
    }

    private static T? Word<T>(JsonElement settings, string field, string name) where T : struct, Enum
    {
        if (!settings.TryGetProperty(field, out var value)) return null;
        return value.ValueKind is JsonValueKind.String && Enum.TryParse<T>(value.GetString(), ignoreCase: true, out var word) && Enum.IsDefined(word)
            ? word
            : throw new BadInputException(name, $"'{field}' must be one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
    }

    private sealed class PartialFiles : ITemplateLoader
    {
        private readonly FrozenDictionary<string, string> texts;

        public PartialFiles(string folder)
        {
            var files = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.sbn", SearchOption.AllDirectories) : [];
            var parsed = files.Select(file => (Name: Path.GetRelativePath(folder, file).Replace('\\', '/'), File: file))
                .Select(partial => (partial.Name, Text: File.ReadAllText(partial.File), Template: Parsed(partial.File, $"{PartialsFolder}/{partial.Name}")))
                .ToList();
            texts = parsed.SelectMany(partial => new[] { partial.Name, partial.Name[..^4] }.Select(name => (name, partial.Text)))
                .ToFrozenDictionary(pair => pair.name, pair => pair.Text, StringComparer.Ordinal);
            Roots = parsed.SelectMany(partial => partial.Template.Roots).ToHashSet(StringComparer.Ordinal);
        }

        public IReadOnlySet<string> Roots { get; }

        public string? Load(string name) => texts.GetValueOrDefault(name);
    }
}

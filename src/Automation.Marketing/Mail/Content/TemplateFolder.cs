using System.Text;
using System.Text.Json;
using Automation.Marketing.Mail.Content.Lint;
using Automation.Templates;

namespace Automation.Marketing.Mail.Content;

/// <summary>The shipped templates: <c>templates/&lt;path&gt;/template.json</c> with parts per language, partials in <c>_partials</c>.</summary>
internal static class TemplateFolder
{
    private const string PartialsFolder = "_partials";
    private static readonly string[] KnownFields = ["class", "approach", "topics", "defaults"];

    /// <exception cref="BadInputException">A file is missing, unreadable, or does not parse; file, line and column are named.</exception>
    public static TemplateShelf Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new BadInputException(folder, "is not a folder; templates are expected there.");
        var partials = MailPartials.None.With(Partials(Path.Combine(folder, PartialsFolder)));
        if (partials.Messages.Any()) throw AsBadInput([.. partials.Messages]);
        var templates = Directory.EnumerateFiles(folder, "template.json", SearchOption.AllDirectories).Select(file => MailTemplate.Parse(Source(folder, file), partials)).ToList();
        foreach (var template in templates)
        {
            if (template.Messages.Any()) throw AsBadInput([.. template.Messages]);
        }
        return new TemplateShelf(templates, partials);
    }

    private static Dictionary<string, string> Partials(string folder)
    {
        var files = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.sbn", SearchOption.AllDirectories) : [];
        return files.ToDictionary(
            file => Path.GetRelativePath(folder, file).Replace('\\', '/')[..^4],
            file => Text(file, $"{PartialsFolder}/{Path.GetRelativePath(folder, file).Replace('\\', '/')}"),
            StringComparer.Ordinal);
    }

    private static TemplateSource Source(string folder, string settingsFile)
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
        return new TemplateSource(
            id, messageClass, messageClass is MessageClass.Transactional ? Approach.None : approach,
            settings.RootElement.TryGetProperty("topics", out var topics) ? [.. topics.EnumerateArray().Select(topic => topic.GetString()!)] : [],
            settings.RootElement.TryGetProperty("defaults", out var defaults) ? defaults.GetRawText() : "{}",
            Parts(home, id));
    }

    private static Dictionary<string, PartsSource> Parts(string home, string id)
    {
        var languages = Directory.EnumerateFiles(home, "subject.*.sbn").Select(file => Path.GetFileName(file).Split('.')[1]).ToList();
        if (languages.Count == 0) throw new BadInputException(id, "has no 'subject.<language>.sbn'.");
        return languages.ToDictionary(
            language => language,
            language => new PartsSource(Part(home, id, "subject", language), Part(home, id, "html", language), Part(home, id, "text", language)),
            StringComparer.Ordinal);
    }

    private static string Part(string home, string id, string part, string language)
    {
        var path = Path.Combine(home, $"{part}.{language}.sbn");
        var name = MailTemplate.NameOf(id, part, language);
        if (!File.Exists(path)) throw new BadInputException(name, "is missing.");
        return Text(path, name);
    }

    private static string Text(string path, string name)
    {
        try
        {
            return File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw new BadInputException(name, "is not UTF-8.");
        }
    }

    private static BadInputException AsBadInput(IReadOnlyList<TemplateMessage> messages) => new(
        $"{messages[0].Template}({messages[0].Line},{messages[0].Column})",
        string.Join("; ", messages.Where(message => message.Template == messages[0].Template).Select(message => message.Text)));

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
}

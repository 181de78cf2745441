using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Marketing.Mail.Content.Lint;

namespace Automation.Marketing.Mail.Content.Authoring;

/// <summary>A template or a partial as written, faults included: what a draft and a version hold.</summary>
/// <remarks>Stored as JSON for a template and as its bare text for a partial.</remarks>
public sealed record TemplateContent
{
    /// <summary>Characters of one part; a mail of more than 100 kB is cut by Gmail, so nobody needs as many.</summary>
    public const int MaxPart = 400_000;

    private const int MaxDefaults = 20_000;
    private const int MaxTopics = 20;
    private const int MaxTopic = 64;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private TemplateContent(string id, TemplateSource? template, string? partial) => (Id, Template, Partial) = (id, template, partial);

    public string Id { get; }

    /// <summary>Null for a partial.</summary>
    public TemplateSource? Template { get; }

    /// <summary>Null for a template.</summary>
    public string? Partial { get; }

    /// <exception cref="BadInputException">It is too large, or its settings do not fit together. Faults in its text are the lint's.</exception>
    public static TemplateContent Of(TemplateSource template)
    {
        if (!TemplateIds.IsValid(template.Id) || TemplateIds.IsPartial(template.Id)) throw new BadInputException("id", "is no path of a template.");
        if (template.Class is MessageClass.Marketing && template.Approach is Approach.None) throw new BadInputException("approach", "a marketing template needs one: A1, A2 or A3.");
        if (template.Topics.Count > MaxTopics || template.Topics.Any(topic => string.IsNullOrWhiteSpace(topic) || topic.Length > MaxTopic || topic.Contains(',', StringComparison.Ordinal)))
            throw new BadInputException("topics", $"at most {MaxTopics}, each of 1 to {MaxTopic} characters without a comma.");
        if (template.DefaultsJson.Length > MaxDefaults) throw new BadInputException("defaults", $"at most {MaxDefaults} characters.");
        if (template.Parts.Count == 0) throw new BadInputException("parts", "a template has at least one language.");
        foreach (var (language, parts) in template.Parts)
        {
            if (language is not ("ja" or "en")) throw new BadInputException("parts", $"'{language}' is not ja or en.");
            Check($"subject.{language}", parts.Subject);
            Check($"html.{language}", parts.Html);
            Check($"text.{language}", parts.Text);
        }
        return new TemplateContent(template.Id, template.Class is MessageClass.Transactional ? template with { Approach = Approach.None } : template, null);
    }

    /// <exception cref="BadInputException">It is too large.</exception>
    public static TemplateContent OfPartial(string id, string text)
    {
        if (!TemplateIds.IsValid(id) || !TemplateIds.IsPartial(id)) throw new BadInputException("id", "is no path of a partial.");
        Check("text", text);
        return new TemplateContent(id, null, text);
    }

    /// <exception cref="BadInputException">The text is not as <see cref="Write"/> writes it.</exception>
    public static TemplateContent Read(string id, string stored)
    {
        if (TemplateIds.IsPartial(id)) return OfPartial(id, stored);
        try
        {
            var read = JsonSerializer.Deserialize<Stored>(stored, Json) ?? throw new BadInputException(id, "is null.");
            return Of(new TemplateSource(id, read.Class, read.Approach, read.Topics, read.Defaults, read.Parts));
        }
        catch (JsonException broken)
        {
            throw new BadInputException($"{id}: {broken.Path}", "is not a template's JSON.");
        }
    }

    public string Write() => Template is { } template
        ? JsonSerializer.Serialize(new Stored(template.Class, template.Approach, template.Topics, template.DefaultsJson, template.Parts), Json)
        : Partial!;

    /// <summary>The same under another id.</summary>
    public TemplateContent As(string id) => Template is { } template ? Of(template with { Id = id }) : OfPartial(id, Partial!);

    // PostgreSQL refuses NUL in text, and no mail needs one; broken UTF-16 can be stored nowhere.
    private static void Check(string part, string text)
    {
        if (text.Length > MaxPart) throw new BadInputException(part, $"has {text.Length} characters; at most {MaxPart} are allowed.");
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])) at++;
            else if (text[at] == '\0' || char.IsSurrogate(text[at])) throw new BadInputException(part, $"character {at + 1} cannot be stored: remove it.");
        }
    }

    private sealed record Stored(
        [property: JsonRequired] MessageClass Class, [property: JsonRequired] Approach Approach, [property: JsonRequired] IReadOnlyList<string> Topics,
        [property: JsonRequired] string Defaults, [property: JsonRequired] IReadOnlyDictionary<string, PartsSource> Parts);
}

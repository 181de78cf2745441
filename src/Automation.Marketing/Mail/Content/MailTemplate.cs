using System.Collections.Frozen;
using System.Text.Json;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Content.Lint;
using Automation.Templates;

namespace Automation.Marketing.Mail.Content;

/// <summary>One mail template in all its languages, parsed.</summary>
/// <param name="Id">Its path under <c>templates/</c>, e.g. <c>welcome/day-0</c>.</param>
/// <param name="Partials">What its parts include: the partials as they were when this template became the current one.</param>
public sealed record MailTemplate(
    string Id, MessageClass Class, Approach Approach, IReadOnlyList<string> Topics, TemplateObject Defaults, FrozenDictionary<string, MailParts> Parts, MailPartials Partials)
{
    /// <summary>As written.</summary>
    public required TemplateSource Source { get; init; }

    /// <summary>0 for the shipped file.</summary>
    public int Version { get; init; }

    /// <summary>What any partial may read.</summary>
    public IReadOnlySet<string> PartialRoots => Partials.Roots;

    /// <summary>Ids of the partials that its parts include themselves.</summary>
    public IReadOnlySet<string> Includes { get; } =
        Parts.Values.SelectMany(parts => parts.Subject.Includes.Concat(parts.Html.Includes).Concat(parts.Text.Includes)).Select(TemplateIds.OfPartial).ToHashSet(StringComparer.Ordinal);

    /// <summary>Every fault of its parts; mails of a template that has any fail and say so.</summary>
    public IEnumerable<TemplateMessage> Messages => Parts.Values.SelectMany(parts => parts.Subject.Messages.Concat(parts.Html.Messages).Concat(parts.Text.Messages));

    /// <summary>Parses what is written. Never throws for bad text: see <see cref="Messages"/>.</summary>
    public static MailTemplate Parse(TemplateSource source, MailPartials partials, int version = 0) => new(
        source.Id, source.Class, source.Approach, source.Topics, DefaultsOf(source.DefaultsJson),
        source.Parts.ToFrozenDictionary(pair => pair.Key, pair => Parse(source.Id, pair.Key, pair.Value), StringComparer.Ordinal), partials)
    {
        Source = source,
        Version = version,
    };

    /// <summary>The name under which a part's faults are reported, e.g. <c>welcome/day-0/html.ja.sbn</c>.</summary>
    public static string NameOf(string id, string part, string language) => $"{id}/{part}.{language}.sbn";

    /// <summary>The person's language, else the shop's, else any there is.</summary>
    public MailParts In(string? language, string shopLanguage) =>
        (language is not null && Parts.TryGetValue(language, out var own)) || Parts.TryGetValue(shopLanguage, out own) ? own : Parts.Values[0];

    /// <summary>True when any part reads this root, e.g. <c>purchases</c>: only then it is loaded.</summary>
    public bool Reads(string root) => PartialRoots.Contains(root) || Parts.Values.Any(parts => parts.Reads(root));

    private static MailParts Parse(string id, string language, PartsSource parts) => new(
        language,
        Template.Parse(parts.Subject, NameOf(id, "subject", language)),
        Template.Parse(parts.Html, NameOf(id, "html", language)),
        Template.Parse(parts.Text, NameOf(id, "text", language)));

    // Faulty defaults are the lint's to report; until they are mended there are none.
    private static TemplateObject DefaultsOf(string json)
    {
        if (string.IsNullOrWhiteSpace(json)) return [];
        try
        {
            using var defaults = JsonDocument.Parse(json);
            return defaults.RootElement.ValueKind is JsonValueKind.Object ? TemplateObject.FromJson(defaults.RootElement) : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}

/// <summary>Subject, HTML and text in one language.</summary>
public sealed record MailParts(string Language, Template Subject, Template Html, Template Text)
{
    public bool Reads(string root) => Subject.Roots.Contains(root) || Html.Roots.Contains(root) || Text.Roots.Contains(root);
}

/// <summary>What a person gets.</summary>
public sealed record RenderedMail(string Subject, string Html, string Text);

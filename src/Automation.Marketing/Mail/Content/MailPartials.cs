using System.Collections.Frozen;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Templates;

namespace Automation.Marketing.Mail.Content;

/// <summary>The partials that mails include, each parsed once for all of them. Immutable.</summary>
public sealed class MailPartials : ITemplateLoader
{
    public static readonly MailPartials None = new(FrozenDictionary<string, Partial>.Empty);

    private readonly FrozenDictionary<string, Partial> partials;

    private MailPartials(FrozenDictionary<string, Partial> partials)
    {
        this.partials = partials;
        Texts = partials.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.Text, StringComparer.Ordinal);
        Roots = partials.Values.SelectMany(partial => partial.Parsed.Roots).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>Texts by name, without <c>.sbn</c>.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; }

    /// <summary>What any of them may read.</summary>
    public IReadOnlySet<string> Roots { get; }

    /// <summary>Every fault of their texts.</summary>
    public IEnumerable<TemplateMessage> Messages => partials.OrderBy(pair => pair.Key, StringComparer.Ordinal).SelectMany(pair => pair.Value.Parsed.Messages);

    /// <summary>These partials; whose text is the same as before is not parsed again.</summary>
    /// <param name="texts">By name, without <c>.sbn</c>.</param>
    public MailPartials With(IEnumerable<KeyValuePair<string, string>> texts) => new(texts.ToFrozenDictionary(
        pair => pair.Key,
        pair => partials.TryGetValue(pair.Key, out var known) && known.Text == pair.Value
            ? known
            : new Partial(pair.Value, Template.Parse(pair.Value, TemplateIds.OfPartial(pair.Key) + ".sbn")),
        StringComparer.Ordinal));

    /// <summary>Ids of the partials that this one includes itself.</summary>
    public IEnumerable<string> IncludesOf(string id) => Find(TemplateIds.NameOfPartial(id))?.Parsed.Includes.Select(TemplateIds.OfPartial) ?? [];

    /// <summary>Ids of the partials that include this one themselves.</summary>
    public IEnumerable<string> IncludersOf(string id) =>
        partials.Keys.Select(TemplateIds.OfPartial).Where(other => IncludesOf(other).Contains(id, StringComparer.Ordinal)).Order(StringComparer.Ordinal);

    public string? Load(string name) => Find(name)?.Text;

    // Parsed with the options that all mails are parsed with.
    public Template? LoadTemplate(string name, TemplateParseOptions options) => Find(name)?.Parsed;

    private Partial? Find(string name) =>
        partials.TryGetValue(name, out var partial) || (name.EndsWith(".sbn", StringComparison.Ordinal) && partials.TryGetValue(name[..^4], out partial)) ? partial : null;

    private sealed record Partial(string Text, Template Parsed);
}

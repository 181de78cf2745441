using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Content.Lint;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.Templates;

namespace Automation.Marketing.Mail.Content.Preview;

/// <summary>Whom a preview is for: one real person, or a made-up one.</summary>
/// <param name="ContactId">Null: <paramref name="Sample"/>.</param>
public sealed record PreviewPerson(Guid? ContactId, SamplePerson Sample = SamplePerson.Typical);

/// <summary>How a mail would look. A part that cannot be rendered is null and says why.</summary>
/// <param name="Language">The language taken, which is another one where the wished one is missing.</param>
/// <param name="Errors">Name, line and column as in <see cref="MailTemplate.NameOf"/>.</param>
public sealed record PreviewMail(string Language, MessageClass Class, string? Subject, string? Html, string? Text, IReadOnlyList<TemplateMessage> Errors)
{
    /// <summary>The whole mail.</summary>
    /// <exception cref="RuleBrokenException">A part could not be rendered.</exception>
    public RenderedMail Whole() => Subject is not null && Html is not null && Text is not null
        ? new RenderedMail(Subject, Html, Text)
        : throw new RuleBrokenException("The mail cannot be rendered. Mend its errors first.");
}

/// <summary>Renders what is being written as it would be mailed, changing nothing. Its links lead nowhere.</summary>
public sealed class MailPreview(TemplateCatalogue catalogue, TemplateRenderer renderer, LinkFactory links, TimeProvider clock) : IDisposable
{
    // An editor asks after every pause in typing: this many at a time, so that previews never starve the sending of mail.
    private readonly SemaphoreSlim atOnce = new(2);

    /// <summary>What a template may read, for editors that offer it: members by root.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Vocabulary => SamplePeople.Vocabulary;

    /// <param name="content">For a partial: shown within the template <paramref name="within"/>.</param>
    /// <returns>Null when the person or the template around the partial does not exist.</returns>
    public async Task<PreviewMail?> RenderAsync(
        AutomationDb db, TemplateContent content, string? within, string language, PreviewPerson person, CancellationToken cancellation)
    {
        if (TemplateOf(content, within) is not { } template) return null;
        var shop = await db.ShopAsync(cancellation);
        var now = clock.GetUtcNow();
        var models = person.ContactId is { } id
            ? await MailModels.LoadAsync(db, [id], shop, template.Reads, cancellation)
            : SamplePeople.ModelsOf(person.Sample, language, shop, now);
        if (models.Find(person.ContactId ?? Guid.Empty) is null) return null;
        var season = await db.QueryAsync(
            "SELECT season FROM occurrences WHERE template = @p0 AND state = 'Planned' ORDER BY opens_at LIMIT 1", row => row.Text(0), cancellation, template.Id);
        var context = SamplePeople.Context(person.ContactId is null ? person.Sample : null, language, season.FirstOrDefault(), now);
        var linkModel = await LinksAsync(db, cancellation);
        await atOnce.WaitAsync(cancellation);
        try
        {
            return await Task.Run(
                () => renderer.Preview(template, language, shop.Language, () => models.For(person.ContactId ?? Guid.Empty, context, Copy(linkModel), template.Defaults), cancellation),
                cancellation);
        }
        finally
        {
            atOnce.Release();
        }
    }

    /// <summary>A subject as a made-up person would read it, or as written when it cannot be rendered.</summary>
    public string Subject(TemplateSource template, string language, ShopIdentity shop)
    {
        var parts = template.Parts.GetValueOrDefault(language) ?? template.Parts.Values.First();
        if (!parts.Subject.Contains("{{", StringComparison.Ordinal)) return parts.Subject;
        var alone = MailTemplate.Parse(template with { Parts = new Dictionary<string, PartsSource> { [language] = new(parts.Subject, "", "") } }, catalogue.Current.Partials);
        var now = clock.GetUtcNow();
        var models = SamplePeople.ModelsOf(SamplePerson.Typical, language, shop, now);
        var context = SamplePeople.Context(SamplePerson.Typical, language, season: null, now);
        return renderer.Preview(alone, language, language, () => models.For(Guid.Empty, context, links: null, alone.Defaults), CancellationToken.None).Subject ?? parts.Subject;
    }

    public void Dispose() => atOnce.Dispose();

    private MailTemplate? TemplateOf(TemplateContent content, string? within)
    {
        var shelf = catalogue.Current;
        if (content.Template is { } template) return MailTemplate.Parse(template, shelf.Partials);
        if (within is null || shelf.Find(within) is not { } around) return null;
        var texts = new Dictionary<string, string>(shelf.Partials.Texts, StringComparer.Ordinal) { [TemplateIds.NameOfPartial(content.Id)] = content.Partial! };
        return around with { Partials = shelf.Partials.With(texts) };
    }

    // Nobody's links: whoever follows one from a preview or a test mail changes nothing.
    private async Task<Dictionary<string, string>> LinksAsync(AutomationDb db, CancellationToken cancellation)
    {
        var own = await links.ForAsync(db, cancellation);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["unsubscribe"] = own.UnsubscribeUrl(MailLinks.Nobody, MailLinks.Nobody),
            ["preferences"] = own.PreferencesUrl(MailLinks.Nobody, MailLinks.Nobody),
        };
    }

    private static TemplateObject Copy(Dictionary<string, string> values)
    {
        var copy = new TemplateObject(values.Count);
        foreach (var (name, value) in values) copy[name] = value;
        return copy;
    }
}

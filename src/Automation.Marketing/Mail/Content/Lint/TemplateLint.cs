using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Automation.Templates;
using Automation.Templates.Analysis;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>Looks a template over before it is published: what would fail, be blank or break a rule, each with its place and its remedy.</summary>
/// <remarks>Pure: reads no database and no files. Never throws for bad text; hostile templates end within the bounds of the language.</remarks>
public sealed class TemplateLint
{
    private const int LongestPart = 1_000_000;

    private readonly TemplateSource source;
    private readonly LintOptions options;
    private readonly PartialTexts partials;
    private readonly Findings findings = new();
    private readonly TemplateObject? defaults;
    private readonly ModelShape model;

    private TemplateLint(TemplateSource source, IReadOnlyDictionary<string, string> partials, LintOptions options)
    {
        (this.source, this.options, this.partials) = (source, options, new PartialTexts(partials));
        defaults = Defaults(source.DefaultsJson);
        model = defaults is null ? MailShape.Model : MailShape.Model.WithDefaults(defaults);
    }

    /// <param name="template">The template as written.</param>
    /// <param name="partials">Texts of all partials by name, with or without <c>.sbn</c>.</param>
    /// <param name="options">What else is known.</param>
    /// <returns>Findings in the order of languages and parts; each once.</returns>
    public static IReadOnlyList<LintFinding> Check(TemplateSource template, IReadOnlyDictionary<string, string> partials, LintOptions options)
    {
        var lint = new TemplateLint(template, partials, options);
        lint.CheckSettings();
        foreach (var (language, parts) in template.Parts.OrderBy(each => each.Key == "ja" ? "" : each.Key, StringComparer.Ordinal)) lint.CheckWithinBounds(language, parts);
        return lint.findings.All;
    }

    /// <summary>Looks over a partial alone: its syntax, names, links and images. What a whole mail must have is not asked of it.</summary>
    /// <param name="name">Its name, with or without <c>.sbn</c>; one with <c>.text</c> in it is not read as HTML.</param>
    /// <param name="text">Its text.</param>
    /// <param name="partials">Texts of all partials by name, with or without <c>.sbn</c>.</param>
    /// <param name="options">What else is known.</param>
    public static IReadOnlyList<LintFinding> CheckPartial(string name, string text, IReadOnlyDictionary<string, string> partials, LintOptions options)
    {
        _ = options;
        var findings = new Findings();
        var others = new PartialTexts(partials);
        var part = new LintedPart(PartialTexts.Folder + name, language: "", text, MailShape.Model, others, isPartial: true);
        NameRules.Check(part, others, findings);
        WordRules.CheckForeignMarks(part, findings);
        if (name.Contains(".text", StringComparison.Ordinal)) LinkRules.CheckText(part, findings);
        else LinkRules.CheckHtml(part, findings);
        return findings.All;
    }

    private void CheckSettings()
    {
        var settings = Spot.Whole("settings", "");
        if (source.Class is MessageClass.Marketing && source.Approach is Approach.None)
            findings.Error(LintCodes.Settings, "A marketing template needs an approach. Choose A1, A2 or A3.", settings);
        if (source.Parts.Count == 0)
            findings.Error(LintCodes.NoLanguage, "The template has no text in any language. Write the subject, the HTML and the text in one at least.", settings);
        if (options.KnownTopics is { } known)
        {
            foreach (var topic in source.Topics.Where(topic => !known.Contains(topic)))
                findings.Warning(LintCodes.Settings, "Nobody can choose the topic '{0}'. Use a topic that the preferences page offers.", settings, topic);
        }
        if (defaults is null && !string.IsNullOrWhiteSpace(source.DefaultsJson))
            findings.Error(LintCodes.Settings, "The defaults are not a JSON object. Write names and values in braces, as the shipped templates do.", settings);
    }

    private void CheckWithinBounds(string language, PartsSource parts)
    {
        var isTooLong = Math.Max(Math.Max(parts.Subject.Length, parts.Html.Length), parts.Text.Length) > LongestPart;
        try
        {
            if (!isTooLong) CheckLanguage(language, parts);
        }
        catch (RegexMatchTimeoutException)
        {
            isTooLong = true;
        }
        if (isTooLong)
            findings.Error(LintCodes.TooTangled, "This part is too large or too tangled to be checked. Split it, or include fewer partials in each other.", Spot.Whole("settings", language));
    }

    private void CheckLanguage(string language, PartsSource parts)
    {
        if (string.IsNullOrWhiteSpace(parts.Subject + parts.Html + parts.Text))
        {
            findings.Error(LintCodes.NoLanguage, "There is nothing written in the language '{0}'. Write its parts, or remove the language.", Spot.Whole("settings", language), language);
            return;
        }
        var (subject, html, text) = (Part("subject", parts.Subject, language), Part("html", parts.Html, language), Part("text", parts.Text, language));
        foreach (var part in new[] { subject, html, text })
        {
            NameRules.Check(part, partials, findings);
            WordRules.CheckForeignMarks(part, findings);
            if (source is { Class: MessageClass.Marketing, Approach: Approach.A3 }) WordRules.CheckOffers(part, findings);
        }
        SubjectRules.Check(subject, Rendered(subject, escapes: false), findings);
        CheckHtml(html);
        CheckText(text);
    }

    private void CheckHtml(LintedPart html)
    {
        if (html.IsBlank)
        {
            findings.Error(LintCodes.NoHtml, "The HTML part shows nothing. Write what the mail is to say.", html.Whole);
            return;
        }
        LinkRules.CheckHtml(html, findings);
        BodyRules.Check(html, Rendered(html, escapes: true), findings);
        LegalRules.Check(html, source.Class, findings);
    }

    private void CheckText(LintedPart text)
    {
        if (text.IsBlank)
        {
            findings.Error(LintCodes.NoText, "There is no text part, and some programs show nothing else. Make it from the HTML and read it over.", text.Whole);
            return;
        }
        LinkRules.CheckText(text, findings);
        Rendered(text, escapes: false);
        LegalRules.Check(text, source.Class, findings);
    }

    private LintedPart Part(string name, string text, string language) => new(name, language, text, model, partials);

    // What fails without a reason found before is a finding of its own; what has one would only be said twice.
    private List<string> Rendered(LintedPart part, bool escapes)
    {
        var texts = new List<string>();
        if (part.Template.HasErrors) return texts;
        var rendering = TemplateOptions.Mail with
        {
            Culture = CultureInfo.GetCultureInfo(part.Language == "ja" ? "ja-JP" : "en-US"),
            Loader = partials,
            Clock = options.Clock,
            EscapeHtml = escapes,
        };
        foreach (var sample in options.SampleModels.Count > 0 ? options.SampleModels : SampleModels.For(defaults))
        {
            try
            {
                texts.Add(part.Template.Render(new TemplateContext((TemplateObject)MailModels.CopyOf(sample)!, rendering)));
            }
            catch (TemplateException failure)
            {
                if (findings.HasErrors(part.Name, part.Language)) continue;
                findings.Error(LintCodes.RenderFails, "The mail cannot be made: {0} Mend what stands there, or guard it with an if.", Spot.At(failure.Messages[0], part.Language, part.Text), failure.Messages[0].Text);
            }
        }
        return texts;
    }

    private static TemplateObject? Defaults(string json)
    {
        if (string.IsNullOrWhiteSpace(json)) return null;
        try
        {
            using var parsed = JsonDocument.Parse(json);
            return parsed.RootElement.ValueKind is JsonValueKind.Object ? TemplateObject.FromJson(parsed.RootElement) : null;
        }
        // Typed values ({"$date": …}) and broken UTF-16 are refused in their own ways.
        catch (Exception broken) when (broken is JsonException or FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}

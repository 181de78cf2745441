using Automation.Templates;
using Automation.Templates.Analysis;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>One text of a mail, or a partial, parsed and analysed.</summary>
internal sealed class LintedPart
{
    private HtmlReading? html;

    public LintedPart(string name, string language, string text, ModelShape model, PartialTexts partials, bool isPartial = false)
    {
        (Name, Language, Text) = (name, language, text);
        Template = Template.Parse(text, name);
        Analysis = TemplateAnalysis.Of(Template, model, partials, isPartial);
    }

    public string Name { get; }

    /// <summary>Empty for a partial.</summary>
    public string Language { get; }

    public string Text { get; }

    public Template Template { get; }

    public TemplateAnalysis Analysis { get; }

    public IReadOnlyList<TemplatePiece> Pieces => Analysis.Pieces;

    public HtmlReading Html => html ??= HtmlReading.Of(Pieces);

    public bool IsBlank => string.IsNullOrWhiteSpace(Text);

    public Spot Whole => Spot.Whole(Name, Language);

    public Spot At(TemplatePlace place) => Spot.At(place, Language);
}

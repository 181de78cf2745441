using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Content.Lint;

namespace Automation.Marketing.Tests.Content.Lint;

public sealed class ShippedTemplatesTests
{
    private static readonly TemplateCatalogue Catalogue = TemplateCatalogue.Load(Shipped.Templates);

    public static TheoryData<string> Templates => [.. Catalogue.All.Select(template => template.Id)];

    public static TheoryData<string> Partials => [.. PartialTexts().Keys];

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_shipped_template_has_no_fault(string id)
    {
        var template = Catalogue.Find(id)!;
        var parts = template.Parts.Keys.ToDictionary(language => language, language => new PartsSource(Text(id, "subject", language), Text(id, "html", language), Text(id, "text", language)));
        Assert.Equal(2, parts.Count);
        var source = new TemplateSource(id, template.Class, template.Approach, template.Topics, "{}", parts);
        Assert.Empty(TemplateLint.Check(source, PartialTexts(), LintOptions.Default).Select(finding => finding.ToString()));
    }

    [Theory]
    [MemberData(nameof(Partials))]
    public void A_shipped_partial_has_no_fault(string name)
    {
        Assert.Empty(TemplateLint.CheckPartial(name, PartialTexts()[name], PartialTexts(), LintOptions.Default).Select(finding => finding.ToString()));
    }

    private static string Text(string id, string part, string language) => File.ReadAllText(Path.Combine(Shipped.Templates, id, $"{part}.{language}.sbn"));

    private static Dictionary<string, string> PartialTexts() =>
        Directory.EnumerateFiles(Path.Combine(Shipped.Templates, "_partials"), "*.sbn").ToDictionary(file => Path.GetFileName(file), File.ReadAllText);
}

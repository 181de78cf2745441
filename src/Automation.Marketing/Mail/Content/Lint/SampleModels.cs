using Automation.Templates;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>People to render with where no others are given: one of whom everything is known, and one of whom nothing is.</summary>
internal static class SampleModels
{
    public static IReadOnlyList<TemplateObject> For(TemplateObject? defaults) => [With(Known(), defaults), With(Unknown(), defaults)];

    private static TemplateObject Known() => new(8)
    {
        ["contact"] = Contact("田中 陽子", "タナカ ヨウコ", "旅館 松風亭", "福井県", "ja"),
        ["purchases"] = new TemplateArray([Purchase(), Purchase()]),
        ["deal"] = new TemplateObject { ["id"] = "D-1", ["stage"] = "A", ["owner"] = "小島 里奈", ["revisit_on"] = Day(2027, 5, 9) },
        ["event"] = new TemplateObject { ["type"] = "page.viewed", ["occurred_at"] = Day(2026, 11, 1), ["data"] = new TemplateObject() },
        ["campaign"] = new TemplateObject { ["name"] = "秋の便り", ["title"] = "秋の便り", ["lead"] = "港からお便りします。", ["tip"] = "弱めの火でじっくりと。", ["topics"] = new TemplateArray() },
        ["season"] = new TemplateObject { ["key"] = "crab-2026", ["opens_on"] = Day(2026, 11, 6), ["ends_on"] = Day(2027, 3, 20) },
        ["shop"] = Shop(),
        ["links"] = Links("https://example.com/view/token"),
    };

    private static TemplateObject Unknown() => new(8)
    {
        ["contact"] = Contact(name: null, kana: null, company: null, prefecture: null, language: null),
        ["purchases"] = new TemplateArray(),
        ["deal"] = null,
        ["shop"] = Shop(),
        ["links"] = Links(view: null),
    };

    private static TemplateObject With(TemplateObject model, TemplateObject? defaults)
    {
        if (defaults is not null) MailModels.Complete(model, defaults);
        return model;
    }

    private static TemplateObject Contact(string? name, string? kana, string? company, string? prefecture, string? language) => new(9)
    {
        ["id"] = "C-1",
        ["name"] = name,
        ["kana"] = kana,
        ["email"] = "someone@example.com",
        ["company"] = company,
        ["prefecture"] = prefecture,
        ["language"] = language,
        ["tags"] = new TemplateArray(),
        ["custom"] = new TemplateObject(),
    };

    private static TemplateObject Purchase() => new(5)
    {
        ["date"] = Day(2025, 12, 20),
        ["product"] = "越前がに",
        ["category"] = "かに",
        ["quantity"] = 1m,
        ["net"] = 14_800m,
    };

    private static TemplateObject Shop() => new(6)
    {
        ["name"] = "みなと",
        ["legal_name"] = "みなと水産株式会社",
        ["address"] = "福井県坂井市三国町1-2-3",
        ["phone"] = "0776-00-0000",
        ["url"] = "https://example.com/",
        ["email"] = "shop@example.com",
    };

    private static TemplateObject Links(string? view) => new(3)
    {
        ["unsubscribe"] = "https://example.com/u/token",
        ["preferences"] = "https://example.com/preferences/token",
        ["view"] = view,
    };

    private static DateTime Day(int year, int month, int day) => new(year, month, day, 0, 0, 0, DateTimeKind.Unspecified);
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Templates;

namespace Automation.Marketing.Tests.Content;

/// <summary>People that a template must cope with, as the models it is given.</summary>
internal static class MailPeople
{
    public const string UnsubscribeUrl = "https://mail.example.com/u/token?a=1&b=2";
    public const string PreferencesUrl = "https://mail.example.com/preferences/token";

    private static readonly string Long = string.Concat(Enumerable.Repeat("ジュゲムジュゲムゴコウノスリキレ", 12));
    private const string Hostile = "<script>alert('x')</script>&\"{{ shop.name }}";

    /// <summary>By name: what a typical person and the worst ones look like.</summary>
    public static readonly IReadOnlyDictionary<string, Func<string, TemplateObject>> All = new Dictionary<string, Func<string, TemplateObject>>(StringComparer.Ordinal)
    {
        ["typical"] = Typical,
        ["known by nothing but an address"] = Unknown,
        ["with empty fields"] = language => Filled(language, ""),
        ["with very long fields"] = language => Filled(language, Long),
        ["with markup in every field"] = language => Filled(language, Hostile),
        ["with a history of many purchases"] = Devoted,
    };

    /// <summary>A customer with a name, a company, a purchase, a deal and an order, in the crab season.</summary>
    public static TemplateObject Typical(string language) => Model(language, new JsonObject
    {
        ["contact"] = language == "ja"
            ? new JsonObject { ["id"] = "C-00042", ["name"] = "田中 陽子", ["kana"] = "タナカ ヨウコ", ["company"] = "旅館 松風亭", ["email"] = "yoko@example.com", ["language"] = "ja" }
            : new JsonObject { ["id"] = "C-00001", ["name"] = "Emma Clarke", ["kana"] = null, ["company"] = "Harbour Inn", ["email"] = "emma@example.com", ["language"] = "en" },
        ["purchases"] = new JsonArray(Purchase("2025-12-20", language == "ja" ? "わけあり越前がに" : "Echizen crab"), Purchase("2024-12-03", "Older")),
        ["deal"] = new JsonObject
        {
            ["id"] = "D-004",
            ["stage"] = "S",
            ["owner"] = language == "ja" ? "小島 里奈" : "Rina Kojima",
            ["revisit_on"] = Date("2027-05-09"),
        },
        ["event"] = Event("W261120-007", 19_780, (language == "ja" ? "越前がに 浜ゆで 中" : "Echizen crab, boiled", 14_800), (language == "ja" ? "干物の詰め合わせ" : "Dried fish box", 4_980)),
        ["season"] = new JsonObject { ["key"] = "crab-2026", ["opens_on"] = Date("2026-11-06"), ["ends_on"] = Date("2027-03-20") },
        ["confirm"] = new JsonObject { ["url"] = "https://mail.example.com/confirm/token", ["hours"] = 72 },
    });

    private static TemplateObject Unknown(string language) => Model(language, new JsonObject
    {
        ["contact"] = new JsonObject { ["id"] = "x", ["name"] = null, ["kana"] = null, ["company"] = null, ["email"] = "x@example.com", ["language"] = null },
        ["purchases"] = new JsonArray(),
        ["deal"] = null,
    });

    private static TemplateObject Filled(string language, string text) => Model(language, new JsonObject
    {
        ["contact"] = new JsonObject { ["id"] = "x", ["name"] = text, ["kana"] = text, ["company"] = text, ["email"] = "x@example.com", ["language"] = language },
        ["purchases"] = new JsonArray(Purchase("2025-12-20", text)),
        ["deal"] = new JsonObject { ["id"] = text, ["stage"] = text, ["owner"] = text, ["revisit_on"] = null },
        ["event"] = Event(text, 1, (text, 1)),
        ["season"] = new JsonObject { ["key"] = text, ["opens_on"] = null, ["ends_on"] = null },
        ["campaign"] = new JsonObject { ["title"] = text, ["lead"] = text, ["topics"] = new JsonArray(new JsonObject { ["title"] = text, ["text"] = text }) },
    });

    private static TemplateObject Devoted(string language) => Model(language, new JsonObject
    {
        ["contact"] = new JsonObject { ["id"] = "x", ["name"] = "A", ["email"] = "x@example.com" },
        ["purchases"] = new JsonArray([.. Enumerable.Range(0, 100).Select(at => (JsonNode?)Purchase($"2025-12-{at % 28 + 1:00}", "P"))]),
    });

    private static JsonObject Purchase(string date, string product) =>
        new() { ["date"] = Date(date), ["product"] = product, ["category"] = "かに", ["quantity"] = 1, ["net"] = 14_800 };

    private static JsonObject Event(string orderId, int total, params (string Product, int Net)[] lines) => new()
    {
        ["type"] = "order.placed",
        ["data"] = new JsonObject
        {
            ["order_id"] = orderId,
            ["total"] = total,
            ["lines"] = new JsonArray([.. lines.Select(line => (JsonNode?)new JsonObject { ["product"] = line.Product, ["quantity"] = 1, ["net"] = line.Net })]),
        },
    };

    private static JsonObject Date(string day) => new() { ["$date"] = day };

    private static TemplateObject Model(string language, JsonObject personal)
    {
        personal["shop"] = language == "ja"
            ? Shop("越前みなと水産", "越前みなと水産株式会社", "〒913-0000 福井県坂井市三国町みなと浜1-2-3")
            : Shop("Echizen Minato", "Echizen Minato Suisan Co., Ltd.", "1-2-3 Minatohama, Sakai, Fukui 913-0000, Japan");
        personal["links"] = new JsonObject { ["unsubscribe"] = UnsubscribeUrl, ["preferences"] = PreferencesUrl, ["view"] = null };
        using var json = JsonDocument.Parse(personal.ToJsonString());
        return TemplateObject.FromJson(json.RootElement);
    }

    private static JsonObject Shop(string name, string legalName, string address) => new()
    {
        ["name"] = name,
        ["legal_name"] = legalName,
        ["address"] = address,
        ["phone"] = "0776-00-1106",
        ["url"] = "https://minato.example.com/",
    };
}

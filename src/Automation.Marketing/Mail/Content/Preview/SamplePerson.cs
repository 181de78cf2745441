using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Templates;

namespace Automation.Marketing.Mail.Content.Preview;

/// <summary>Made-up people that a mail must cope with.</summary>
public enum SamplePerson
{
    /// <summary>Everything is known.</summary>
    Typical,

    /// <summary>An address and nothing else.</summary>
    NoName,

    /// <summary>As long as names, kana and products get.</summary>
    LongName,

    NoPurchases,

    /// <summary>Markup and code in every field.</summary>
    Hostile,
}

/// <summary>Models of the made-up people, and the example of an event and a season that every preview sees.</summary>
internal static class SamplePeople
{
    private const string HostileText = "<script>alert('x')</script>&\"{{ shop.name }}";
    private static readonly string LongText = string.Concat(Enumerable.Repeat("じゅげむじゅげむごこうのすりきれ", 5));
    private static readonly string LongKana = string.Concat(Enumerable.Repeat("ジュゲムジュゲムゴコウノスリキレ", 8));

    public static MailModels ModelsOf(SamplePerson who, string language, ShopIdentity shop, DateTimeOffset now)
    {
        var contact = Contact.Create(Guid.Empty, now);
        contact.Language = language;
        contact.SetEmail(EmailAddress.Parse("sample@example.com"));
        switch (who)
        {
            case SamplePerson.NoName:
                break;
            case SamplePerson.LongName:
                Name(contact, LongText, LongKana);
                break;
            case SamplePerson.Hostile:
                Name(contact, HostileText, HostileText);
                break;
            default:
                Name(contact, language == "ja" ? "田中 陽子" : "Emma Clarke", "タナカ ヨウコ");
                contact.Company = language == "ja" ? "旅館 松風亭" : "Harbour Inn";
                break;
        }
        return MailModels.OfOne(contact, Tags(who), Purchases(who, language, now), Deal(who, language, now), shop);
    }

    /// <summary>What the message would bring along; mails read it beside the person.</summary>
    /// <param name="season">JSON of a planned season, or null for a made-up one.</param>
    public static string Context(SamplePerson? who, string language, string? season, DateTimeOffset now) => new JsonObject
    {
        ["event"] = new JsonObject
        {
            ["type"] = "order.placed",
            ["occurred_at"] = now.ToString("O", CultureInfo.InvariantCulture),
            ["source"] = "web-shop",
            ["data"] = new JsonObject
            {
                ["order_id"] = Text(who, "W261120-007"),
                ["product"] = Text(who, Product(language)),
                ["total"] = 19_780,
                ["lines"] = new JsonArray(
                    new JsonObject { ["product"] = Text(who, Product(language)), ["quantity"] = 1, ["net"] = 14_800 },
                    new JsonObject { ["product"] = Text(who, language == "ja" ? "干物の詰め合わせ" : "Dried fish box"), ["quantity"] = 1, ["net"] = 4_980 }),
            },
        },
        ["campaign"] = new JsonObject { ["name"] = Text(who, language == "ja" ? "季節のお便り" : "Letter of the season") },
        ["season"] = season is null
            ? new JsonObject { ["key"] = "sample", ["opens_on"] = Date(now.AddDays(14)), ["ends_on"] = Date(now.AddDays(150)) }
            : JsonNode.Parse(season),
    }.ToJsonString();

    /// <summary>What a template may read: members by root, as the model of a person of whom everything is known has them.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Vocabulary { get; } = VocabularyOf();

    private static Dictionary<string, IReadOnlyList<string>> VocabularyOf()
    {
        var links = new TemplateObject { { "unsubscribe", "" }, { "preferences", "" } };
        var model = ModelsOf(SamplePerson.Typical, "ja", ShopIdentity.Unnamed, DateTimeOffset.UnixEpoch)
            .For(Guid.Empty, Context(SamplePerson.Typical, "ja", season: null, DateTimeOffset.UnixEpoch), links, defaults: null);
        return model.ToDictionary(
            root => root.Key, root => (IReadOnlyList<string>)[.. (root.Value as TemplateObject ?? []).Select(member => member.Key)], StringComparer.Ordinal);
    }

    private static void Name(Contact contact, string name, string kana) => (contact.Name, contact.Kana, contact.Company) = (name, kana, name);

    private static string[] Tags(SamplePerson who) => who switch
    {
        SamplePerson.NoName => [],
        SamplePerson.Hostile => [HostileText],
        _ => ["かに", "お得意様"],
    };

    private static IEnumerable<TemplateObject> Purchases(SamplePerson who, string language, DateTimeOffset now)
    {
        if (who is SamplePerson.NoName or SamplePerson.NoPurchases) yield break;
        for (var order = 0; order < 3; order++)
        {
            yield return new TemplateObject(5)
            {
                ["date"] = now.AddMonths(-1 - 11 * order).Date,
                ["product"] = Text(who, Product(language)),
                ["category"] = Text(who, "かに"),
                ["quantity"] = 1m,
                ["net"] = 14_800m,
            };
        }
    }

    private static TemplateObject? Deal(SamplePerson who, string language, DateTimeOffset now) => who is SamplePerson.NoName ? null : new TemplateObject(4)
    {
        ["id"] = "D-004",
        ["stage"] = Text(who, language == "ja" ? "見積" : "Quote"),
        ["owner"] = Text(who, language == "ja" ? "小島 里奈" : "Rina Kojima"),
        ["revisit_on"] = now.AddMonths(6).Date,
    };

    private static string Product(string language) => language == "ja" ? "越前がに 浜ゆで 中" : "Echizen crab, boiled";

    private static string Text(SamplePerson? who, string usual) => who switch
    {
        SamplePerson.LongName => LongText,
        SamplePerson.Hostile => HostileText,
        _ => usual,
    };

    // The form in which models carry dates in JSON.
    private static JsonObject Date(DateTimeOffset at) => new() { ["$date"] = at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
}

using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>Says an audience rule in words.</summary>
public sealed class AudienceWords(IStringLocalizer words, Show show)
{
    /// <param name="json">The rule as stored.</param>
    public string Of(string json)
    {
        try { return Of(Audiences.Parse(json, "audience")); }
        catch (BadInputException unreadable) { return unreadable.Message; }
    }

    public string Of(Audience audience)
    {
        var parts = new List<string>();
        if (audience.Tags is { Count: > 0 } tags) parts.Add(words["tagged {0}", Listed(tags)]);
        if (audience.NotTags is { Count: > 0 } notTags) parts.Add(words["not tagged {0}", Listed(notTags)]);
        if (audience.Prefectures is { Count: > 0 } prefectures) parts.Add(words["living in {0}", Listed(prefectures)]);
        if (audience.Bought is { } bought) parts.Add(words["who bought {0}", Span(bought)]);
        if (audience.NotBought is { } notBought) parts.Add(words["who did not buy {0}", Span(notBought)]);
        if (audience.Silent is true) parts.Add(words["customers who have heard nothing for long"]);
        if (audience.Due is { } due) parts.Add(due.Category.Length == 0 ? words["due to buy again within {0} days", due.WithinDays] : words["due to buy {0} again within {1} days", due.Category, due.WithinDays]);
        return parts.Count == 0 ? words["everyone with an address"] : string.Join(words[", "], parts);
    }

    private string Span(PurchaseSpan span)
    {
        string when = (span.LastDays, span.From, span.To) switch
        {
            ({ } days, _, _) => words["in the last {0} days", days],
            (_, { } from, { } to) => words["between {0} and {1}", show.Day(from), show.Day(to)],
            (_, { } from, _) => words["since {0}", show.Day(from)],
            (_, _, { } to) => words["until {0}", show.Day(to)],
            _ => words["ever"],
        };
        return (span.Product ?? span.Category) is { } what ? words["{0} {1}", what, when] : when;
    }

    private static string Listed(IReadOnlyList<string> names) => string.Join("・", names);
}

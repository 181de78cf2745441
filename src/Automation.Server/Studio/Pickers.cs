using System.Text.Json.Nodes;
using Automation.Marketing.Contacts;
using Automation.Marketing.Deals;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Studio;

/// <summary>One line of a picker.</summary>
internal sealed record Choice(string Text, string Value);

/// <summary>What inputs can be filled with, from what exists now.</summary>
internal sealed class Pickers(AutomationDb db, TemplateCatalogue templates, IStringLocalizer words, Story story, Show show)
{
    // A picker is for people; what is rarer than this is written as an expression.
    private const int Most = 500;

    private static readonly string[] KnownEvents =
    [
        "lead.created", "newsletter.subscribed", "order.placed", "quote.requested", "form.submitted", "document.downloaded", "cart.abandoned",
        "page.viewed", "seminar.attended", "mail.clicked", "mail.opened", "repurchase.due", "repurchase.lapsed", "repurchase.dormant",
    ];

    /// <summary>Whether an input is filled from what exists; it is known by its name, whatever the activity.</summary>
    public static bool Feeds(string input) => input is "Template" or "Tag" or "EventType" or "Reasons" or "Anchor" or "Field";

    /// <param name="type">Of the activity; empty: all that some activity can take.</param>
    /// <param name="current">The value the input has; offered too, so that opening a step never empties it.</param>
    public async Task<IReadOnlyList<Choice>> ForAsync(string type, string input, string? current, CancellationToken cancellation)
    {
        List<Choice> choices = input switch
        {
            "Template" => [.. templates.All.Select(template => new Choice(template.Id, template.Id))],
            "Tag" => [.. (await db.ContactTags.AsNoTracking().Select(tag => tag.Tag).Distinct().OrderBy(tag => tag).Take(Most).ToListAsync(cancellation)).Select(tag => new Choice(tag, tag))],
            "EventType" => await EventsAsync(cancellation),
            "Reasons" => [.. HandBackReasons.Words.Select(word => new Choice(HandBackReasons.TryParse(word, out var reason) ? show.Reason(reason) : word, word)), new(words["with a revisit date"], HandingBack.Revisit)],
            "Anchor" => [.. (await db.Anchors.AsNoTracking().OrderBy(anchor => anchor.Key).ToListAsync(cancellation)).Select(anchor => new Choice(Words.Either(anchor.Key, anchor.NameEn), anchor.Key))],
            "Field" => [.. (await ContactFields.LoadAsync(db, cancellation)).Keys(dateOnly: type == "Automation.DateReached").Select(key => new Choice(FieldName(key), key))],
            _ => [],
        };
        if (!string.IsNullOrEmpty(current) && input is not "Reasons" && !choices.Exists(choice => choice.Value == current)) choices.Add(new(current, current));
        return choices;
    }

    private string FieldName(string key) => key switch
    {
        "name" => words["Name"],
        "kana" => words["Kana"],
        "company" => words["Company"],
        "postal_code" => words["Postal code"],
        "prefecture" => words["Prefecture"],
        "address" => words["Street address"],
        "phone" => words["Phone"],
        "language" => words["Language"],
        "time_zone" => words["Time zone"],
        "birth_date" => words["Birthday"],
        _ => key,
    };

    private async Task<List<Choice>> EventsAsync(CancellationToken cancellation)
    {
        var seen = await db.LeadEvents.AsNoTracking().Select(lead => lead.Type).Distinct().OrderBy(type => type).Take(Most).ToListAsync(cancellation);
        return [.. KnownEvents.Union(seen, StringComparer.Ordinal).Select(type => new Choice(story.EventName(type) is var name && name == type ? type : $"{name} ({type})", type))];
    }

    /// <summary>What the designer's editors are told, by their hint.</summary>
    public static JsonObject Specification(string hint, IEnumerable<Choice> choices) => hint switch
    {
        "checklist" => new() { ["checklist"] = new JsonObject { ["checkList"] = new JsonObject { ["items"] = Items(choices, withTick: true) } } },
        "radiolist" => new() { ["radiolist"] = new JsonObject { ["radioList"] = new JsonObject { ["items"] = Items(choices) } } },
        _ => new() { ["dropdown"] = new JsonObject { ["selectList"] = new JsonObject { ["items"] = Items(choices), ["isFlagsEnum"] = false } } },
    };

    private static JsonArray Items(IEnumerable<Choice> choices, bool withTick = false)
    {
        var items = new JsonArray();
        foreach (var choice in choices)
        {
            var item = new JsonObject { ["text"] = choice.Text, ["value"] = choice.Value };
            if (withTick) item["isChecked"] = false;
            items.Add(item);
        }
        return items;
    }
}

using System.Text.Json;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Templates;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail.Content;

/// <summary>What a template may be told about people: loaded for many at once, only as far as it is read.</summary>
public sealed class MailModels
{
    private const int MostPurchases = 100;

    /// <summary>Roots that all recipients of a sending share, whether they have a value or not.</summary>
    public static readonly IReadOnlyList<string> SharedRoots = ["shop", "campaign", "season"];

    // Whatever stands under one of these names is about one person.
    private static readonly string[] PersonalRoots = ["contact", "purchases", "deal", "event", "links"];

    private readonly Dictionary<Guid, MailedPerson> people;
    private readonly ILookup<Guid, string> tags;
    private readonly ILookup<Guid, TemplateObject> purchases;
    private readonly Dictionary<Guid, TemplateObject> deals;

    private MailModels(
        Dictionary<Guid, MailedPerson> people, ILookup<Guid, string> tags, ILookup<Guid, TemplateObject> purchases,
        Dictionary<Guid, TemplateObject> deals, ShopIdentity identity)
    {
        (this.people, this.tags, this.purchases, this.deals) = (people, tags, purchases, deals);
        Identity = identity;
    }

    public ShopIdentity Identity { get; }

    /// <param name="reads">Whether a root such as <c>purchases</c> will be read at all.</param>
    public static async Task<MailModels> LoadAsync(
        AutomationDb db, IReadOnlyCollection<Guid> contactIds, ShopIdentity shop, Func<string, bool> reads, CancellationToken cancellation)
    {
        var ids = contactIds.Distinct().ToArray();
        var people = await PeopleAsync(db, ids, cancellation);
        var tags = reads("contact") || reads("tags") ? await TagsAsync(db, ids, cancellation) : [];
        var purchases = reads("purchases") ? await PurchasesAsync(db, ids, cancellation) : [];
        var deals = reads("deal") ? await DealsAsync(db, ids, cancellation) : [];
        return new MailModels(
            people, tags.ToLookup(tag => tag.Contact, tag => tag.Tag), purchases.ToLookup(row => row.Contact, row => row.Model), deals, shop);
    }

    /// <summary>One person with all that is to be known of them.</summary>
    internal static MailModels OfOne(Contact contact, IEnumerable<string> tags, IEnumerable<TemplateObject> purchases, TemplateObject? deal, ShopIdentity shop) => new(
        new Dictionary<Guid, MailedPerson> { [contact.Id] = MailedPerson.Of(contact) }, tags.ToLookup(_ => contact.Id), purchases.ToLookup(_ => contact.Id),
        deal is null ? [] : new Dictionary<Guid, TemplateObject> { [contact.Id] = deal }, shop);

    public MailedPerson? Find(Guid contactId) => people.GetValueOrDefault(contactId);

    /// <param name="context">JSON of the message: <c>event</c>, <c>season</c>, <c>campaign</c>.</param>
    public TemplateObject For(Guid contactId, string context, TemplateObject? links, TemplateObject? defaults)
    {
        var model = new TemplateObject(12);
        if (people.TryGetValue(contactId, out var person)) model["contact"] = ContactModel(person, tags[contactId]);
        model["purchases"] = ArrayOf(purchases[contactId]);
        model["deal"] = deals.GetValueOrDefault(contactId);
        // Each person's own copy: what a template assigns for one must not show in another's mail.
        model["shop"] = ShopModel(Identity);
        model["links"] = links;
        using var json = JsonDocument.Parse(context);
        foreach (var root in json.RootElement.EnumerateObject()) model[root.Name] = TemplateObject.ValueFromJson(root.Value);
        if (defaults is { Count: > 0 }) Complete(model, defaults);
        return model;
    }

    /// <summary>The same over what is shared with others, for templates that assign to nothing of it.</summary>
    /// <param name="shared">From <see cref="Shared"/>.</param>
    public TemplateObject Over(TemplateObject shared, Guid contactId, string context, TemplateObject? links, TemplateObject defaults)
    {
        var model = new TemplateObject(12);
        foreach (var (name, value) in shared) model[name] = value;
        if (people.TryGetValue(contactId, out var person)) model["contact"] = ContactModel(person, tags[contactId]);
        model["purchases"] = ArrayOf(purchases[contactId]);
        model["deal"] = deals.GetValueOrDefault(contactId);
        model["links"] = links;
        if (IsPersonal(context))
        {
            using var json = JsonDocument.Parse(context);
            foreach (var root in json.RootElement.EnumerateObject().Where(root => PersonalRoots.Contains(root.Name))) model[root.Name] = TemplateObject.ValueFromJson(root.Value);
        }
        if (DefaultsOf(defaults, personal: true) is { Count: > 0 } own) Complete(model, own);
        return model;
    }

    /// <summary>What of a message's context all recipients of one sending share: everything but what happened to the person.</summary>
    /// <param name="context">JSON of the message.</param>
    public static string SharedContext(string context)
    {
        if (!IsPersonal(context)) return context;
        using var json = JsonDocument.Parse(context);
        var shared = json.RootElement.EnumerateObject().Where(root => !PersonalRoots.Contains(root.Name));
        return $"{{{string.Join(',', shared.Select(root => $"{JsonSerializer.Serialize(root.Name)}:{root.Value.GetRawText()}"))}}}";
    }

    /// <summary>The model of whatever is the same for all recipients: its names and <see cref="SharedRoots"/> are shared.</summary>
    /// <param name="context">From <see cref="SharedContext"/>.</param>
    public TemplateObject Shared(string context, TemplateObject defaults)
    {
        var model = new TemplateObject(8) { ["shop"] = ShopModel(Identity) };
        using var json = JsonDocument.Parse(context);
        foreach (var root in json.RootElement.EnumerateObject()) model[root.Name] = TemplateObject.ValueFromJson(root.Value);
        Complete(model, DefaultsOf(defaults, personal: false));
        return model;
    }

    private static bool IsPersonal(string context) => PersonalRoots.Any(root => context.Contains(root, StringComparison.Ordinal));

    private static TemplateObject DefaultsOf(TemplateObject defaults, bool personal)
    {
        var some = new TemplateObject(0);
        foreach (var (name, value) in defaults)
        {
            if (PersonalRoots.Contains(name) == personal) some[name] = value;
        }
        return some;
    }

    /// <summary>Puts a default wherever the model has nothing, however deep.</summary>
    internal static void Complete(TemplateObject model, TemplateObject defaults)
    {
        foreach (var (name, value) in defaults)
        {
            if (model[name] is not { } given)
            {
                model[name] = CopyOf(value);
            }
            else if (given is TemplateObject members && value is TemplateObject more)
            {
                var own = (TemplateObject)CopyOf(members)!;
                Complete(own, more);
                model[name] = own;
            }
        }
    }

    // Defaults and deals are shared between mails, and a template may assign to what it is given.
    internal static object? CopyOf(object? value)
    {
        switch (value)
        {
            case TemplateObject members:
                var copy = new TemplateObject(members.Count);
                foreach (var (name, member) in members) copy[name] = CopyOf(member);
                return copy;
            case TemplateArray items:
                return ArrayOf(items.Select(CopyOf));
            default:
                return value;
        }
    }

    private static TemplateObject ContactModel(MailedPerson person, IEnumerable<string> tags) => new(10)
    {
        ["id"] = person.ExternalId ?? person.Id.ToString(),
        ["name"] = person.Name,
        ["kana"] = person.Kana,
        ["email"] = person.Email,
        ["company"] = person.Company,
        ["prefecture"] = person.Prefecture,
        ["language"] = person.Language,
        ["tags"] = ArrayOf(tags),
        ["custom"] = CustomModel(person.Custom),
    };

    private static object? CustomModel(string custom)
    {
        using var json = JsonDocument.Parse(custom);
        return TemplateObject.FromJson(json.RootElement);
    }

    private static TemplateObject ShopModel(ShopIdentity shop) => new(8)
    {
        ["name"] = shop.Name,
        ["legal_name"] = shop.LegalName,
        ["address"] = shop.Address,
        ["phone"] = shop.Phone,
        ["url"] = shop.Url,
        ["email"] = shop.ReplyTo ?? shop.FromEmail,
    };

    private static async Task<Dictionary<Guid, MailedPerson>> PeopleAsync(AutomationDb db, Guid[] ids, CancellationToken cancellation)
    {
        var rows = await db.QueryAsync(
            $"SELECT id, external_id, email, name, kana, company, prefecture, language, time_zone, custom FROM contacts WHERE {db.Dialect.Among("id", "@p0")}",
            row => new MailedPerson(
                row.Guid(0), row.TextOrNull(1), row.TextOrNull(2), row.TextOrNull(3), row.TextOrNull(4), row.TextOrNull(5), row.TextOrNull(6), row.TextOrNull(7),
                row.TextOrNull(8), row.Text(9)),
            cancellation, ids);
        return rows.ToDictionary(person => person.Id);
    }

    private static Task<List<(Guid Contact, string Tag)>> TagsAsync(AutomationDb db, Guid[] ids, CancellationToken cancellation) =>
        db.QueryAsync(
            $"SELECT contact_id, tag FROM contact_tags WHERE {db.Dialect.Among("contact_id", "@p0")} ORDER BY tag", row => (row.Guid(0), row.Text(1)), cancellation, ids);

    private static async Task<List<(Guid Contact, TemplateObject Model)>> PurchasesAsync(AutomationDb db, Guid[] ids, CancellationToken cancellation)
    {
        var rows = await db.QueryAsync($"""
            SELECT contact_id, date, product, category, quantity, net FROM (
                SELECT contact_id, date, product, category, quantity, net, ROW_NUMBER() OVER (PARTITION BY contact_id ORDER BY date DESC, id) AS place
                FROM purchases WHERE {db.Dialect.Among("contact_id", "@p0")}) AS recent
            WHERE place <= {MostPurchases} ORDER BY contact_id, place
            """,
            row => (row.Guid(0), new TemplateObject(5)
            {
                ["date"] = row.Date(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Unspecified),
                ["product"] = row.TextOrNull(2),
                ["category"] = row.TextOrNull(3),
                ["quantity"] = row.Decimal(4),
                ["net"] = row.Decimal(5),
            }),
            cancellation, ids);
        return rows;
    }

    // The deal of a person is the one touched last.
    private static async Task<Dictionary<Guid, TemplateObject>> DealsAsync(AutomationDb db, Guid[] ids, CancellationToken cancellation)
    {
        var rows = await db.Deals.AsNoTracking().Where(deal => ids.Contains(deal.ContactId)).OrderBy(deal => deal.UpdatedAt).ToListAsync(cancellation);
        var models = new Dictionary<Guid, TemplateObject>();
        foreach (var deal in rows)
        {
            models[deal.ContactId] = new TemplateObject(4)
            {
                ["id"] = deal.DealKey,
                ["stage"] = deal.Stage,
                ["owner"] = deal.Owner,
                ["revisit_on"] = deal.RevisitOn?.ToDateTime(TimeOnly.MinValue, DateTimeKind.Unspecified),
            };
        }
        return models;
    }

    private static TemplateArray ArrayOf(IEnumerable<object?> values)
    {
        var array = new TemplateArray();
        foreach (var value in values) array.Add(value);
        return array;
    }
}

/// <summary>What mails say of a person. Lists of people are long: only what is read is loaded.</summary>
/// <param name="Language">As in <see cref="Contact.Language"/>.</param>
/// <param name="TimeZone">As in <see cref="Contact.TimeZone"/>.</param>
/// <param name="Custom">As in <see cref="Contact.Custom"/>.</param>
public sealed record MailedPerson(
    Guid Id, string? ExternalId, string? Email, string? Name, string? Kana, string? Company, string? Prefecture, string? Language,
    string? TimeZone, string Custom)
{
    internal static MailedPerson Of(Contact contact) => new(
        contact.Id, contact.ExternalId, contact.Email, contact.Name, contact.Kana, contact.Company, contact.Prefecture, contact.Language, contact.TimeZone, contact.Custom);
}

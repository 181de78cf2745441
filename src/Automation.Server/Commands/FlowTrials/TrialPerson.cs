using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Deals;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;

namespace Automation.Server.Commands.FlowTrials;

/// <summary>The one person of a try-out: a sample, or as the script says.</summary>
/// <remarks><c>{email, name, company, prefecture, language, timeZone, birthDate, custom, tags[], consent: true|false|"withdrawn", suppressed: reason,
/// purchases: [{date, product, category, net}], deal: {id, stage, owner}}</c>; what is left out is a sample's: consent given, no purchases, no deal.</remarks>
internal sealed class TrialPerson(JsonObject json)
{
    // Always the same, so that the same trial gives the same result to the minute.
    public static readonly Guid Id = Guid.Parse("00000000-0000-7000-8000-000000000001");

    private static readonly string[] Known =
        ["email", "name", "company", "prefecture", "language", "timeZone", "birthDate", "custom", "tags", "consent", "suppressed", "purchases", "deal"];

    public string Email => Text("email") ?? "aoi@example.com";
    public string? Prefecture => Text("prefecture");
    public string DealKey => Text(json["deal"] as JsonObject, "id") ?? "D-1";
    public bool HasDeal => json["deal"] is JsonObject;

    /// <exception cref="BadInputException">A field is unknown or cannot be read.</exception>
    public async Task SaveAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        if (json.Select(pair => pair.Key).FirstOrDefault(name => !Known.Contains(name)) is { } unknown)
            throw new BadInputException("contact." + unknown, $"is not known; a contact has {string.Join(", ", Known)}.");
        var contact = Contact.Create(Id, now);
        contact.SetEmail(EmailAddress.TryParse(Email, out var address) ? address : throw new BadInputException("contact.email", "is no email address."));
        (contact.Name, contact.Company, contact.Prefecture) = (Text("name") ?? "青井 あおい", Text("company"), Text("prefecture"));
        (contact.Language, contact.TimeZone, contact.BirthDate) = (Text("language") ?? "ja", Text("timeZone"), Date(json["birthDate"], "contact.birthDate"));
        contact.Custom = json["custom"]?.ToJsonString() ?? "{}";
        contact.SalesOwned = HasDeal;
        db.Contacts.Add(contact);
        foreach (var tag in json["tags"] as JsonArray ?? []) db.ContactTags.Add(new ContactTag { ContactId = Id, Tag = tag?.ToString() ?? "" });
        AddConsent(db, now);
        AddPurchases(db, now);
        if (HasDeal)
            db.Deals.Add(new Deal { Id = RowId.New(now), DealKey = DealKey, ContactId = Id, Stage = Text(json["deal"] as JsonObject, "stage") ?? "見積", Owner = Text(json["deal"] as JsonObject, "owner") ?? "小島 里奈", CreatedAt = now, UpdatedAt = now });
        if (Text("suppressed") is { } reason)
        {
            db.SuppressedAddresses.Add(new SuppressedAddress
            {
                AddressKey = contact.EmailKey!,
                Reason = Enum.TryParse<SuppressionReason>(reason, ignoreCase: true, out var known) ? known : throw new BadInputException("contact.suppressed", $"must be one of {string.Join(", ", Enum.GetNames<SuppressionReason>())}."),
                Source = "trial",
                At = now,
            });
        }
        await db.SaveChangesAsync(cancellation);
    }

    private void AddConsent(AutomationDb db, DateTimeOffset now)
    {
        var withdrawn = Text("consent") == "withdrawn";
        if (!withdrawn && json["consent"] is JsonValue given && given.TryGetValue<bool>(out var consented) && !consented) return;
        Say(ConsentState.Granted, ConsentBasis.OptIn, now.AddYears(-1));
        if (withdrawn) Say(ConsentState.Withdrawn, ConsentBasis.OwnWithdrawal, now.AddDays(-1));

        void Say(ConsentState state, ConsentBasis basis, DateTimeOffset at) =>
            db.ConsentEntries.Add(new ConsentEntry { Id = RowId.New(at), ContactId = Id, State = state, Basis = basis, Source = "trial", Actor = "person", At = at });
    }

    private void AddPurchases(AutomationDb db, DateTimeOffset now)
    {
        foreach (var (bought, number) in (json["purchases"] as JsonArray ?? []).OfType<JsonObject>().Select((bought, number) => (bought, number)))
        {
            db.Purchases.Add(new Purchase
            {
                Id = RowId.New(now),
                Source = "trial",
                OrderId = "T-" + number.ToString(CultureInfo.InvariantCulture),
                Line = 1,
                ContactId = Id,
                Date = Date(bought["date"], "contact.purchases.date") ?? DateOnly.FromDateTime(now.UtcDateTime),
                Product = Text(bought, "product"),
                Category = Text(bought, "category"),
                Quantity = 1,
                Net = bought["net"] is JsonValue net && net.TryGetValue<decimal>(out var amount) ? amount : 0,
            });
        }
    }

    private string? Text(string name) => Text(json, name);

    private static string? Text(JsonObject? from, string name) => from?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static DateOnly? Date(JsonNode? node, string place) => node is null ? null
        : DateOnly.TryParseExact(node.ToString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
        : throw new BadInputException(place, $"'{node}' is no date like 2026-04-01.");
}

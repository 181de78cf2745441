using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Contacts;

/// <summary>The people a set of events is about, found by address or customer number, each loaded once.</summary>
internal sealed class PeopleByKeys
{
    private static readonly string[] Columns =
    [
        "id", "external_id", "email", "email_key", "name", "kana", "company", "postal_code", "prefecture", "address", "phone", "birth_date",
        "language", "time_zone", "custom", "sales_owned", "created_at", "updated_at",
    ];

    private readonly Dictionary<string, Contact> byEmail = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Contact> byExternalId = new(StringComparer.Ordinal);
    private readonly HashSet<Contact> created = [];
    private readonly HashSet<Contact> changed = [];
    private readonly HashSet<Guid> datesChanged = [];

    public static async Task<PeopleByKeys> LoadAsync(AutomationDb db, IReadOnlyList<LeadEventInput> events, CancellationToken cancellation)
    {
        var keys = events.Select(lead => lead.Contact.Email?.Key).OfType<string>().Distinct().ToArray();
        var externalIds = events.Select(lead => lead.Contact.ExternalId).OfType<string>().Distinct().ToArray();
        var people = new PeopleByKeys();
        // Held, so that what sales or a flow changes about them at this moment is not overwritten with what it was.
        if (db.Dialect.ForUpdate.Length > 0)
        {
            await db.QueryAsync(
                $"SELECT id FROM contacts WHERE {db.Dialect.Among("email_key", "@p0")} OR {db.Dialect.Among("external_id", "@p1")} ORDER BY id{db.Dialect.ForUpdate}",
                row => row.Guid(0), cancellation, keys, externalIds);
        }
        var found = await db.Contacts.AsNoTracking()
            .Where(contact => keys.Contains(contact.EmailKey!) || externalIds.Contains(contact.ExternalId!)).ToListAsync(cancellation);
        foreach (var contact in found) people.Index(contact);
        return people;
    }

    public Contact FindOrCreate(ContactInput input, string place, DateTimeOffset now)
    {
        var byAddress = input.Email is { } email ? byEmail.GetValueOrDefault(email.Key) : null;
        var byNumber = input.ExternalId is { } number ? byExternalId.GetValueOrDefault(number) : null;
        if (byAddress is not null && byNumber is not null && byAddress != byNumber)
            throw new BadInputException($"{place}.externalId", "belongs to another person than 'email'.");
        var contact = byAddress ?? byNumber;
        if (contact is null)
        {
            contact = Contact.Create(RowId.New(now), now);
            created.Add(contact);
        }
        var dates = (contact.BirthDate, contact.TimeZone);
        if (Fill(contact, input, place))
        {
            if ((contact.BirthDate, contact.TimeZone) != dates) datesChanged.Add(contact.Id);
            contact.UpdatedAt = now;
            changed.Add(contact);
        }
        Index(contact);
        return contact;
    }

    public async Task SaveAsync(AutomationDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.InsertManyAsync("contacts", Columns, [.. created.Select(Row)], "", cancellation);
        changed.ExceptWith(created);
        db.Contacts.UpdateRange(changed);
        if (changed.Count > 0) await db.SaveChangesAsync(cancellation);
        await Stimuli.DatesChangedAsync(db, datesChanged, now, cancellation);
        await ScoreChecks.ProfilesChangedAsync(db, [.. changed.Select(contact => contact.Id)], now, cancellation);
    }

    private void Index(Contact contact)
    {
        if (contact.EmailKey is { } key) byEmail[key] = contact;
        if (contact.ExternalId is { } number) byExternalId[number] = contact;
    }

    private static bool Fill(Contact contact, ContactInput input, string place)
    {
        if (input.ExternalId is { } number && contact.ExternalId is { } other && other != number)
            throw new BadInputException($"{place}.externalId", "differs from the number this person already has.");
        var before = Row(contact);
        contact.ExternalId ??= input.ExternalId;
        if (input.Email is { } email && email.Key != contact.EmailKey) contact.SetEmail(email);
        contact.Name = input.Name ?? contact.Name;
        contact.Kana = input.Kana ?? contact.Kana;
        contact.Company = input.Company ?? contact.Company;
        contact.PostalCode = input.PostalCode ?? contact.PostalCode;
        contact.Prefecture = input.Prefecture ?? contact.Prefecture;
        contact.Address = input.Address ?? contact.Address;
        contact.Phone = input.Phone ?? contact.Phone;
        contact.BirthDate = input.BirthDate ?? contact.BirthDate;
        contact.Language = input.Language ?? contact.Language;
        contact.TimeZone = input.TimeZone ?? contact.TimeZone;
        return !before.SequenceEqual(Row(contact));
    }

    private static object?[] Row(Contact contact) =>
    [
        contact.Id, contact.ExternalId, contact.Email, contact.EmailKey, contact.Name, contact.Kana, contact.Company, contact.PostalCode, contact.Prefecture,
        contact.Address, contact.Phone, contact.BirthDate, contact.Language, contact.TimeZone, contact.Custom, contact.SalesOwned, contact.CreatedAt, contact.UpdatedAt,
    ];
}

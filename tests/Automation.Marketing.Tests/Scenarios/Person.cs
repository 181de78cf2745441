using System.Runtime.CompilerServices;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Deals;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Tests.Scenarios;

/// <summary>A person in words: <c>await given.Contact("ada@example.com").WhoConsented()</c>.</summary>
internal sealed class Person(Scenario given, string? email)
{
    private readonly List<Func<AutomationDb, Contact, Task>> words = [];
    private readonly List<Action<Contact>> traits = [];

    public Person WhoConsented(DateTimeOffset? at = null) => Said(ConsentState.Granted, ConsentBasis.OptIn, at ?? given.Clock.Now.AddYears(-1));

    public Person WhoUnsubscribed(DateTimeOffset? at = null) =>
        Said(ConsentState.Granted, ConsentBasis.OptIn, given.Clock.Now.AddYears(-1)).Said(ConsentState.Withdrawn, ConsentBasis.OwnWithdrawal, at ?? given.Clock.Now.AddDays(-1));

    public Person WhoseAddressIsSuppressed(SuppressionReason reason) => Word((db, contact) =>
    {
        db.SuppressedAddresses.Add(new SuppressedAddress { AddressKey = contact.EmailKey!, Reason = reason, Source = "test", At = given.Clock.Now });
        return Task.CompletedTask;
    });

    public Person WhomSalesOwns(string deal = "D-1", string? owner = "小島 里奈") => Trait(contact => contact.SalesOwned = true).Word((db, contact) =>
    {
        db.Deals.Add(new Deal
        {
            Id = Guid.CreateVersion7(given.Clock.Now),
            DealKey = deal,
            ContactId = contact.Id,
            Owner = owner,
            Stage = "見積",
            CreatedAt = given.Clock.Now,
            UpdatedAt = given.Clock.Now,
        });
        return Task.CompletedTask;
    });

    public Person Tagged(params string[] tags) => Word((db, contact) =>
    {
        db.ContactTags.AddRange(tags.Select(tag => new ContactTag { ContactId = contact.Id, Tag = tag }));
        return Task.CompletedTask;
    });

    public Person From(string prefecture) => Trait(contact => contact.Prefecture = prefecture);

    public Person At(string company) => Trait(contact => contact.Company = company);

    public Person With(Action<Contact> trait) => Trait(trait);

    public Person WhoWants(MailFrequency frequency, DateOnly? notBefore = null) => Word((db, contact) =>
    {
        db.MailPreferences.Add(new MailPreference { ContactId = contact.Id, Frequency = frequency, PausedUntil = notBefore, UpdatedAt = given.Clock.Now });
        return Task.CompletedTask;
    });

    public Person InZone(string zone) => Trait(contact => contact.TimeZone = zone);

    public Person Named(string name) => Trait(contact => contact.Name = name);

    public Person Speaking(string language) => Trait(contact => contact.Language = language);

    public Person Born(DateOnly on) => Trait(contact => contact.BirthDate = on);

    public Person Numbered(string externalId) => Trait(contact => contact.ExternalId = externalId);

    public Person WhoBought(DateOnly on, string product = "越前がに", string category = "かに", decimal net = 14_800) => Word((db, contact) =>
    {
        db.Purchases.Add(new Purchase
        {
            Id = Guid.CreateVersion7(given.Clock.Now),
            Source = "web-shop",
            OrderId = Guid.NewGuid().ToString("N"),
            Line = 1,
            ContactId = contact.Id,
            Date = on,
            Product = product,
            Category = category,
            Quantity = 1,
            Net = net,
        });
        return Task.CompletedTask;
    });

    public TaskAwaiter<Contact> GetAwaiter() => SaveAsync().GetAwaiter();

    private Person Said(ConsentState state, ConsentBasis basis, DateTimeOffset at) => Word((db, contact) =>
    {
        db.ConsentEntries.Add(new ConsentEntry { Id = Guid.CreateVersion7(at), ContactId = contact.Id, State = state, Basis = basis, Source = "form", Actor = "person", At = at });
        return Task.CompletedTask;
    });

    private Person Word(Func<AutomationDb, Contact, Task> word)
    {
        words.Add(word);
        return this;
    }

    private Person Trait(Action<Contact> trait)
    {
        traits.Add(trait);
        return this;
    }

    private async Task<Contact> SaveAsync()
    {
        await using var db = given.Open();
        var contact = Contact.Create(Guid.CreateVersion7(given.Clock.Now), given.Clock.Now);
        if (email is not null) contact.SetEmail(EmailAddress.Parse(email));
        foreach (var trait in traits) trait(contact);
        db.Contacts.Add(contact);
        foreach (var word in words) await word(db, contact);
        await db.SaveChangesAsync();
        return contact;
    }
}

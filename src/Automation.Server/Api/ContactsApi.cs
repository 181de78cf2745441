using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Api;

/// <summary>One person: what is known and what is allowed.</summary>
internal static class ContactsApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/contacts/{id:guid}", GetAsync);
        api.MapGet("/contacts/{id:guid}/consent", GetConsentAsync);
        api.MapGet("/contacts", FindAsync);
    }

    internal static async Task<Results<Ok<ContactView>, NotFound>> GetAsync(Guid id, AutomationDb db, CancellationToken cancellation) =>
        await db.Contacts.AsNoTracking().SingleOrDefaultAsync(contact => contact.Id == id, cancellation) is { } contact
            ? TypedResults.Ok(await ViewAsync(db, contact, cancellation))
            : TypedResults.NotFound();

    /// <summary>By address or customer number one person; by <c>updatedSince</c> or <c>after</c> a page of those who changed.</summary>
    internal static async Task<Results<Ok<ContactView>, Ok<PageView<ContactView>>, NotFound>> FindAsync(
        AutomationDb db, TimeProvider clock, CancellationToken cancellation, string? email = null, string? externalId = null, string? updatedSince = null, string? after = null, int take = 100)
    {
        if (updatedSince is not null || after is not null) return TypedResults.Ok(await CrmApi.ListContactsAsync(db, clock, updatedSince, after, take, cancellation));
        var key = EmailAddress.TryParse(email, out var address) ? address.Key : null;
        return (key is not null || externalId is not null)
            && await db.Contacts.AsNoTracking().FirstOrDefaultAsync(
                contact => (key != null && contact.EmailKey == key) || (externalId != null && contact.ExternalId == externalId), cancellation) is { } contact
            ? TypedResults.Ok(await ViewAsync(db, contact, cancellation))
            : TypedResults.NotFound();
    }

    internal static async Task<Results<Ok<ConsentView>, NotFound>> GetConsentAsync(Guid id, AutomationDb db, CancellationToken cancellation)
    {
        if (await db.Contacts.AsNoTracking().SingleOrDefaultAsync(contact => contact.Id == id, cancellation) is not { } contact) return TypedResults.NotFound();
        var ledger = await db.ConsentEntries.AsNoTracking().Where(entry => entry.ContactId == id).OrderBy(entry => entry.At).ThenBy(entry => entry.Id).ToListAsync(cancellation);
        var suppressed = await db.SuppressedAddresses.AsNoTracking().Where(one => one.AddressKey == contact.EmailKey).Select(one => one.Reason).ToListAsync(cancellation);
        var standing = await ConsentLedger.StatesAsync(db, [id], cancellation);
        return TypedResults.Ok(new ConsentView(
            standing.GetValueOrDefault(id).State.ToString(), [.. suppressed.Select(reason => reason.ToString())],
            [.. ledger.Select(entry => new ConsentLineView(
                entry.At, entry.Channel, entry.Topic, entry.State.ToString(), entry.Basis.ToString(), entry.Source, entry.Evidence, entry.Actor))]));
    }

    internal static async Task<IReadOnlyList<ContactView>> ViewsAsync(AutomationDb db, IReadOnlyList<Contact> people, CancellationToken cancellation)
    {
        var ids = people.Select(contact => contact.Id).ToList();
        var tags = (await db.ContactTags.AsNoTracking().Where(tag => ids.Contains(tag.ContactId)).OrderBy(tag => tag.Tag).ToListAsync(cancellation)).ToLookup(tag => tag.ContactId, tag => tag.Tag);
        var sources = (await db.ContactSources.AsNoTracking().Where(source => ids.Contains(source.ContactId)).OrderBy(source => source.Source).ToListAsync(cancellation))
            .ToLookup(source => source.ContactId, source => source.Source);
        return [.. people.Select(contact => new ContactView(
            contact.Id, contact.ExternalId, contact.Email, contact.Name, contact.Kana, contact.Company, contact.PostalCode, contact.Prefecture, contact.Address,
            contact.Phone, contact.BirthDate, contact.Language, contact.TimeZone, contact.Stage.ToString(), contact.StageAt, contact.SalesOwned, [.. tags[contact.Id]], [.. sources[contact.Id]],
            contact.CreatedAt, contact.UpdatedAt))];
    }

    private static async Task<ContactView> ViewAsync(AutomationDb db, Contact contact, CancellationToken cancellation) => (await ViewsAsync(db, [contact], cancellation))[0];
}

internal sealed record ContactView(
    Guid Id, string? ExternalId, string? Email, string? Name, string? Kana, string? Company, string? PostalCode, string? Prefecture, string? Address,
    string? Phone, DateOnly? BirthDate, string? Language, string? TimeZone, string Stage, DateTimeOffset? StageAt, bool SalesOwned, IReadOnlyList<string> Tags, IReadOnlyList<string> Sources,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

internal sealed record ConsentView(string State, IReadOnlyList<string> Suppressions, IReadOnlyList<ConsentLineView> Ledger);

internal sealed record ConsentLineView(
    DateTimeOffset At, string Channel, string Topic, string State, string Basis, string Source, string? Evidence, string Actor);

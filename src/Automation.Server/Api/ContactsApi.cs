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

    /// <summary>By address or customer number.</summary>
    internal static async Task<Results<Ok<ContactView>, NotFound>> FindAsync(
        AutomationDb db, CancellationToken cancellation, string? email = null, string? externalId = null)
    {
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

    private static async Task<ContactView> ViewAsync(AutomationDb db, Contact contact, CancellationToken cancellation)
    {
        var tags = await db.ContactTags.AsNoTracking().Where(tag => tag.ContactId == contact.Id).Select(tag => tag.Tag).Order().ToListAsync(cancellation);
        var sources = await db.ContactSources.AsNoTracking().Where(source => source.ContactId == contact.Id).Select(source => source.Source).Order().ToListAsync(cancellation);
        return new ContactView(
            contact.Id, contact.ExternalId, contact.Email, contact.Name, contact.Kana, contact.Company, contact.PostalCode, contact.Prefecture, contact.Address,
            contact.Phone, contact.BirthDate, contact.Language, contact.TimeZone, contact.SalesOwned, tags, sources, contact.CreatedAt, contact.UpdatedAt);
    }
}

internal sealed record ContactView(
    Guid Id, string? ExternalId, string? Email, string? Name, string? Kana, string? Company, string? PostalCode, string? Prefecture, string? Address,
    string? Phone, DateOnly? BirthDate, string? Language, string? TimeZone, bool SalesOwned, IReadOnlyList<string> Tags, IReadOnlyList<string> Sources,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

internal sealed record ConsentView(string State, IReadOnlyList<string> Suppressions, IReadOnlyList<ConsentLineView> Ledger);

internal sealed record ConsentLineView(
    DateTimeOffset At, string Channel, string Topic, string State, string Basis, string Source, string? Evidence, string Actor);

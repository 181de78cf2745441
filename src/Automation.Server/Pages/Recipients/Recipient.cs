using Automation.Marketing.Contacts;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Recipients;

/// <summary>Who opened a link in one of our mails.</summary>
internal static class Recipient
{
    public static async Task<Contact?> FindAsync(AutomationDb db, LinkFactory links, string token, CancellationToken cancellation) =>
        (await links.ForAsync(db, cancellation)).Read(token) is { } link
            ? await db.Contacts.AsNoTracking().SingleOrDefaultAsync(c => c.Id == link.ContactId, cancellation)
            : null;

    /// <summary>Enough to recognise one's own address; a forwarded mail does not give it away.</summary>
    public static string Masked(string? address) =>
        address?.IndexOf('@', StringComparison.Ordinal) is { } at and > 0 ? $"{address[0]}…{address[at..]}" : "–";
}

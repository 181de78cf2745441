using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Recipients;

/// <summary>What a recipient can see and decide about our mail, without an account.</summary>
internal sealed class PreferencesModel(AutomationDb db, LinkFactory links, Show show, IStringLocalizer words) : PageModel
{
    public string Token { get; private set; } = "";
    public string Address { get; private set; } = "";
    public ConsentState Consent { get; private set; }
    public DateTimeOffset? Since { get; private set; }

    /// <summary>The address cannot be mailed whatever the person agrees to.</summary>
    public bool Suppressed { get; private set; }

    public async Task<IActionResult> OnGetAsync(string token, CancellationToken cancellation)
    {
        if (await Recipient.FindAsync(db, links, token, cancellation) is not { } person) return NotFound();
        (Token, Address) = (token, Recipient.Masked(person.Email));
        var states = await ConsentLedger.StatesAsync(db, [person.Id], cancellation);
        if (states.TryGetValue(person.Id, out var standing)) (Consent, Since) = (standing.State, standing.At);
        Suppressed = await db.SuppressedAddresses.AnyAsync(s => s.AddressKey == person.EmailKey, cancellation);
        return Page();
    }

    /// <summary>The person's own later act lifts a withdrawal (brief §4.3).</summary>
    public async Task<IActionResult> OnPostResumeAsync(string token, CancellationToken cancellation)
    {
        if (await Recipient.FindAsync(db, links, token, cancellation) is not { } person) return NotFound();
        var now = show.Now;
        await using (var transaction = await db.BeginWriteAsync(cancellation))
        {
            var standing = (await ConsentLedger.StatesAsync(db, [person.Id], cancellation)).GetValueOrDefault(person.Id);
            if (ConsentLedger.MayGrant(standing, ConsentBasis.OptIn, now))
            {
                db.ConsentEntries.Add(new ConsentEntry
                {
                    Id = Guid.CreateVersion7(now),
                    ContactId = person.Id,
                    State = ConsentState.Granted,
                    Basis = ConsentBasis.OptIn,
                    Source = "preference-center",
                    Evidence = token,
                    IpAddress = HttpContext.Connection.RemoteIpAddress?.ToString(),
                    Actor = "person",
                    At = now,
                });
                await db.SaveChangesAsync(cancellation);
            }
            await transaction.CommitAsync(cancellation);
        }
        this.Done(words["Thank you. We will write to you again."]);
        return RedirectToPage(new { token });
    }
}

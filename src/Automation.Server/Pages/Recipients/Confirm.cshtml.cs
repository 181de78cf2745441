using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.OptIn;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Pages.Recipients;

/// <summary>Behind the link of a double opt-in: mail scanners open every link, so only the button counts.</summary>
internal sealed class ConfirmModel(AutomationDb db, LinkFactory links, Show show) : PageModel
{
    public string Address { get; private set; } = "";

    /// <summary>Null: the button has not been pressed yet.</summary>
    public Confirmation? Answer { get; private set; }

    public async Task<IActionResult> OnGetAsync(string token, CancellationToken cancellation)
    {
        if ((await links.ForAsync(db, cancellation)).Read(token) is not { } link
            || await DoubleOptIn.FindAsync(db, link.ContactId, link.MessageId, cancellation) is not { } asked) return NotFound();
        Address = Recipient.Masked(await db.Contacts.Where(c => c.Id == link.ContactId).Select(c => c.Email).SingleOrDefaultAsync(cancellation));
        if (show.Now - asked.At > ConsentLedger.PendingLasts) Answer = Confirmation.Lapsed;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string token, CancellationToken cancellation)
    {
        if ((await links.ForAsync(db, cancellation)).Read(token) is not { } link) return NotFound();
        var said = new Said("confirmation", null, HttpContext.Connection.RemoteIpAddress?.ToString(), Request.Headers.UserAgent);
        Answer = await DoubleOptIn.ConfirmAsync(db, link.ContactId, link.MessageId, said, show.Now, cancellation);
        return Answer is Confirmation.Unknown ? NotFound() : Page();
    }
}

using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages.Recipients;

/// <summary>Asks before it unsubscribes: mail scanners open every link, so opening this one changes nothing (RFC 8058).</summary>
internal sealed class UnsubscribeModel(AutomationDb db, LinkFactory links) : PageModel
{
    public string Token { get; private set; } = "";
    public string Address { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync(string token, CancellationToken cancellation)
    {
        if (await Recipient.FindAsync(db, links, token, cancellation) is not { } person) return NotFound();
        (Token, Address) = (token, Recipient.Masked(person.Email));
        return Page();
    }
}

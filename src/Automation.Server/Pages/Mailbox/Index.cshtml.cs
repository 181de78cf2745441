using System.ComponentModel.DataAnnotations;
using Automation.Server.Mailbox;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages.Mailbox;

/// <summary>What the stand-in took instead of sending it.</summary>
public sealed class MailboxModel(IMailbox mailbox, StandInAddress standIn) : PageModel
{
    [BindProperty(SupportsGet = true), StringLength(200)]
    public string? Search { get; set; }

    [BindProperty(SupportsGet = true), Range(1, 1_000_000)]
    public int Number { get; set; } = 1;

    public MailboxPage Mails { get; private set; } = new(1, 0, 0, []);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (standIn.Uri is null || !ModelState.IsValid) return NotFound();
        Mails = await mailbox.ListAsync(Number, Search, cancellation);
        return Page();
    }
}

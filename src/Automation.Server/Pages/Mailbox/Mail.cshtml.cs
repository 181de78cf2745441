using System.Text;
using Automation.Server.Mailbox;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Mailbox;

/// <summary>One mail as its recipient sees it, and what a recipient can do with it.</summary>
public sealed class MailboxMailModel(IMailbox mailbox, StandInAddress standIn, IStringLocalizer words) : PageModel
{
    private static readonly string[] Acts = ["delivered", "open", "click", "bounce", "blocked", "spamreport", "unsubscribe"];

    public MailboxMail Mail { get; private set; } = null!;
    public IReadOnlyList<string> Links { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is not { } mail) return NotFound();
        Mail = mail;
        Links = LinksInMail.Of(mail);
        return Page();
    }

    /// <summary>The mail's HTML alone, for the frame: it may run nothing and reach nothing.</summary>
    public async Task<IActionResult> OnGetHtmlAsync(string id, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is not { Html: { } html }) return NotFound();
        Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";
        return Content(html, "text/html", Encoding.UTF8);
    }

    public async Task<IActionResult> OnPostAsync(string id, string? act, string? url, CancellationToken cancellation)
    {
        if (standIn.Uri is null || !Acts.Contains(act)) return NotFound();
        if (act == "click" && string.IsNullOrEmpty(url))
        {
            TempData["Refused"] = words["Choose the link that is clicked."].Value;
            return RedirectToPage(new { id });
        }
        if (!await mailbox.MakeEventAsync(id, act!, url, cancellation)) return NotFound();
        this.Done(words["The event is on its way, as SendGrid would report it."]);
        return RedirectToPage(new { id });
    }

    private Task<MailboxMail?> FindAsync(string id, CancellationToken cancellation) =>
        standIn.Uri is null ? Task.FromResult<MailboxMail?>(null) : mailbox.FindAsync(id, cancellation);
}

using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Automation.Server.SignIn;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages;

/// <summary>Where a link for an invitation or a new password leads. A link that was used, has expired or never was looks the same.</summary>
internal sealed class InviteModel(AutomationDb db, IPasswordHasher<User> hasher, SignInSessions sessions, Show show, IStringLocalizer words) : PageModel
{
    [BindProperty, StringLength(200)]
    public string? Password { get; set; }

    [BindProperty, StringLength(200)]
    public string? Again { get; set; }

    /// <summary>Null: the link does not work.</summary>
    public User? Invited { get; private set; }

    public async Task<IActionResult> OnGetAsync(string token, CancellationToken cancellation)
    {
        Invited = await TeamDesk.ForLinkAsync(db, token, show.Now, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string token, CancellationToken cancellation)
    {
        Invited = await TeamDesk.ForLinkAsync(db, token, show.Now, cancellation);
        if (Invited is null) return Page();
        if (Password != Again) ModelState.AddModelError(nameof(Again), words["The two passwords differ."]);
        if (!ModelState.IsValid) return Page();
        try
        {
            Invited = await TeamDesk.UseLinkAsync(db, token, Password ?? "", hasher.HashPassword, show.Now, cancellation);
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError(nameof(Password), show.Rule(broken));
            return Page();
        }
        if (Invited is null) return Page();
        // A link alone does not take the place of the second factor.
        if (Invited.TotpSecret is not null) return RedirectToPage("/SignIn");
        await sessions.StartAsync(HttpContext, Invited, cancellation);
        return LocalRedirect("/");
    }
}

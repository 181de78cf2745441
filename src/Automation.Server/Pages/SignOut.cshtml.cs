using Automation.Server.SignIn;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages;

/// <summary>By POST only: a link elsewhere must not be able to sign anybody out.</summary>
internal sealed class SignOutModel(SignInSessions sessions) : PageModel
{
    public IActionResult OnGet() => LocalRedirect("/");

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        await sessions.EndAsync(HttpContext, cancellation);
        return RedirectToPage("/SignIn");
    }
}

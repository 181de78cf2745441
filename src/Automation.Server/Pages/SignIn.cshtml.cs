using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Automation.Marketing.Accounts;
using Automation.Server.SignIn;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages;

/// <summary>User name and password; then a code, from whoever has a second factor.</summary>
internal sealed class SignInModel(IStringLocalizer words, PasswordSignIn signIn, SignInSessions sessions, OpenIdProvider provider, IDataProtectionProvider protection) : PageModel
{
    private static readonly TimeSpan TicketLasts = TimeSpan.FromMinutes(5);

    private readonly ITimeLimitedDataProtector tickets = protection.CreateProtector("sign-in code").ToTimeLimitedDataProtector();

    [BindProperty, StringLength(100)]
    public string? UserName { get; set; }

    [BindProperty, StringLength(200)]
    public string? Password { get; set; }

    /// <summary>Says whose password was right a moment ago; opens nothing by itself.</summary>
    [BindProperty, StringLength(500)]
    public string? Ticket { get; set; }

    [BindProperty, StringLength(20)]
    public string? Code { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    /// <summary>Why somebody who came back from the provider was not let in.</summary>
    [BindProperty(SupportsGet = true)]
    public ProviderRefusal? Refused { get; set; }

    /// <summary>What the company's own provider is called; null: there is none.</summary>
    public string? Provider => provider.IsSet ? provider.Name : null;

    public bool AsksForCode => Ticket is not null;

    public IActionResult OnGet() => User.Identity?.IsAuthenticated is true ? this.BackTo(ReturnUrl) : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(UserName)) ModelState.AddModelError(nameof(UserName), words["Please enter your user name."]);
        if (string.IsNullOrEmpty(Password)) ModelState.AddModelError(nameof(Password), words["Please enter your password."]);
        if (!ModelState.IsValid) return Page();
        var user = await signIn.CheckAsync(UserName!, Password!, cancellation);
        if (user is null)
        {
            ModelState.AddModelError("", words["User name or password is not right. After five wrong passwords sign-in pauses for 15 minutes."]);
            return Page();
        }
        if (user.TotpSecret is null) return await EnterAsync(user, cancellation);
        ModelState.Clear();
        Ticket = tickets.Protect(user.Id.ToString(), TicketLasts);
        return Page();
    }

    public async Task<IActionResult> OnPostCodeAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid || UserOf(Ticket) is not { } id) return RedirectToPage(new { ReturnUrl });
        if (await signIn.CheckCodeAsync(id, Code, cancellation) is { } user) return await EnterAsync(user, cancellation);
        ModelState.AddModelError("", words["The code is not right or has been used. After five wrong ones sign-in pauses for 15 minutes."]);
        return Page();
    }

    public string? RefusedWhy => Refused switch
    {
        ProviderRefusal.Declined => words["{0} did not sign you in. Try again, or sign in with your password.", provider.Name].Value,
        ProviderRefusal.Stranger => words["Nobody on this team has the address that {0} gave. Ask an administrator to invite you with that address.", provider.Name].Value,
        ProviderRefusal.Stale => words["That took too long, or it was begun in another browser. Please try once more."].Value,
        ProviderRefusal.Failed => words["{0} could not be asked just now. Try again later, or sign in with your password.", provider.Name].Value,
        _ => null,
    };

    private async Task<IActionResult> EnterAsync(User user, CancellationToken cancellation)
    {
        await sessions.StartAsync(HttpContext, user, cancellation);
        return this.BackTo(ReturnUrl);
    }

    private Guid? UserOf(string? ticket)
    {
        try
        {
            return ticket is null ? null : Guid.Parse(tickets.Unprotect(ticket));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

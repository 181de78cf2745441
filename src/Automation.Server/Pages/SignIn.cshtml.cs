using System.ComponentModel.DataAnnotations;
using Automation.Server.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages;

public sealed class SignInModel(IStringLocalizer words, PasswordSignIn signIn) : PageModel
{
    [BindProperty, Required(ErrorMessage = "Please enter your user name."), StringLength(100)]
    public string? UserName { get; set; }

    [BindProperty, Required(ErrorMessage = "Please enter your password."), StringLength(200)]
    public string? Password { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    public IActionResult OnGet() => User.Identity?.IsAuthenticated is true ? this.BackTo(ReturnUrl) : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return Page();
        var person = await signIn.CheckAsync(UserName!, Password!, cancellation);
        if (person is null)
        {
            ModelState.AddModelError("", words["User name or password is not right. After five wrong passwords sign-in pauses for 15 minutes."]);
            return Page();
        }
        await HttpContext.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, person);
        return this.BackTo(ReturnUrl);
    }
}

using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages;

/// <summary>Remembers the language a person chose.</summary>
public sealed class LanguageModel : PageModel
{
    public const string CookieName = "automation-language";

    public IActionResult OnGet() => LocalRedirect("/");

    public IActionResult OnPost(string? to, string? returnUrl)
    {
        var language = to == "ja" ? "ja" : "en";
        Response.Cookies.Append(CookieName, CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(language)), new CookieOptions
        {
            MaxAge = TimeSpan.FromDays(365),
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = Request.IsHttps,
            IsEssential = true,
        });
        return this.BackTo(returnUrl);
    }
}

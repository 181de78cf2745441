using Automation.Marketing;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages;

/// <summary>Answers that several pages give in the same way.</summary>
internal static class PageAnswers
{
    /// <summary>Back to the page the form was on, if that is one of ours.</summary>
    public static IActionResult BackTo(this PageModel page, string? returnUrl) =>
        page.LocalRedirect(page.Url.IsLocalUrl(returnUrl) ? returnUrl! : "/");

    /// <summary>Shown once on the next page: the thing was done.</summary>
    public static void Done(this PageModel page, string message) => page.TempData["Done"] = message;

    /// <summary>Shown once on the next page: a rule forbids it.</summary>
    public static void Refuse(this PageModel page, RuleBrokenException broken, Show show) =>
        page.TempData["Refused"] = show.Rule(broken);

    public static bool IsHtmx(this PageModel page) => page.Request.Headers.ContainsKey("HX-Request");
}

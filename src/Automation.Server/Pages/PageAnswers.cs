using Automation.Marketing;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
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

    /// <summary>Does what a person asked for, and has it shown on the next page that it was done, or which rule forbids it.</summary>
    /// <param name="what">Takes who asks.</param>
    public static async Task TryAsync(this PageModel page, Func<string, Task> what, string done, Show show)
    {
        try
        {
            await what(page.User.Identity!.Name!);
            page.Done(done);
        }
        catch (RuleBrokenException broken)
        {
            page.Refuse(broken, show);
        }
    }

    /// <summary>The same for what the workers go on with: they are woken once it is done.</summary>
    public static Task TryAsync(this PageModel page, WorkLoops work, Func<string, Task> what, string done, Show show) => page.TryAsync(
        async who =>
        {
            await what(who);
            work.Wake();
        },
        done, show);

    /// <summary>The same in a transaction of its own.</summary>
    public static Task TryWriteAsync(this PageModel page, AutomationDb db, WorkLoops work, Func<string, Task> what, string done, Show show, CancellationToken cancellation) =>
        page.TryAsync(
            work,
            async who =>
            {
                await using var transaction = await db.BeginWriteAsync(cancellation);
                await what(who);
                await transaction.CommitAsync(cancellation);
            },
            done, show);

    public static bool IsHtmx(this PageModel page) => page.Request.Headers.ContainsKey("HX-Request");
}

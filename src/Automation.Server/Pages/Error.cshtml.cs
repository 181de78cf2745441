using System.Diagnostics;
using Automation.Marketing.Accounts;
using Automation.Server.SignIn;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages;

/// <summary>What a person sees when a page is missing or breaks.</summary>
[IgnoreAntiforgeryToken]
[ResponseCache(NoStore = true)]
public sealed class ErrorModel(IStringLocalizer words, RoleWords roles) : PageModel
{
    public int Status { get; private set; }

    public string Heading => Status switch
    {
        400 => words["This could not be read"],
        403 => words["You may not do this"],
        404 => words["There is no such page"],
        429 => words["One moment, please"],
        _ => words["Something went wrong"],
    };

    public string Advice => Status switch
    {
        400 => words["The form may be too old. Go back, reload the page and try again."],
        403 when RefusedAnswers.NeededFor(HttpContext) is not Roles.None and var needed =>
            words["This needs one of these roles: {0}. Yours is: {1}. An administrator can change it.", roles.List(needed), roles.List(Access.RolesOf(User))],
        403 => words["Ask an administrator for the role that allows it."],
        429 => words["There were too many attempts from your network within a minute. Wait a minute and try again."],
        404 => words["The address may be mistyped, or what it showed is gone. Use the menu to find it."],
        _ => words["Nothing was changed by halves. Try again in a minute; if it stays, tell your administrator the reference below."],
    };

    public string Reference => Activity.Current?.TraceId.ToString() ?? HttpContext.TraceIdentifier;

    public void OnGet(int status) => Show(status);

    public void OnPost(int status) => Show(status);

    private void Show(int status)
    {
        Status = status is >= 400 and < 600 ? status : 404;
        Response.StatusCode = Status;
    }
}

using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages.Team;

/// <summary>The address by which somebody chooses a password: shown once, to whoever hands it on.</summary>
internal static class TeamLinks
{
    public static void ShowOnce(PageModel page, Settings settings, string token) =>
        page.TempData["Link"] = settings.PublicUrl is { } known
            ? new Uri(known, "invite/" + token).AbsoluteUri
            : page.Url.PageLink("/Invite", values: new { token });
}

using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Keys;

/// <summary>The keys by which programs come in. A new one is shown in the answer that made it and nowhere else.</summary>
internal sealed class KeysModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    [BindProperty, StringLength(ApiKey.MaxName)]
    public string? Name { get; set; }

    [BindProperty, StringLength(16)]
    public string? Role { get; set; }

    public IReadOnlyList<ApiKey> Keys { get; private set; } = [];
    public NewApiKey? Made { get; private set; }

    public Task OnGetAsync(CancellationToken cancellation) => LoadAsync(cancellation);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (RoleNames.Parse(Role) is not (not Roles.None and var role)) ModelState.AddModelError(nameof(Role), words["Please choose a role."]);
        else if (ModelState.IsValid)
        {
            try
            {
                Made = await ApiKeys.MakeAsync(db, Name ?? "", role, User.Identity!.Name!, show.Now, cancellation);
                ModelState.Clear();
                (Name, Role) = (null, null);
            }
            catch (RuleBrokenException broken)
            {
                ModelState.AddModelError(nameof(Name), show.Rule(broken));
            }
        }
        Response.Headers.CacheControl = "no-store";
        await LoadAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostRevokeAsync(Guid id, CancellationToken cancellation)
    {
        await this.TryAsync(who => ApiKeys.RevokeAsync(db, id, who, show.Now, cancellation), words["The key opens nothing any more."], show);
        return RedirectToPage();
    }

    private async Task LoadAsync(CancellationToken cancellation) =>
        Keys = await db.ApiKeys.AsNoTracking().OrderBy(key => key.RevokedAt != null).ThenByDescending(key => key.CreatedAt).Take(200).ToListAsync(cancellation);
}

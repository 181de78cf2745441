using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Sender;

/// <summary>Who sends: shown in every mail, and From and Reply-To of each.</summary>
internal sealed class SenderModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    [BindProperty]
    public SenderForm Form { get; set; } = new();

    public void OnGet() => Form = SenderForm.Of(show.Shop);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var shop = Form.On(show.Shop, ModelState, "Form.", words);
        if (!ModelState.IsValid) return Page();
        await SenderDesk.SaveAsync(db, show.Shop, shop, User.Identity!.Name!, show.Now, cancellation);
        this.Done(words["Saved. It counts from the next mail on."]);
        return RedirectToPage();
    }
}

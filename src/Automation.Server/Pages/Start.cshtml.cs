using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Storage;
using Automation.Server.Pages.Sender;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages;

/// <summary>The first minutes with an empty service: three steps, each of which may be passed over and is found again later.</summary>
internal sealed class StartModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    public const int Steps = 3;

    [BindProperty(SupportsGet = true), Range(1, Steps)]
    public int Step { get; set; } = 1;

    [BindProperty]
    public SenderForm Form { get; set; } = new();

    public IActionResult OnGet()
    {
        if (!ModelState.IsValid) return NotFound();
        Form = SenderForm.Of(show.Shop);
        return Page();
    }

    /// <summary>Saves the step and goes on; a step holds only its own fields, the rest stays as it is.</summary>
    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var shop = Whole().On(show.Shop, ModelState, "Form.", words);
        if (!ModelState.IsValid) return Page();
        await SenderDesk.SaveAsync(db, show.Shop, shop, User.Identity!.Name!, show.Now, cancellation);
        return RedirectToPage(new { step = Step + 1 });
    }

    public async Task<IActionResult> OnPostAsideAsync(CancellationToken cancellation)
    {
        await SenderDesk.PutGuideAsideAsync(db, show.Now, cancellation);
        return LocalRedirect("/");
    }

    private SenderForm Whole()
    {
        var known = SenderForm.Of(show.Shop);
        if (Step == 1)
            (known.Name, known.LegalName, known.Address, known.Phone, known.Url) = (Form.Name, Form.LegalName, Form.Address, Form.Phone, Form.Url);
        else
            (known.FromEmail, known.OrderEmail, known.FromName, known.ReplyTo, known.Language, known.TimeZone) = (Form.FromEmail, Form.OrderEmail, Form.FromName, Form.ReplyTo, Form.Language, Form.TimeZone);
        return known;
    }
}

using Automation.Marketing.Mail.Delivery.Speed;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Sending;

/// <summary>How fast marketing mail may leave: from our domain, on the days of a warm-up, and to single recipient domains.</summary>
internal sealed class SpeedModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    [BindProperty]
    public SpeedForm Form { get; set; } = new();

    /// <summary>The domain that mail comes from; empty while no sender is set.</summary>
    public string From => show.Shop.FromEmail is var address && address.LastIndexOf('@') is var at and >= 0 ? address[(at + 1)..].ToLowerInvariant() : "";

    public async Task OnGetAsync(CancellationToken cancellation) => Form = SpeedForm.Of(await db.SendingSpeedAsync(cancellation), From);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (From.Length == 0) return RedirectToPage();
        var before = await db.SendingSpeedAsync(cancellation);
        var after = Form.On(before, From, ModelState, words);
        if (!ModelState.IsValid) return Page();
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.SaveSendingSpeedAsync(after, show.Now, cancellation);
        await Audit.WriteAsync(db, User.Identity!.Name!, "sending-speed.changed", From, before, after, show.Now, cancellation);
        await transaction.CommitAsync(cancellation);
        this.Done(words["Saved. It counts from the next mail on."]);
        return RedirectToPage();
    }
}

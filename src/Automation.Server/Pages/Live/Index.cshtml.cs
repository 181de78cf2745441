using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail.GoingLive;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Live;

/// <summary>From trying to real sending: what is checked, one's own addresses, and the switch.</summary>
internal sealed class LiveModel(AutomationDb db, LiveGate gate, LiveChecks checks, OwnAddresses addresses, Show show, IStringLocalizer words) : PageModel
{
    [BindProperty, StringLength(EmailAddress.MaxLength)]
    public string? Address { get; set; }

    [BindProperty, StringLength(10)]
    public string? Code { get; set; }

    public IReadOnlyList<LiveCheck> Checks { get; private set; } = [];
    public IReadOnlyList<OwnAddress> Own { get; private set; } = [];
    public string? Pending { get; private set; }
    public LiveMark? Live { get; private set; }
    public bool IsReal => gate.IsReal;
    public bool MayGoLive => Live is null && Checks.All(check => check.Passed);

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        await gate.RefreshAsync(cancellation);
        Checks = await checks.AllAsync(db, cancellation);
        Own = await OwnAddresses.ConfirmedAsync(db, cancellation);
        Pending = await OwnAddresses.PendingAsync(db, show.Now, cancellation);
        Live = await LiveSending.ReadAsync(db, cancellation);
    }

    public async Task<IActionResult> OnPostAskAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid || !EmailAddress.TryParse(Address?.Trim(), out var address))
        {
            TempData["Refused"] = words["Please enter a mail address like name@example.com."].Value;
            return RedirectToPage();
        }
        return await DoAsync(
            who => addresses.AskAsync(db, address, words["Your confirmation code"], words["Your confirmation code is {0}. It works for 30 minutes."].Value, who, show.Now, cancellation),
            words["A code is on its way to {0}.", address.Value]);
    }

    public Task<IActionResult> OnPostConfirmAsync(CancellationToken cancellation) =>
        DoAsync(who => OwnAddresses.ConfirmAsync(db, Code, who, show.Now, cancellation), words["The address is confirmed."]);

    public Task<IActionResult> OnPostGoAsync(CancellationToken cancellation) => DoAsync(
        async who =>
        {
            var missing = (await checks.AllAsync(db, cancellation)).Where(check => !check.Passed).Select(check => check.Title).ToList();
            await LiveSending.GoLiveAsync(db, missing, who, show.Now, cancellation);
            await gate.RefreshAsync(cancellation);
        },
        words["Real sending is on."]);

    public Task<IActionResult> OnPostStopAsync(CancellationToken cancellation) => DoAsync(
        async who =>
        {
            await LiveSending.StopAsync(db, who, show.Now, cancellation);
            await gate.RefreshAsync(cancellation);
        },
        words["From now on mail goes only to your own confirmed addresses."]);

    private async Task<IActionResult> DoAsync(Func<string, Task> what, string done)
    {
        await this.TryAsync(what, done, show);
        return RedirectToPage();
    }
}

using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Server.Pages.Sender;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages;

/// <summary>The first minutes with an empty service: four steps, each of which may be passed over and is found again later.</summary>
internal sealed class StartModel(AutomationDb db, CalendarShelf shelf, Show show, IStringLocalizer words) : PageModel
{
    /// <summary>Step in which the sender's own words of the law are asked.</summary>
    public const int Legal = 2;
    public const int Mail = 3;

    public const int Steps = 4;

    [BindProperty(SupportsGet = true), Range(1, Steps)]
    public int Step { get; set; } = 1;

    /// <summary>The rules to begin with, one of <see cref="SendingPolicy.Presets"/>.</summary>
    [BindProperty]
    public string? Preset { get; set; }

    /// <summary>Keys of the ready calendars to follow.</summary>
    [BindProperty]
    public List<string> Calendars { get; set; } = [];

    public IReadOnlyList<CalendarFile> Offers => [.. shelf.Offers];

    public IReadOnlySet<string> Followed { get; private set; } = new HashSet<string>();

    [BindProperty]
    public SenderForm Form { get; set; } = new();

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        Form = SenderForm.Of(show.Shop);
        Followed = await CalendarShelf.FollowedAsync(db, cancellation);
        return Page();
    }

    /// <summary>Puts the rules of the trade into force and follows the chosen calendars; what is left open stays as it is.</summary>
    public async Task<IActionResult> OnPostTradeAsync(CancellationToken cancellation)
    {
        var who = User.Identity!.Name!;
        try
        {
            if (Preset is not null && SendingPolicy.Presets.TryGetValue(Preset, out var policy))
            {
                var inForce = await PolicyVersions.InForceAsync(db, cancellation);
                await PolicyVersions.PublishAsync(db, policy, inForce, who, words["The rules for our trade"], show.Now, cancellation);
            }
            var followed = await CalendarShelf.FollowedAsync(db, cancellation);
            foreach (var key in Calendars.Where(key => !followed.Contains(key)).Distinct()) await shelf.FollowAsync(db, key, who, show.Now, cancellation);
        }
        catch (RuleBrokenException broken)
        {
            this.Refuse(broken, show);
            return RedirectToPage(new { step = 1 });
        }
        return RedirectToPage(new { step = Legal });
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
        if (Step == Legal)
            (known.Name, known.LegalName, known.Address, known.Phone, known.Url) = (Form.Name, Form.LegalName, Form.Address, Form.Phone, Form.Url);
        else
            (known.FromEmail, known.OrderEmail, known.FromName, known.ReplyTo, known.Language, known.TimeZone) = (Form.FromEmail, Form.OrderEmail, Form.FromName, Form.ReplyTo, Form.Language, Form.TimeZone);
        return known;
    }
}

using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Rules;

/// <summary>What would happen to one person's mail at a time: asked, not done.</summary>
internal sealed class TryRulesModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    /// <summary>Address, name or customer number.</summary>
    [BindProperty(SupportsGet = true), StringLength(100, ErrorMessage = "At most {1} characters, please.")]
    public string? Person { get; set; }

    [BindProperty(SupportsGet = true)]
    public Guid? Id { get; set; }

    /// <summary>Local time of the workspace; empty: now.</summary>
    [BindProperty(SupportsGet = true)]
    public DateTime? At { get; set; }

    [BindProperty(SupportsGet = true)]
    public Approach Kind { get; set; } = Approach.A2;

    [BindProperty(SupportsGet = true)]
    public OverCap OverCap { get; set; }

    [BindProperty(SupportsGet = true), StringLength(200, ErrorMessage = "At most {1} characters, please.")]
    public string? Topics { get; set; }

    public Contact? Found { get; private set; }
    public IReadOnlyList<Contact> Several { get; private set; } = [];
    public SendDecision? Answer { get; private set; }
    public DateTimeOffset Asked { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid || (Id is null && string.IsNullOrWhiteSpace(Person))) return Page();
        await FindAsync(cancellation);
        if (Found is not { } person) return Page();
        Asked = At is { } local ? LocalTime.InstantOf(DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local), show.Zone) : show.Now;
        var question = new SendQuestion(MessageClass.Marketing, Kind, OverCap, ValidUntil: null) { Topics = Joined(Topics) };
        Answer = await PolicyTrial.AskAsync(db, person.Id, question, await db.SendingPolicyAsync(cancellation), show.Shop.TimeZone, Asked, cancellation);
        return Page();
    }

    private async Task FindAsync(CancellationToken cancellation)
    {
        if (Id is { } id)
        {
            Found = await db.Contacts.AsNoTracking().SingleOrDefaultAsync(contact => contact.Id == id, cancellation);
            Person = Found?.Email ?? Found?.Name;
        }
        else
        {
            Several = (await PeopleSearch.PageAsync(db, Person, before: null, 10, cancellation)).People;
            if (Several.Count == 1) (Found, Several) = (Several[0], []);
        }
        if (Found is null && Several.Count == 0) ModelState.AddModelError(nameof(Person), words["Nobody matches; search by address, name or customer number."]);
    }

    private static string Joined(string? topics) =>
        string.Join(',', (topics ?? "").Split([',', '、'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}

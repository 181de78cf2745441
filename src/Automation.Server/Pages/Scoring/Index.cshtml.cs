using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Scoring;

/// <summary>The scoring rules in force, their history, and what they make of a person.</summary>
public sealed class ScoringModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    private const int Shown = 30;

    /// <summary>Address, name or customer number.</summary>
    [BindProperty(SupportsGet = true), StringLength(100, ErrorMessage = "At most {1} characters, please.")]
    public string? Person { get; set; }

    [BindProperty(SupportsGet = true)]
    public Guid? Id { get; set; }

    public ScoringRules Rules { get; private set; } = ScoringRules.Default;
    public IReadOnlyList<ScoringVersion> Versions { get; private set; } = [];
    public Contact? Found { get; private set; }
    public IReadOnlyList<Contact> Several { get; private set; } = [];
    public ScoreSheet? Sheet { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Rules = await db.ScoringRulesAsync(cancellation);
        Versions = await db.ScoringVersions.AsNoTracking().OrderByDescending(version => version.Version).Take(Shown).ToListAsync(cancellation);
        if (!ModelState.IsValid || (Id is null && string.IsNullOrWhiteSpace(Person))) return;
        await FindAsync(cancellation);
        if (Found is { } person) Sheet = await ScoreSheet.OfAsync(db, person.Id, Rules, show.Now, cancellation);
    }

    private async Task FindAsync(CancellationToken cancellation)
    {
        if (Id is { } id)
        {
            Found = await db.Contacts.AsNoTracking().SingleOrDefaultAsync(contact => contact.Id == id, cancellation);
            Person ??= Found?.Email ?? Found?.Name;
        }
        else
        {
            Several = (await PeopleSearch.PageAsync(db, Person, before: null, 10, cancellation)).People;
            if (Several.Count == 1) (Found, Several) = (Several[0], []);
        }
        if (Found is null && Several.Count == 0) ModelState.AddModelError(nameof(Person), words["Nobody matches; search by address, name or customer number."]);
    }
}

using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Contacts.Connections;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.People;

/// <summary>Who in the team knows whom: looked up here, written down where the person or the company is shown.</summary>
public sealed class ConnectionsModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    [BindProperty(SupportsGet = true), StringLength(ConnectionDesk.MaxSearch)]
    public string? Search { get; set; }

    public IReadOnlyList<ConnectionLine> Lines { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        Lines = await ConnectionDesk.SearchAsync(db, Search, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostSaveAsync(ConnectionForm form, string? returnUrl, CancellationToken cancellation)
    {
        await this.TryAsync(
            who =>
            {
                if (!ModelState.IsValid || form.Colleague is not { } colleague) throw new RuleBrokenException("Choose a colleague.");
                var how = new KnownHow(form.Strength, form.Since, form.Note);
                return form.Person is { } person ? ConnectionDesk.KnowsPersonAsync(db, person, colleague, how, who, show.Now, cancellation)
                    : ConnectionDesk.KnowsCompanyAsync(db, form.Company ?? "", colleague, how, who, show.Now, cancellation);
            },
            words["Written down."], show);
        return this.BackTo(returnUrl);
    }

    public async Task<IActionResult> OnPostForgetAsync(Guid id, string? returnUrl, CancellationToken cancellation)
    {
        await this.TryAsync(_ => ConnectionDesk.ForgetAsync(db, id, cancellation), words["Taken off."], show);
        return this.BackTo(returnUrl);
    }
}

/// <summary>Somebody knows somebody, as the form sends it.</summary>
/// <param name="Person">Null: the company.</param>
public sealed record ConnectionForm(Guid? Colleague, Guid? Person, string? Company, ConnectionStrength Strength, DateOnly? Since, string? Note);

/// <summary>Who knows a person or a company, with a form for more.</summary>
/// <param name="Person">Null: the card of a company.</param>
/// <param name="Company">Null or empty: the person is of none.</param>
public sealed record ConnectionsCard(IReadOnlyList<ConnectionLine> Lines, IReadOnlyList<Colleague> Colleagues, Guid? Person, string? Company)
{
    public static async Task<ConnectionsCard> OfPersonAsync(AutomationDb db, Guid person, string? company, CancellationToken cancellation) =>
        new(await ConnectionDesk.OfPersonAsync(db, person, company, cancellation), await ConnectionDesk.ColleaguesAsync(db, cancellation), person, company);

    public static async Task<ConnectionsCard> OfCompanyAsync(AutomationDb db, string company, CancellationToken cancellation) =>
        new(await ConnectionDesk.OfCompanyAsync(db, company, cancellation), await ConnectionDesk.ColleaguesAsync(db, cancellation), null, company);
}

using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Campaigns.Calendar.OurYears;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Calendar;

/// <summary>Four answers about a product, and its year stands on the board with drafts of all texts.</summary>
public sealed class OurYearModel(AutomationDb db, OurYears years, Show show, IStringLocalizer words) : PageModel
{
    [BindProperty]
    public OurYearForm Form { get; set; } = new();

    public IReadOnlyList<OurYearMade> Made { get; private set; } = [];
    public IReadOnlyList<string> Goods { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        ModelState.Clear();
        await LoadAsync(cancellation);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (ModelState.IsValid && await MakeAsync(cancellation) is { } year) return RedirectToPage("Board", new { year });
        await LoadAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostUndoAsync(int number, CancellationToken cancellation)
    {
        await this.TryAsync(who => years.UndoAsync(number, who, cancellation), words["Taken back: its days, mailings and drafts are gone."], show);
        return RedirectToPage();
    }

    // The year on whose board the announcement stands.
    private async Task<int?> MakeAsync(CancellationToken cancellation)
    {
        try
        {
            var made = await years.MakeAsync(
                new OurYearAnswers(Form.Product!, Form.About, Form.Goods, Form.Opens!.Value, Form.Peak!.Value, Form.Ends!.Value, Form.EachYear), User.Identity!.Name!, cancellation);
            this.Done(words["The year of “{0}” stands on the board. Every mail waits for approval, and its text is a draft.", made.Product]);
            var first = await db.Occurrences.Where(one => made.Occurrences.Contains(one.Key)).OrderBy(one => one.OpensAt).Select(one => (DateTimeOffset?)one.OpensAt).FirstOrDefaultAsync(cancellation);
            return first is { } at ? show.DayOf(at).Year : Form.Opens.Value.Year;
        }
        catch (BadInputException refused)
        {
            ModelState.AddModelError("Form." + char.ToUpperInvariant(refused.Place[0]) + refused.Place[1..], refused.Place switch
            {
                "product" => words["1 to {0} characters, without brackets and quotes, please.", OurYears.MaxProduct],
                "about" => words["At most {0} characters in one line, without braces, please.", OurYears.MaxAbout],
                "goods" => words["Nobody has bought a product or category of this name. Choose one of the list, or leave it empty."],
                _ => words["The days must follow one another: opening, peak, end, within a year."],
            });
            return null;
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError("", show.Rule(broken));
            return null;
        }
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        Made = await OurYears.MadeAsync(db, cancellation);
        Goods = await db.Purchases.Where(purchase => purchase.Category != null).Select(purchase => purchase.Category!).Distinct().OrderBy(name => name).Take(200).ToListAsync(cancellation);
    }
}

/// <summary>The answers, as typed.</summary>
public sealed class OurYearForm
{
    [Required(ErrorMessage = "Please fill this in."), StringLength(OurYears.MaxProduct, ErrorMessage = "At most {1} characters, please.")]
    public string? Product { get; set; }

    [StringLength(OurYears.MaxAbout, ErrorMessage = "At most {1} characters, please.")]
    public string? About { get; set; }

    [StringLength(100, ErrorMessage = "At most {1} characters, please.")]
    public string? Goods { get; set; }

    [Required(ErrorMessage = "Please fill this in.")]
    public DateOnly? Opens { get; set; }

    [Required(ErrorMessage = "Please fill this in.")]
    public DateOnly? Peak { get; set; }

    [Required(ErrorMessage = "Please fill this in.")]
    public DateOnly? Ends { get; set; }

    public bool EachYear { get; set; }
}

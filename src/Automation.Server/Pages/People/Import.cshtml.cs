using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Imports;
using Automation.Server.Commands;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.People;

/// <summary>Brings people, purchases or deals from a file: looked at first, then taken.</summary>
[RequestSizeLimit(ImportDesk.MaxBytes + 100_000), RequestFormLimits(MultipartBodyLengthLimit = ImportDesk.MaxBytes + 100_000)]
internal sealed class ImportModel(ImportDesk desk, Show show, IStringLocalizer words) : PageModel
{
    private readonly ImportWords reportWords = new(Words.SpeaksJapanese);

    [BindProperty(SupportsGet = true)]
    public ImportKind Kind { get; set; } = ImportKind.Customers;

    [BindProperty(SupportsGet = true)]
    public Guid? Id { get; set; }

    [BindProperty]
    public ConsentBasis? Basis { get; set; }

    [BindProperty, StringLength(Contact.MaxText)]
    public string? Evidence { get; set; }

    /// <summary>The file on the desk; null: none, or its hour is over.</summary>
    public BroughtFile? Brought { get; private set; }

    public static IReadOnlyList<ImportKind> Kinds { get; } = [ImportKind.Customers, ImportKind.Purchases, ImportKind.Deals, ImportKind.Connections];

    public IActionResult OnGet()
    {
        if (!ModelState.IsValid || !Kinds.Contains(Kind)) return NotFound();
        Brought = Id is { } id ? desk.Find(id, Who) : null;
        if (this.IsHtmx() && Brought is not null) return Partial("People/_Brought", this);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(IFormFile? file, CancellationToken cancellation)
    {
        if (!Kinds.Contains(Kind)) return NotFound();
        if (file is null || file.Length is 0 or > ImportDesk.MaxBytes) ModelState.AddModelError("file", words["Choose a CSV file of at most 50 MB."]);
        if (Basis is null != string.IsNullOrWhiteSpace(Evidence)) ModelState.AddModelError(nameof(Evidence), words["Give the ground and its proof together, or neither."]);
        if (!ModelState.IsValid) return Page();
        try
        {
            await using var content = file!.OpenReadStream();
            var brought = await desk.BringAsync(
                new ImportRequest
                {
                    Kind = Kind,
                    Content = content,
                    FileName = Path.GetFileName(file.FileName),
                    Actor = Who,
                    Basis = Kind is ImportKind.Customers ? Basis : null,
                    Evidence = Kind is ImportKind.Customers && Basis is not null ? Evidence!.Trim() : null,
                },
                Who, cancellation);
            return RedirectToPage(new { id = brought.Id });
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError("", show.Rule(broken));
            return Page();
        }
    }

    public IActionResult OnPostTake()
    {
        if (Id is not { } id || desk.Find(id, Who) is not { } found) return RedirectToPage(new { id = (Guid?)null });
        desk.Take(found);
        return RedirectToPage(new { id });
    }

    /// <summary>What the report says, line by line.</summary>
    public async Task<string> ReportAsync()
    {
        await using var said = new StringWriter(CultureInfo.InvariantCulture);
        await reportWords.WriteAsync(Brought!.Report!, said);
        return said.ToString().TrimEnd();
    }

    public string FaultOf(BadInputException fault)
    {
        var (phrase, facts) = FileFault.Of(fault);
        return $"{fault.Place}: {reportWords.Say(phrase, facts)}";
    }

    public string NameOf(ImportKind kind) => kind switch
    {
        ImportKind.Customers => words["Customers"],
        ImportKind.Purchases => words["Purchases"],
        ImportKind.Connections => words["Who knows whom"],
        _ => words["Deals"],
    };

    private string Who => User.Identity!.Name!;
}

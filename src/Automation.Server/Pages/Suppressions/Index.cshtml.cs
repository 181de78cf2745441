using System.ComponentModel.DataAnnotations;
using System.Text;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Imports;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Automation.Server.Commands;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Suppressions;

/// <summary>Addresses and companies that nothing is sent to: search, add, take off, import, export.</summary>
internal sealed class SuppressionsModel(
    AutomationDb db, IDbContextFactory<AutomationDb> dbs, WorkLoops work, TimeProvider clock, Show show, IStringLocalizer words) : PageModel
{
    public const int MaxFileBytes = 20_000_000;
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true), StringLength(EmailAddress.MaxLength)]
    public string? Search { get; set; }

    [BindProperty(SupportsGet = true)]
    public SuppressionReason? Reason { get; set; }

    [BindProperty(SupportsGet = true), StringLength(EmailAddress.MaxLength + 40)]
    public string? After { get; set; }

    public IReadOnlyList<SuppressedAddress> Addresses { get; private set; } = [];
    public IReadOnlyDictionary<SuppressionReason, int> Counts { get; private set; } = new Dictionary<SuppressionReason, int>();
    public IReadOnlyList<(CompanyMark Mark, int People)> Companies { get; private set; } = [];
    public string? Next { get; private set; }

    public bool IsSteward => User.IsInRole("admin") || User.IsInRole("steward");

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        var addresses = db.SuppressedAddresses.AsNoTracking();
        if (Reason is { } reason) addresses = addresses.Where(one => one.Reason == reason);
        if (!string.IsNullOrWhiteSpace(Search))
        {
            var sought = Search.Trim().ToLowerInvariant();
            addresses = addresses.Where(one => one.AddressKey.Contains(sought));
        }
#pragma warning disable CA1309 // the database compares; an ordinal comparison has no translation
        if (!string.IsNullOrEmpty(After)) addresses = addresses.Where(one => string.Compare(one.AddressKey, After) > 0);
#pragma warning restore CA1309
        var page = await addresses.OrderBy(one => one.AddressKey).ThenBy(one => one.Reason).Take(PageSize + 1).ToListAsync(cancellation);
        // Reasons of one address stay together.
        if (page.Count > PageSize) Next = page[PageSize - 1].AddressKey;
        Addresses = [.. page.Take(PageSize)];
        Counts = await db.SuppressedAddresses.GroupBy(one => one.Reason).Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(line => line.Key, line => line.Count, cancellation);
        var marks = await db.CompanyMarks.AsNoTracking().OrderBy(mark => mark.Company).Take(200)
            .Select(mark => new { Mark = mark, People = db.Contacts.Count(contact => contact.Company == mark.Company) }).ToListAsync(cancellation);
        Companies = [.. marks.Select(line => (line.Mark, line.People))];
        return Page();
    }

    public Task<IActionResult> OnPostAddAsync(string? address, SuppressionReason reason, string? detail, CancellationToken cancellation) =>
        ActAsync(words["Nothing is sent to this address any more; what waited for it is withdrawn."],
            () => SuppressionList.AddAsync(db, address, reason, detail, User.Identity!.Name!, show.Now, cancellation));

    public Task<IActionResult> OnPostRemoveAsync(string address, SuppressionReason reason, string? why, string? typed, CancellationToken cancellation) =>
        ActAsync(words["Taken off the list. What the person withdrew stays withdrawn."],
            () => SuppressionList.RemoveAsync(db, address, reason, why, IsSteward, typed, User.Identity!.Name!, show.Now, cancellation));

    public Task<IActionResult> OnPostCompanyAsync(string? company, bool suppressed, bool fixedPartner, string? why, CancellationToken cancellation) =>
        ActAsync(words["Saved."], () => CompanyMarks.SetAsync(db, company, suppressed, fixedPartner, why, User.Identity!.Name!, show.Now, cancellation));

    public async Task<IActionResult> OnPostImportAsync(IFormFile? file, bool dryRun, CancellationToken cancellation)
    {
        if (file is null || file.Length == 0 || file.Length > MaxFileBytes)
        {
            TempData["Refused"] = words["Choose a CSV file of at most 20 MB."].Value;
            return RedirectToPage();
        }
        var import = new ImportWords(Words.SpeaksJapanese);
        try
        {
            await using var content = file.OpenReadStream();
            var report = await Importer.ImportAsync(
                dbs, new ImportRequest { Kind = ImportKind.Suppressions, Content = content, FileName = Path.GetFileName(file.FileName), DryRun = dryRun, Actor = User.Identity!.Name! },
                progress: null, clock, cancellation);
            await using var said = new StringWriter();
            await import.WriteAsync(report, said);
            this.Done(said.ToString().TrimEnd());
            work.Wake();
        }
        catch (BadInputException fault)
        {
            var (phrase, facts) = FileFault.Of(fault);
            TempData["Refused"] = $"{fault.Place}: {import.Say(phrase, facts)}";
        }
        return RedirectToPage();
    }

    public async Task<IActionResult> OnGetExportAsync(CancellationToken cancellation)
    {
        var bytes = new MemoryStream();
        await using (var output = new StreamWriter(bytes, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true))
            await SuppressionList.ExportAsync(db, output, cancellation);
        await Audit.WriteAsync(db, User.Identity!.Name!, "suppression.exported", "suppressions.csv", before: null, new { Bytes = bytes.Length }, show.Now, cancellation);
        return File(bytes.ToArray(), "text/csv; charset=utf-8", "suppressions.csv");
    }

    private async Task<IActionResult> ActAsync(string done, Func<Task> act)
    {
        await this.TryAsync(work, _ => act(), done, show);
        return RedirectToPage(new { Search, Reason });
    }
}

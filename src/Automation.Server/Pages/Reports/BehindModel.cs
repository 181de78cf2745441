using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using Automation.Marketing.Reports;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;

namespace Automation.Server.Pages.Reports;

/// <summary>The rows behind one figure of a report, page by page and as a file.</summary>
internal abstract class BehindModel(Show show, int days) : PeriodModel(show, days)
{
    private const int PageSize = 50;

    // A file is for a spreadsheet, and this is more than one takes.
    private const int MostInAFile = 1_048_575;

    [BindProperty(SupportsGet = true), Range(1, 20_000)]
    public int Number { get; set; } = 1;

    public IReadOnlyList<BehindRow> Rows { get; private set; } = [];
    public bool HasMore { get; private set; }

    /// <summary>What the rows are, e.g. <c>Handed back · Too early</c>.</summary>
    public abstract string Heading { get; }

    /// <summary>The report they belong to.</summary>
    public abstract string Report { get; }

    /// <summary>What heads the last column; empty: there is none.</summary>
    public virtual string DetailHead => "";

    /// <summary>What stands in the column of times.</summary>
    public virtual string When(BehindRow row) => Show.Time(row.At);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        var found = await RowsAsync((Number - 1) * PageSize, PageSize + 1, cancellation);
        (Rows, HasMore) = ([.. found.Take(PageSize)], found.Count > PageSize);
        return Page();
    }

    public async Task<IActionResult> OnGetCsvAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        var bytes = new MemoryStream();
        await using (var output = new StreamWriter(bytes, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true))
            await BehindRow.WriteCsvAsync(await RowsAsync(0, MostInAFile, cancellation), output);
        return File(bytes.ToArray(), "text/csv; charset=utf-8", "rows.csv");
    }

    /// <returns>This page's address with another number or handler, keeping what is asked for.</returns>
    public string Address(int? number = null, string? handler = null)
    {
        var query = Request.Query.Where(pair => pair.Key is not ("number" or "handler")).SelectMany(pair => pair.Value.Select(value => (pair.Key, value)))
            .Append(("number", number?.ToString(CultureInfo.InvariantCulture))).Append(("handler", handler)).Where(pair => !string.IsNullOrEmpty(pair.Item2));
        return Request.Path + "?" + string.Join('&', query.Select(pair => $"{Uri.EscapeDataString(pair.Item1)}={Uri.EscapeDataString(pair.Item2!)}"));
    }

    protected abstract Task<List<BehindRow>> RowsAsync(int skip, int take, CancellationToken cancellation);
}

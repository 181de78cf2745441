using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using Automation.Marketing.Reports;
using Automation.Marketing.Reports.Relatedness;
using Automation.Marketing.Storage;
using Automation.Server.Pages.Broadcasts;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;

namespace Automation.Server.Pages.Reports;

/// <summary>What is bought together, and from a pair to the people who have only one of the two.</summary>
internal sealed class RelatedModel(AutomationDb db, Show show) : PeriodModel(show, days: 1_096)
{
    /// <summary>Pairs on the page; the file holds all.</summary>
    public const int Shown = 100;

    [BindProperty(SupportsGet = true), EnumDataType(typeof(RelatedKind))]
    public RelatedKind Kind { get; set; }

    public IReadOnlyList<RelatedPair> Pairs { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        Pairs = await RelatedPairs.OfAsync(db, Kind, First, Last, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnGetCsvAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        var bytes = new MemoryStream();
        await using (var output = new StreamWriter(bytes, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true))
            await RelatedPair.WriteCsvAsync(await RelatedPairs.OfAsync(db, Kind, First, Last, cancellation), output);
        return File(bytes.ToArray(), "text/csv; charset=utf-8", "bought-together.csv");
    }

    public string Csv => Days("/reports/related?handler=Csv") + $"&kind={Kind}";

    public string Behind(RelatedPair pair) => Days("/reports/related/rows?") + $"&kind={Kind}&bought={Uri.EscapeDataString(pair.Bought)}&then={Uri.EscapeDataString(pair.Then)}";

    /// <summary>A new broadcast to those who bought the one lately and have never bought the other.</summary>
    public string Draft(RelatedPair pair) =>
        $"/broadcasts/new?bought={Uri.EscapeDataString(Goods(pair.Bought))}&notBought={Uri.EscapeDataString(Goods(pair.Then))}";

    private string Goods(string name) => Kind is RelatedKind.Product ? BoughtGoods.OfProduct(name) : BoughtGoods.OfCategory(name);

    private string Days(string address) => string.Create(CultureInfo.InvariantCulture, $"{address}&from={First:yyyy-MM-dd}&to={Last:yyyy-MM-dd}").Replace("?&", "?", StringComparison.Ordinal);
}

/// <summary>The buyers behind a pair.</summary>
internal sealed class RelatedRowsModel(AutomationDb db, Show show, Microsoft.Extensions.Localization.IStringLocalizer words) : BehindModel(show, days: 1_096)
{
    [BindProperty(SupportsGet = true), EnumDataType(typeof(RelatedKind))]
    public RelatedKind Kind { get; set; }

    [BindProperty(SupportsGet = true), Required, StringLength(200)]
    public string Bought { get; set; } = "";

    [BindProperty(SupportsGet = true), Required, StringLength(200)]
    public string Then { get; set; } = "";

    public override string Heading => words["{0}, then {1}", Bought, Then];

    public override string Report => string.Create(CultureInfo.InvariantCulture, $"/reports/related?from={First:yyyy-MM-dd}&to={Last:yyyy-MM-dd}&kind={Kind}");

    public override string DetailHead => words["Before it, {0}", Bought];

    // A purchase has a day and no hour.
    public override string When(BehindRow row) => Show.Day(Show.DayOf(row.At));

    protected override Task<List<BehindRow>> RowsAsync(int skip, int take, CancellationToken cancellation) =>
        RelatedPairs.BehindAsync(db, Kind, Bought, Then, First, Last, Show.Zone, skip, take, cancellation);
}

using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Automation.Marketing.Accounts;
using Automation.Marketing.Reports;
using Automation.Marketing.Reports.Journey;
using Automation.Marketing.Storage;
using Automation.Server.Pages.Reports;
using Automation.Server.SignIn;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.JourneyMaps;

/// <summary>By which ways people came to buy, and what each way is worth.</summary>
internal sealed class JourneyMapModel(AutomationDb db, Show show) : PeriodModel(show, days: 180)
{
    /// <summary>Fewer people than this could be told from each other: those who only look see no such figure.</summary>
    public const int Least = 5;

    private const int MostPaths = 10;

    public JourneyMap Map { get; private set; } = new();
    public Sankey Drawing { get; private set; } = new([], []);
    public IReadOnlyList<(IReadOnlyList<JourneyNode> Nodes, int People)> Paths { get; private set; } = [];

    public bool HidesFew => HidesFewFrom(User);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        Map = await JourneyMap.OfAsync(db, Period, Show.Zone, Show.Now, cancellation);
        Drawing = Sankey.Of(Map, HidesFew ? Least : 1);
        Paths = [.. Map.Paths.Where(path => !Hides(path.People)).Take(MostPaths)];
        return Page();
    }

    public bool Hides(int people) => HidesFew && people is > 0 and < Least;

    public string Behind(string figure) => FormattableString.Invariant($"/journey/rows?from={First:yyyy-MM-dd}&to={Last:yyyy-MM-dd}") + $"&figure={Uri.EscapeDataString(figure)}";

    /// <returns>Tenths of a percent for each channel; together a thousand.</returns>
    public IReadOnlyDictionary<string, long> SharesOf(CreditModel model) =>
        Map.Revenue == 0 ? Map.Credited.ToDictionary(channel => channel, _ => 0L)
        : Map.Credited.Zip(Credit.Split(1000, [.. Map.Credited.Select(channel => Map.Units(JourneyFigures.Of(model, channel)))])).ToDictionary(pair => pair.First, pair => pair.Second);

    internal static bool HidesFewFrom(ClaimsPrincipal who) => Access.RolesOf(who) is Roles.Viewer;
}

/// <summary>The people behind one figure of the map.</summary>
internal sealed class JourneyRowsModel(AutomationDb db, Show show, ReportWords reports, IStringLocalizer words) : BehindModel(show, days: 180)
{
    [BindProperty(SupportsGet = true), StringLength(400)]
    public string Figure { get; set; } = "";

    public override string Heading => reports.Figure(Figure);

    public override string Report => FormattableString.Invariant($"/journey?from={First:yyyy-MM-dd}&to={Last:yyyy-MM-dd}");

    public override string DetailHead => Figure.StartsWith("credit:", StringComparison.Ordinal) ? words["Revenue"] : "";

    protected override async Task<List<BehindRow>> RowsAsync(int skip, int take, CancellationToken cancellation)
    {
        if (JourneyMapModel.HidesFewFrom(User) && (await ReadAsync(0, JourneyMapModel.Least, cancellation)).Count < JourneyMapModel.Least) return [];
        return await ReadAsync(skip, take, cancellation);
    }

    private Task<List<BehindRow>> ReadAsync(int skip, int take, CancellationToken cancellation) =>
        JourneyMap.BehindAsync(db, Period, Show.Zone, Show.Now, Figure, skip, take, cancellation);
}

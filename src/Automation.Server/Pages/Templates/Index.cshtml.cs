using System.ComponentModel.DataAnnotations;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Content.Preview;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages.Templates;

/// <summary>Every template: what it is, what sends it, and how its last use went.</summary>
internal sealed class TemplatesModel(AutomationDb db, TemplateDesk desk, TemplateUses uses, MailPreview preview, Show show) : PageModel
{
    /// <summary>How far back the last use is looked for.</summary>
    public const int FigureDays = 180;

    private IReadOnlyDictionary<string, TemplateFigure>? figures;
    private IReadOnlyDictionary<string, WelcomeScore> scores = new Dictionary<string, WelcomeScore>();
    private ILookup<string, TemplateUse> users = Array.Empty<TemplateUse>().ToLookup(use => use.Template);

    [BindProperty(SupportsGet = true), StringLength(100)]
    public string? Search { get; set; }

    [BindProperty(SupportsGet = true)]
    public Approach? Approach { get; set; }

    [BindProperty(SupportsGet = true)]
    public bool Retired { get; set; }

    public IReadOnlyList<TemplateLine> Templates { get; private set; } = [];
    public IReadOnlyList<TemplateLine> Partials { get; private set; } = [];

    /// <summary>Counting takes a moment where millions were sent: the list comes first, its figures follow.</summary>
    public bool HasFigures => figures is not null;

    public bool IsFiltered => !string.IsNullOrWhiteSpace(Search) || Approach is not null || Retired;

    /// <summary>In the reader's language.</summary>
    public string SubjectOf(TemplateLine line) => preview.Subject(line.Source!, Words.SpeaksJapanese ? "ja" : "en", show.Shop);

    public TemplateFigure? FigureOf(string id) => figures?.GetValueOrDefault(id);

    /// <summary>Null: no marketing mail was made from it.</summary>
    public WelcomeScore? WelcomeOf(string id) => scores.GetValueOrDefault(id);

    public IReadOnlyList<TemplateUse> UsesOf(string id) => [.. users[id].DistinctBy(use => (use.By, use.Name)).OrderBy(use => use.By).ThenBy(use => use.Name, StringComparer.CurrentCulture)];

    public int IncludersOf(string id) => desk.Includers(id).Count;

    public string FiguresAddress => "/templates?handler=Figures" + (QueryString is { Length: > 1 } query ? "&" + query[1..] : "");

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        await LoadAsync(cancellation);
        return this.IsHtmx() ? Partial("Templates/_List", this) : Page();
    }

    public async Task<IActionResult> OnGetFiguresAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return NotFound();
        await LoadAsync(cancellation);
        figures = await TemplateFigures.LastUsesAsync(db, show.Now.AddDays(-FigureDays), cancellation);
        scores = await WelcomeScores.OfAsync(db, show.Now, templates: null, cancellation);
        return Partial("Templates/_List", this);
    }

    private string? QueryString => string.Join('&', Request.Query.Where(pair => pair.Key != "handler").SelectMany(pair => pair.Value.Select(value => $"{pair.Key}={Uri.EscapeDataString(value ?? "")}"))) is { Length: > 0 } query ? "?" + query : null;

    private async Task LoadAsync(CancellationToken cancellation)
    {
        var lines = await desk.ListAsync(cancellation);
        users = await uses.AllAsync(db, cancellation);
        Templates = [.. lines.Where(line => !line.IsPartial && IsWanted(line))];
        Partials = [.. lines.Where(line => line.IsPartial && Approach is null && IsWanted(line))];
    }

    private bool IsWanted(TemplateLine line) =>
        line.IsRetired == Retired
        && (Approach is null || line.Source?.Approach == Approach)
        && (string.IsNullOrWhiteSpace(Search) || Search.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).All(word => Says(line, word)));

    private bool Says(TemplateLine line, string word) =>
        Texts(line).Any(text => text.Contains(word, StringComparison.CurrentCultureIgnoreCase));

    private IEnumerable<string> Texts(TemplateLine line) =>
        [line.Id, .. line.Source?.Topics ?? [], .. line.Source?.Parts.Values.Select(parts => parts.Subject) ?? [], .. users[line.Id].Select(use => use.Name)];
}

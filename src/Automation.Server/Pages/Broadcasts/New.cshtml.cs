using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Reports.Relatedness;
using Automation.Marketing.Storage;
using Automation.Server.Pages.Templates;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Broadcasts;

/// <summary>Makes a broadcast in two steps: say what and for whom, then confirm the number of people.</summary>
internal sealed class NewBroadcastModel(
    AutomationDb db, Marketing.Campaigns.Broadcasts broadcasts, TemplateCatalogue catalogue, LawGate law, WorkLoops work, Show show, IStringLocalizer words) : PageModel
{
    private const int MostChoices = 200;

    [BindProperty]
    public BroadcastForm Form { get; set; } = new();

    /// <summary>The number of people, typed again.</summary>
    [BindProperty]
    public int? Typed { get; set; }

    public IReadOnlyList<string> Templates { get; private set; } = [];
    public IReadOnlyList<string> KnownPrefectures { get; private set; } = [];
    public IReadOnlyList<string> KnownTags { get; private set; } = [];
    public IReadOnlyList<string> KnownCategories { get; private set; } = [];

    /// <summary>Those bought most.</summary>
    public IReadOnlyList<string> KnownProducts { get; private set; } = [];

    /// <summary>Categories in which somebody is regular enough to be expected again.</summary>
    public IReadOnlyList<string> Rhythms { get; private set; } = [];

    /// <summary>Set when the second step is shown.</summary>
    public int? People { get; private set; }

    /// <summary>What would become of everyone it is for.</summary>
    public BroadcastForecast? Forecast { get; private set; }

    /// <summary>Whom no mail reaches, when they are to stand on a list.</summary>
    public int OnPaper { get; private set; }

    /// <summary>Whom a mail and a card both reach, when the two are tried; null: they are not.</summary>
    public int? BothWays { get; private set; }

    /// <summary>What it would send although it was not welcome.</summary>
    public UnwelcomeTemplates Unwelcome { get; private set; } = new([]);

    /// <param name="bought">For those who bought this lately; see <see cref="BoughtGoods"/>.</param>
    /// <param name="notBought">And have never bought this.</param>
    public async Task<IActionResult> OnGetAsync(string? bought, string? notBought, CancellationToken cancellation)
    {
        if (bought is { Length: > BoughtGoods.MaxLength } || notBought is { Length: > BoughtGoods.MaxLength } || !BoughtGoods.IsKnown(bought) || !BoughtGoods.IsKnown(notBought)) return NotFound();
        if (!string.IsNullOrEmpty(bought)) (Form.Bought, Form.BoughtDays, Form.BoughtOf) = (SpanKind.LastDays, RelatedPairs.Days, bought);
        if (!string.IsNullOrEmpty(notBought)) (Form.NotBought, Form.NotBoughtOf) = (SpanKind.Ever, notBought);
        await LoadChoicesAsync(cancellation);
        return Page();
    }

    /// <summary>How many people the conditions reach, while they are being typed.</summary>
    public async Task<IActionResult> OnPostCountAsync(CancellationToken cancellation) =>
        Partial("Broadcasts/_Count", await Audiences.CountAsync(db, Form.Audience, show.Today, cancellation));

    public async Task<IActionResult> OnPostReviewAsync(CancellationToken cancellation)
    {
        Form.Check(ModelState, words, show);
        ModelState.Remove(nameof(Typed));
        if (ModelState.IsValid) await ReviewAsync(cancellation);
        await LoadChoicesAsync(cancellation);
        return Page();
    }

    /// <summary>Whoever is over a limit waits instead of being left out, or the other way round: one press, before anything is confirmed.</summary>
    public Task<IActionResult> OnPostWaitAsync(bool wait, CancellationToken cancellation)
    {
        Form.OverCap = wait ? OverCap.Defer : OverCap.Skip;
        return OnPostReviewAsync(cancellation);
    }

    public async Task<IActionResult> OnPostBackAsync(CancellationToken cancellation)
    {
        ModelState.Clear();
        await LoadChoicesAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostCreateAsync(bool accept, CancellationToken cancellation)
    {
        Form.Check(ModelState, words, show);
        if (ModelState.IsValid) await ReviewAsync(cancellation);
        else People = await Audiences.CountAsync(db, Form.Audience, show.Today, cancellation);
        if (Typed != People) ModelState.AddModelError(nameof(Typed), words["Type the number of people shown above: {0}.", People ?? 0]);
        if (Unwelcome.Scores.Count > 0 && !accept) ModelState.AddModelError("", words["Tick that you want to use a template that was not welcome, or choose another one."]);
        if (ModelState.IsValid && await CreateAsync(cancellation) is { } made) return RedirectToPage("Broadcast", new { id = made.Id });
        await LoadChoicesAsync(cancellation);
        return Page();
    }

    private async Task<Broadcast?> CreateAsync(CancellationToken cancellation)
    {
        try
        {
            await law.RequireAsync(db, Form.Template, cancellation);
            if (Form.Tried is TriedOut.Template) await law.RequireAsync(db, Form.TemplateB, cancellation);
            var made = broadcasts.Create(db, Form.ToBroadcast(show.Zone, show.Now, People ?? 0), User.Identity!.Name!, show.Now);
            await db.SaveChangesAsync(cancellation);
            work.Wake();
            return made;
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError("", show.Rule(broken));
            return null;
        }
        catch (BadInputException refused)
        {
            ModelState.AddModelError("", words["This broadcast cannot be made: {0}", refused.Message]);
            return null;
        }
    }

    private async Task ReviewAsync(CancellationToken cancellation)
    {
        var people = await Audiences.CountAsync(db, Form.Audience, show.Today, cancellation);
        var wanted = Form.ToBroadcast(show.Zone, show.Now, people);
        var begins = wanted.Options.Local is { } local ? local.First > show.Now ? local.First : show.Now : wanted.SendAt ?? show.Now;
        var template = catalogue.Find(wanted.Template);
        var question = new SendQuestion(MessageClass.Marketing, template?.Approach ?? Approach.A1, wanted.OverCap, wanted.ValidUntil)
        {
            Topics = string.Join(',', template?.Topics ?? []),
            Priority = Marketing.Campaigns.Broadcasts.DefaultPriority,
        };
        // By everyone's own clock it is day for nobody when it begins: asked at the shop's hour.
        var at = wanted.Options.Local is null ? begins : Form.SendsAt(show.Zone) is { } hour && hour > show.Now ? hour : show.Now;
        Forecast = await BroadcastForecast.OfAsync(db, wanted.Audience, question, Form.WaitsUntil(begins, people), at, cancellation);
        People = people;
        Unwelcome = new UnwelcomeTemplates(await WelcomeScores.UnwelcomeAsync(db, show.Now, wanted.Templates, cancellation));
        BothWays = Form.Tried is TriedOut.Channel ? await Audiences.CountBothWaysAsync(db, Form.Audience, show.Today, cancellation) : null;
        OnPaper = Form.OnPaper ? await Audiences.CountOnPaperAsync(db, Form.Audience, show.Today, cancellation) : 0;
    }

    private async Task LoadChoicesAsync(CancellationToken cancellation)
    {
        Templates = [.. catalogue.All.Where(t => t.Class is MessageClass.Marketing).Select(t => t.Id)];
        KnownPrefectures = await db.Contacts.Where(c => c.Prefecture != null).Select(c => c.Prefecture!).Distinct().OrderBy(name => name).ToListAsync(cancellation);
        KnownTags = await db.ContactTags.Select(t => t.Tag).Distinct().OrderBy(tag => tag).Take(MostChoices).ToListAsync(cancellation);
        KnownCategories = await db.Purchases.Where(p => p.Category != null && p.Category != "").GroupBy(p => p.Category!).OrderByDescending(p => p.Count()).ThenBy(p => p.Key)
            .Select(p => p.Key).Take(MostChoices).ToListAsync(cancellation);
        KnownProducts = await db.Purchases.Where(p => p.Product != null && p.Product != "").GroupBy(p => p.Product!).OrderByDescending(p => p.Count()).ThenBy(p => p.Key)
            .Select(p => p.Key).Take(MostChoices).ToListAsync(cancellation);
        Rhythms = await db.PurchaseCycles.Where(cycle => cycle.IsSure).Select(cycle => cycle.Category).Distinct().OrderBy(name => name).Take(MostChoices).ToListAsync(cancellation);
    }
}

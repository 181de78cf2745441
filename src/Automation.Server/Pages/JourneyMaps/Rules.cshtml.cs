using Automation.Marketing;
using Automation.Marketing.Reports.Journey;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.JourneyMaps;

/// <summary>Where events lie on the map, and how that came to be.</summary>
public sealed class JourneyRulesModel(AutomationDb db, Show show) : PageModel
{
    private const int Shown = 30;

    public JourneyRules Rules { get; private set; } = JourneyRules.Default;
    public IReadOnlyList<JourneyTrialLine> Lines { get; private set; } = [];
    public IReadOnlyList<JourneyVersion> Versions { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Rules = await db.JourneyRulesAsync(cancellation);
        Lines = await JourneyTrialLine.TryAsync(db, Rules, show.Now, cancellation);
        Versions = await db.JourneyVersions.AsNoTracking().OrderByDescending(version => version.Version).Take(Shown).ToListAsync(cancellation);
    }
}

/// <summary>Changes where events lie: say what, look at what would move, and publish.</summary>
internal sealed class EditJourneyRulesModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    private const int MostComment = 300;

    [BindProperty]
    public List<JourneyRuleForm> Rules { get; set; } = [];

    /// <summary>The version that the change was made on.</summary>
    [BindProperty]
    public int BasedOn { get; set; }

    [BindProperty]
    public string? Comment { get; set; }

    /// <summary>Null: not tried yet.</summary>
    public IReadOnlyList<JourneyTrialLine>? Trial { get; private set; }

    /// <param name="version">An older one to begin from; 0: as shipped.</param>
    public async Task<IActionResult> OnGetAsync(int? version, CancellationToken cancellation)
    {
        var rules = await db.JourneyRulesAsync(cancellation);
        BasedOn = rules.Version;
        if (version is 0) rules = JourneyRules.Default;
        else if (version is { } asked)
        {
            if (await db.JourneyVersions.AsNoTracking().SingleOrDefaultAsync(one => one.Version == asked, cancellation) is not { } old) return NotFound();
            rules = JourneyVersions.Read(old.Document);
        }
        Rules = [.. rules.Rules.Select(rule => new JourneyRuleForm { Type = rule.Type, Stage = rule.Stage, Channel = rule.Channel })];
        return Page();
    }

    // The first rule that fits counts, and the last one mostly takes all: what is new stands before the others.
    public IActionResult OnPostAdd()
    {
        ModelState.Clear();
        if (Rules.Count < JourneyRules.Most) Rules.Insert(0, new JourneyRuleForm { Channel = "other" });
        return Page();
    }

    public IActionResult OnPostRemove(int index)
    {
        ModelState.Clear();
        if (index >= 0 && index < Rules.Count) Rules.RemoveAt(index);
        return Page();
    }

    public IActionResult OnPostUp(int index)
    {
        ModelState.Clear();
        if (index > 0 && index < Rules.Count) (Rules[index - 1], Rules[index]) = (Rules[index], Rules[index - 1]);
        return Page();
    }

    /// <summary>What these rules would move; nothing is kept.</summary>
    public async Task<IActionResult> OnPostTryAsync(CancellationToken cancellation)
    {
        Check();
        if (ModelState.IsValid) Trial = await JourneyTrialLine.TryAsync(db, Wanted(), show.Now, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostPublishAsync(CancellationToken cancellation)
    {
        Check();
        if (string.IsNullOrWhiteSpace(Comment) || Comment.Length > MostComment)
            ModelState.AddModelError(nameof(Comment), words["Say in at most {0} characters why the rules change; it stays in the history.", MostComment]);
        if (!ModelState.IsValid) return Page();
        try
        {
            var next = await JourneyVersions.PublishAsync(db, Wanted(), BasedOn, User.Identity!.Name!, Comment!.Trim(), show.Now, cancellation);
            this.Done(words["Version {0} is in force. The map counts by it from now on.", next.Version]);
            return RedirectToPage("Rules");
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError("", show.Rule(broken));
            return Page();
        }
    }

    private JourneyRules Wanted() => new([.. Rules.Select(rule => new JourneyRule(rule.Type?.Trim() ?? "", rule.Stage, rule.Channel?.Trim() ?? ""))]);

    private void Check()
    {
        foreach (var (rule, field, problem) in Wanted().Problems()) ModelState.AddModelError(field.Length == 0 ? "" : $"Rules[{rule}].{field}", show.Rule(problem));
    }
}

/// <summary>One rule, as typed.</summary>
public sealed class JourneyRuleForm
{
    public string? Type { get; set; }
    public JourneyStage Stage { get; set; }
    public string? Channel { get; set; }
}

using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Contacts.Scoring;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Scoring;

/// <summary>Changes the scoring rules: say what, look at what it would do to everybody or to one person, and publish.</summary>
internal sealed class EditScoringModel(AutomationDb db, WorkLoops work, Show show, IStringLocalizer words) : PageModel
{
    private const int MostComment = 300;
    private static readonly TimeSpan TrialBudget = TimeSpan.FromSeconds(3);

    [BindProperty]
    public ScoringForm Form { get; set; } = new();

    /// <summary>The version that the change was made on.</summary>
    [BindProperty]
    public int BasedOn { get; set; }

    [BindProperty]
    public string? Comment { get; set; }

    /// <summary>Whom to try it with.</summary>
    [BindProperty]
    public string? Person { get; set; }

    public IReadOnlyList<string> Fields { get; private set; } = [];
    public ScoringTrial? Trial { get; private set; }
    public ScoringTrial? InForce { get; private set; }
    public ScoreSheet? Sheet { get; private set; }
    public string? SheetOf { get; private set; }

    public async Task<IActionResult> OnGetAsync(int? version, CancellationToken cancellation)
    {
        var rules = await db.ScoringRulesAsync(cancellation);
        BasedOn = rules.Version;
        if (version is { } asked)
        {
            if (await db.ScoringVersions.AsNoTracking().SingleOrDefaultAsync(one => one.Version == asked, cancellation) is not { } old) return NotFound();
            rules = ScoringVersions.Read(old.Document);
        }
        Form = ScoringForm.Of(rules);
        return await ShownAsync(cancellation);
    }

    /// <param name="kind">Which list gets a new line.</param>
    public Task<IActionResult> OnPostAddAsync(string kind, CancellationToken cancellation)
    {
        ModelState.Clear();
        if (kind == "fit") Form.Fit.Add(new FitForm { Field = "company" });
        else if (kind == "signal") Form.Signals.Add(new SignalForm { Id = $"signal-{Form.Signals.Count + 1}" });
        else Form.Touches.Add(new TouchForm { Id = $"rule-{Form.Touches.Count + 1}" });
        return ShownAsync(cancellation);
    }

    public Task<IActionResult> OnPostRemoveAsync(string kind, int index, CancellationToken cancellation)
    {
        ModelState.Clear();
        if (kind == "fit") RemoveAt(Form.Fit, index);
        else if (kind == "signal") RemoveAt(Form.Signals, index);
        else RemoveAt(Form.Touches, index);
        return ShownAsync(cancellation);
    }

    /// <summary>What these rules would do; nothing is kept.</summary>
    public async Task<IActionResult> OnPostTryAsync(CancellationToken cancellation)
    {
        Form.Check(ModelState, show);
        if (ModelState.IsValid)
        {
            Trial = await ScoringTrial.RunAsync(db, Form.ToRules(), show.Now, TrialBudget, cancellation);
            InForce = await ScoringTrial.RunAsync(db, await db.ScoringRulesAsync(cancellation), show.Now, TrialBudget, cancellation);
            await TryWithPersonAsync(cancellation);
        }
        return await ShownAsync(cancellation);
    }

    public async Task<IActionResult> OnPostPublishAsync(CancellationToken cancellation)
    {
        Form.Check(ModelState, show);
        if (string.IsNullOrWhiteSpace(Comment) || Comment.Length > MostComment)
            ModelState.AddModelError(nameof(Comment), words["Say in at most {0} characters why the rules change; it stays in the history.", MostComment]);
        if (!ModelState.IsValid) return await ShownAsync(cancellation);
        try
        {
            var next = await ScoringVersions.PublishAsync(db, Form.ToRules(), BasedOn, User.Identity!.Name!, Comment!.Trim(), show.Now, cancellation);
            work.Wake();
            this.Done(words["Version {0} is in force. Everybody is looked at anew.", next.Version]);
            return RedirectToPage("Index");
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError("", show.Rule(broken));
            return await ShownAsync(cancellation);
        }
    }

    private async Task TryWithPersonAsync(CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(Person) || Person.Length > 100) return;
        if ((await PeopleSearch.PageAsync(db, Person, before: null, 1, cancellation)).People is not [var person]) ModelState.AddModelError(nameof(Person), words["Nobody matches; search by address, name or customer number."]);
        else (Sheet, SheetOf) = (await ScoreSheet.OfAsync(db, person.Id, Form.ToRules(), show.Now, cancellation), person.Name ?? person.Email);
    }

    private async Task<IActionResult> ShownAsync(CancellationToken cancellation)
    {
        Fields = [.. (await ContactFields.LoadAsync(db, cancellation)).Keys(dateOnly: false), Fitness.Email, Fitness.Tag];
        return Page();
    }

    private static void RemoveAt<T>(List<T> list, int index)
    {
        if (index >= 0 && index < list.Count) list.RemoveAt(index);
    }
}

using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Server.Pages.Templates;
using Automation.Server.Studio;
using Automation.Server.Wording;
using Automation.Workflows.Definitions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Flows;

/// <summary>A ready-made flow on one page: for whom, when, what, and what for; published without a drawing.</summary>
internal sealed class ReadyModel(
    AutomationDb db, FlowDefinitions flows, TemplateCatalogue templates, Pickers pickers, FindingWords findings, Show show, TimeProvider clock, IStringLocalizer words) : PageModel
{
    private static readonly Dictionary<string, ReadyMadeKind> Kinds = new(StringComparer.Ordinal)
    {
        ["welcome"] = ReadyMadeKind.Welcome,
        ["hand-back"] = ReadyMadeKind.HandBack,
        ["season"] = ReadyMadeKind.Season,
        ["thanks"] = ReadyMadeKind.Thanks,
    };

    [BindProperty]
    public ReadyMadeForm Form { get; set; } = new();

    public ReadyMadeKind Kind { get; private set; }
    public bool MayEdit => FlowHead.MayEdit(User);
    public IReadOnlyList<(string Name, string Value)> Events { get; private set; } = [];
    public IReadOnlyList<(string Name, string Value)> Anchors { get; private set; } = [];
    public IReadOnlyList<MailTemplate> Templates { get; private set; } = [];
    public IReadOnlyList<string> Tags { get; private set; } = [];
    public IReadOnlyList<string> Prefectures { get; private set; } = [];

    /// <summary>Published flows of the same kind of beginning: who enters this one enters those too.</summary>
    public IReadOnlyList<string> Others { get; private set; } = [];

    /// <summary>What it would send although it was not welcome; known once it was asked for.</summary>
    public UnwelcomeTemplates Unwelcome { get; private set; } = new([]);

    public async Task<IActionResult> OnGetAsync(string kind, CancellationToken cancellation)
    {
        if (!Kinds.TryGetValue(kind, out var known)) return NotFound();
        Form = ReadyMadeForm.Usual(known, words);
        ModelState.Clear();
        await LoadAsync(known, cancellation);
        // A template or a day that this shop has not is not proposed.
        if (Anchors.Count > 0) Form.Anchor ??= Anchors[0].Value;
        (Form.First, Form.Second, Form.Third) = (Existing(Form.First), Existing(Form.Second), Existing(Form.Third));
        (Form.TooEarly, Form.Budget, Form.Competitor, Form.NoContact) = (Existing(Form.TooEarly), Existing(Form.Budget), Existing(Form.Competitor), Existing(Form.NoContact));
        return Page();
    }

    /// <summary>What a chosen template says, beside its choice; the choice sends itself under its own name.</summary>
    public IActionResult OnGetText() =>
        Partial("Flows/_Text", Request.Query.FirstOrDefault(field => field.Key.StartsWith("Form.", StringComparison.Ordinal)).Value.ToString() is { Length: > 0 } id ? templates.Find(id) : null);

    public async Task<IActionResult> OnPostAsync(string kind, bool draft, bool accept, CancellationToken cancellation)
    {
        if (!Kinds.TryGetValue(kind, out var known)) return NotFound();
        if (!MayEdit) return Forbid();
        Form.Check(known, ModelState, templates, words);
        if (ModelState.IsValid && !draft) await AskAsync(known, accept, cancellation);
        if (ModelState.IsValid && await MakeAsync(known, draft, cancellation) is { } made) return Redirect(FlowHead.AddressOf(made.DefinitionId) + "/design");
        await LoadAsync(known, cancellation);
        return Page();
    }

    private async Task AskAsync(ReadyMadeKind kind, bool accept, CancellationToken cancellation)
    {
        var drawn = new FlowDefinition { Id = "new:1", DefinitionId = "new", Name = Form.Name!, Version = 1, Json = Form.Flow(kind, templates).ToJson() }.Definition();
        Unwelcome = new UnwelcomeTemplates(await WelcomeScores.UnwelcomeAsync(db, show.Now, TemplateUses.In(drawn), cancellation));
        if (Unwelcome.Scores.Count > 0 && !accept) ModelState.AddModelError("", words["Tick that you want to use a template that was not welcome, or choose another one."]);
    }

    // Looked over before it is kept: a form with faults leaves no flow behind.
    private async Task<FlowDefinition?> MakeAsync(ReadyMadeKind kind, bool draft, CancellationToken cancellation)
    {
        var json = Form.Flow(kind, templates).ToJson();
        var errors = (await flows.CheckAsync(db, new FlowDefinition { Id = "new:1", DefinitionId = "new", Name = Form.Name!, Version = 1, Json = json }, cancellation))
            .Where(finding => finding.Severity is Severity.Error).ToList();
        foreach (var error in errors) ModelState.AddModelError("", findings.Of(error));
        if (errors.Count > 0) return null;
        var (who, now) = (User.Identity!.Name!, clock.GetUtcNow());
        try
        {
            var made = await flows.SaveDraftAsync(db, new FlowDraft(json, FromFile: true), who, now, cancellation);
            if (!draft) await flows.PublishAsync(db, made.DefinitionId, who, now, cancellation);
            this.Done(draft ? words["Kept as a draft. Publish it when you are ready."] : words["It runs. Whoever enters from now on goes this way."]);
            return made;
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError("", show.Rule(broken));
            return null;
        }
    }

    private async Task LoadAsync(ReadyMadeKind kind, CancellationToken cancellation)
    {
        Kind = kind;
        Templates = [.. templates.All.Where(template => template.Class is MessageClass.Marketing).OrderBy(template => template.Id, StringComparer.Ordinal)];
        Events = [.. (await pickers.ForAsync("", "EventType", null, cancellation)).Select(choice => (choice.Text, choice.Value))];
        Anchors = [.. (await pickers.ForAsync("", "Anchor", null, cancellation)).Select(choice => (choice.Text, choice.Value))];
        Tags = [.. (await pickers.ForAsync("", "Tag", null, cancellation)).Select(choice => choice.Value)];
        Prefectures = await db.Contacts.Where(person => person.Prefecture != null && person.Prefecture != "").Select(person => person.Prefecture!).Distinct().OrderBy(name => name).ToListAsync(cancellation);
        var start = kind switch
        {
            ReadyMadeKind.HandBack => "Automation.HandedBack",
            ReadyMadeKind.Season => "Automation.CalendarOccurrence",
            _ => "Automation.EventReceived",
        };
        var same = await db.FlowTriggers.AsNoTracking().Where(trigger => trigger.Name == start && (kind == ReadyMadeKind.HandBack || trigger.Key == (kind == ReadyMadeKind.Season ? Form.Anchor : Form.Event)))
            .Select(trigger => trigger.DefinitionId).Distinct().ToListAsync(cancellation);
        Others = await db.FlowDefinitions.Where(flow => flow.IsPublished && same.Contains(flow.DefinitionId)).OrderBy(flow => flow.Name).Select(flow => flow.Name).ToListAsync(cancellation);
    }

    private string? Existing(string? template) => template is { Length: > 0 } && templates.Find(template) is not null ? template : null;
}

using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Contacts;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Content.Lint;
using Automation.Marketing.Mail.Content.Preview;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Templates;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Templates;

/// <summary>
/// The desk at which a template or shared part is written. The page's script asks these handlers while one types: lint and
/// preview change nothing; saving keeps the draft; publishing makes it count.
/// </summary>
[RequestSizeLimit(MaxBytes)]
[RequestFormLimits(ValueLengthLimit = MaxBytes, KeyLengthLimit = 100)]
internal sealed class EditTemplateModel(
    AutomationDb db, TemplateDesk desk, TemplateCatalogue catalogue, MailPreview preview, TestMail tests, Show show, IStringLocalizer words) : PageModel
{
    /// <summary>Two languages of three parts, in UTF-8 and JSON.</summary>
    private const int MaxBytes = 8 * 1024 * 1024;

    private const int FoundPeople = 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web);

    public TemplateOnDesk Opened { get; private set; } = null!;
    public string Id { get; private set; } = "";

    /// <summary>Templates that a shared part can be looked at in.</summary>
    public IReadOnlyList<string> Includers { get; private set; } = [];

    /// <summary>Where test mails go.</summary>
    public string? Address { get; private set; }

    /// <summary>Lets the editor's own style sheets in, and nobody else's.</summary>
    public string Nonce { get; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));

    public string DocumentJson { get; private set; } = "";
    public string WordsJson => JsonSerializer.Serialize(EditorWords.Of(words), Json);

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        if (await desk.OpenAsync(id, cancellation) is not { } opened) return NotFound();
        (Id, Opened, Includers) = (id, opened, IncludersOf(id));
        Address = await UserRow().Select(user => user.Email).SingleOrDefaultAsync(cancellation);
        DocumentJson = JsonSerializer.Serialize(
            new
            {
                id,
                name = TemplateIds.IsPartial(id) ? TemplateIds.NameOfPartial(id) : id,
                isPartial = opened.Content.Partial is not null,
                stamp = opened.Draft?.Stamp,
                basedOn = opened.Number,
                publishedClass = opened.PublishedClass?.ToString(),
                content = opened.Content.Template is { } template ? new { template.Parts, Partial = (string?)null } : new { Parts = (IReadOnlyDictionary<string, PartsSource>)new Dictionary<string, PartsSource>(), opened.Content.Partial },
                known = new { roots = MailPreview.Vocabulary, functions = TemplateVocabulary.Functions, partials = catalogue.Current.Partials.Texts.Keys.Order(StringComparer.Ordinal) },
            }, Json);
        Response.Headers.ContentSecurityPolicy = $"{SecurityHeaders.OwnFilesOnly}; style-src 'self' 'nonce-{Nonce}'";
        return Page();
    }

    /// <summary>How welcome its mails were; counted after the page, since it takes a moment where millions were sent.</summary>
    public async Task<IActionResult> OnGetWelcomeAsync(string id, CancellationToken cancellation) =>
        Partial("Templates/_Welcome", (await WelcomeScores.OfAsync(db, show.Now, [id], cancellation)).GetValueOrDefault(id));

    /// <summary>What is wrong with the text as it stands.</summary>
    public Task<IActionResult> OnPostLintAsync(string id, [FromBody] WrittenTemplate? written) =>
        AnswerAsync(() => Task.FromResult<object>(new { findings = Findings(desk.Check(Content(id, written))) }));

    /// <summary>Subject, text and errors of a preview; its HTML is asked for by the frame itself.</summary>
    public Task<IActionResult> OnPostRenderAsync(string id, [FromBody] PreviewWish? wish, CancellationToken cancellation) => AnswerAsync(async () =>
    {
        var mail = await RenderAsync(id, wish, cancellation);
        return new { mail.Language, mail.Subject, mail.Text, hasHtml = mail.Html is not null, errors = mail.Errors.Select(Error) };
    });

    /// <summary>A preview's HTML for its frame, which may run nothing and reach nothing but pictures where that is wished.</summary>
    public async Task<IActionResult> OnPostFrameAsync(string id, [FromForm] string? wish, CancellationToken cancellation)
    {
        PreviewMail mail;
        PreviewWish? wished;
        try
        {
            wished = JsonSerializer.Deserialize<PreviewWish>(wish ?? "null", Json);
            mail = await RenderAsync(id, wished, cancellation);
        }
        catch (Exception wrong) when (wrong is JsonException or BadInputException or RuleBrokenException)
        {
            return BadRequest();
        }
        Response.Headers.ContentSecurityPolicy = PreviewFrame.Policy(wished!.Images);
        return Content(PreviewFrame.Html(mail.Html ?? "", wished.Dark), "text/html", Encoding.UTF8);
    }

    public Task<IActionResult> OnPostSaveAsync(string id, [FromBody] SaveWish? wish, CancellationToken cancellation) => AnswerAsync(async () =>
    {
        var content = Content(id, wish?.Content);
        return await desk.SaveAsync(content, wish!.Stamp, wish.BasedOn, User.Identity!.Name!, cancellation) switch
        {
            SaveResult.Saved saved => new { stamp = saved.Stamp, says = words["Draft saved at {0}", show.Clock(saved.At)].Value },
            var lost => await OvertakenAsync(id, (SaveResult.Overtaken)lost, cancellation),
        };
    });

    public Task<IActionResult> OnPostPublishAsync(string id, [FromBody] PublishWish? wish, CancellationToken cancellation) => AnswerAsync(async () =>
    {
        if (wish is null) throw new BadInputException("body", "is missing.");
        switch (await desk.PublishAsync(id, wish.Stamp, wish.Note ?? "", wish.AsTransactional, User.Identity!.Name!, cancellation))
        {
            case PublishResult.Published published:
                this.Done(words["Published as version {0}. The next mail is made from it.", published.Number]);
                return new { number = published.Number };
            case PublishResult.Faulty faulty:
                return new { findings = Findings(faulty.Errors) };
            default:
                throw new InvalidOperationException();
        }
    });

    public async Task<IActionResult> OnPostDiscardAsync(string id, Guid stamp, CancellationToken cancellation)
    {
        try
        {
            await desk.DiscardAsync(id, stamp, cancellation);
            this.Done(words["The draft is thrown away."]);
        }
        catch (RuleBrokenException broken)
        {
            this.Refuse(broken, show);
        }
        return await desk.OpenAsync(id, cancellation) is null ? Redirect("/templates") : Redirect("/templates/edit/" + id);
    }

    /// <summary>The text part that an HTML part would give.</summary>
    public Task<IActionResult> OnPostTextAsync(string id, [FromBody] HtmlWish? wish) => AnswerAsync(() =>
    {
        var html = wish?.Html ?? "";
        if (html.Length > TemplateContent.MaxPart) throw new BadInputException("html", $"at most {TemplateContent.MaxPart} characters.");
        return Task.FromResult<object>(new { text = TextPart.FromHtml(html, name => catalogue.Current.Partials.Load(name) is not null) });
    });

    /// <summary>Sends what is shown to the person who writes it, and to nobody else.</summary>
    public Task<IActionResult> OnPostTestAsync(string id, [FromBody] PreviewWish? wish, CancellationToken cancellation) => AnswerAsync(async () =>
    {
        if (!EmailAddress.TryParse(wish?.Address, out var to)) throw new RuleBrokenException("Enter your own mail address, e.g. name@example.com.");
        var mail = await RenderAsync(id, wish, cancellation);
        await tests.SendAsync(db, mail.Whole(), mail.Class, to, cancellation);
        await UserRow().ExecuteUpdateAsync(set => set.SetProperty(user => user.Email, to.Value), cancellation);
        return new { says = words["The test mail is on its way to {0}.", to.Value].Value };
    });

    /// <summary>Real people to look at the mail as.</summary>
    public async Task<IActionResult> OnGetPeopleAsync(string? search, CancellationToken cancellation)
    {
        if (search?.Length > 100) return BadRequest();
        var found = await PeopleSearch.PageAsync(db, search, before: null, FoundPeople, cancellation);
        return new JsonResult(new { people = found.People.Select(person => new { person.Id, name = NameOf(person) }) });
    }

    private IQueryable<Marketing.Accounts.User> UserRow()
    {
        var id = Guid.TryParse(User.FindFirst(ClaimTypes.NameIdentifier)?.Value, out var known) ? known : Guid.Empty;
        return db.Users.Where(user => user.Id == id);
    }

    private static string NameOf(Contact person) =>
        string.Join(" · ", new[] { person.Name ?? person.Email, person.Company }.Where(part => !string.IsNullOrEmpty(part)).DefaultIfEmpty("–"));

    private IReadOnlyList<string> IncludersOf(string id) => TemplateIds.IsPartial(id) ? [.. desk.Includers(id).Where(user => !TemplateIds.IsPartial(user))] : [];

    private async Task<PreviewMail> RenderAsync(string id, PreviewWish? wish, CancellationToken cancellation)
    {
        if (wish is null) throw new BadInputException("body", "is missing.");
        return await preview.RenderAsync(db, Content(id, wish.Content), wish.Within, wish.Language ?? "ja", new PreviewPerson(wish.ContactId, wish.Sample ?? SamplePerson.Typical), cancellation)
            ?? throw new RuleBrokenException("This person or template no longer exists. Choose another one.");
    }

    private static TemplateContent Content(string id, WrittenTemplate? written) => written?.ToContent(id) ?? throw new BadInputException("content", "is missing.");

    private async Task<object> OvertakenAsync(string id, SaveResult.Overtaken lost, CancellationToken cancellation)
    {
        var now = await desk.OpenAsync(id, cancellation);
        var says = lost switch
        {
            { Actor: null } => words["Somebody threw this draft away while you were writing. Yours is not saved."],
            { IsPublished: true } => words["{0} published this template at {1}, while you were writing. Yours is not saved.", lost.Actor, show.ShortTime(lost.At!.Value)],
            _ => words["{0} saved this draft at {1}, while you were writing. Yours is not saved.", lost.Actor, show.ShortTime(lost.At!.Value)],
        };
        return new { overtaken = says.Value, stamp = now?.Draft?.Stamp, basedOn = now?.Number ?? TemplateDesk.NoVersion };
    }

    private IEnumerable<object> Findings(IEnumerable<LintFinding> findings) => findings.Select(finding => new
    {
        severity = finding.Severity.ToString(),
        finding.Code,
        finding.Part,
        finding.Language,
        finding.Line,
        finding.Column,
        finding.EndLine,
        finding.EndColumn,
        message = words[finding.Message, [.. finding.Values]].Value,
    });

    // welcome/day-0/html.ja.sbn is the part html in Japanese; anything else is a shared part's name.
    private static object Error(TemplateMessage error)
    {
        var file = error.Template[(error.Template.LastIndexOf('/') + 1)..].Split('.');
        return file is [("subject" or "html" or "text") and var part, ("ja" or "en") and var language, "sbn"] && !TemplateIds.IsPartial(error.Template)
            ? new { part, language, error.Line, error.Column, message = error.Text }
            : new { part = "partials/" + string.Join('.', file[..^1]), language = "", error.Line, error.Column, message = error.Text };
    }

    private async Task<IActionResult> AnswerAsync(Func<Task<object>> work)
    {
        if (!ModelState.IsValid) return Problem(StatusCodes.Status400BadRequest, words["The page sent something that cannot be read. Load it again."]);
        try
        {
            return new JsonResult(await work(), Json);
        }
        catch (RuleBrokenException broken)
        {
            return Problem(StatusCodes.Status409Conflict, show.Rule(broken));
        }
        catch (BadInputException refused)
        {
            return Problem(StatusCodes.Status400BadRequest, words["This cannot be kept: {0}", refused.Message]);
        }
    }

    private static JsonResult Problem(int status, string problem) => new(new { problem }, Json) { StatusCode = status };
}

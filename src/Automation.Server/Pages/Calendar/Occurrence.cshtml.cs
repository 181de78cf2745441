using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Campaigns.Use;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Server.Pages.Templates;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Calendar;

/// <summary>One mailing of the calendar: what goes out, to whom, and whether it may.</summary>
internal sealed class OccurrenceModel(
    AutomationDb db, OccurrenceReview review, SeasonCalendar calendar, TemplateCatalogue templates, WorkLoops work, Show show, IStringLocalizer words) : PageModel
{
    public Occurrence Occurrence { get; private set; } = null!;
    public PastResult? LastYear { get; private set; }

    /// <summary>How last year's mail was used.</summary>
    public MailUse? UseLastYear { get; private set; }

    public bool IsOutOfStock { get; private set; }

    /// <summary>How many people the rule reaches now; null once it has gone out.</summary>
    public int? Reached { get; private set; }

    public IReadOnlyList<string> Templates { get; private set; } = [];

    /// <summary>False: its template is a draft so far.</summary>
    public bool IsPublished { get; private set; }

    /// <summary>Its template, if that was not welcome.</summary>
    public UnwelcomeTemplates Unwelcome { get; private set; } = new([]);

    [BindProperty]
    public OccurrenceForm Form { get; set; } = new();

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (!await LoadAsync(id, cancellation)) return NotFound();
        Form = new OccurrenceForm { Day = show.DayOf(Occurrence.OpensAt), Template = Occurrence.Template, Priority = Occurrence.Priority, Capacity = Occurrence.Capacity, Owner = Occurrence.Owner, OnPaper = OccurrenceChanges.Of(Occurrence).OnPaper };
        return Page();
    }

    /// <summary>What would become of everyone it is for, if it went out as planned; looked at after the page, since it is decided person by person.</summary>
    public async Task<IActionResult> OnGetForecastAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Occurrences.AsNoTracking().SingleOrDefaultAsync(one => one.Id == id && one.State == OccurrenceState.Planned, cancellation) is not { } occurrence) return NotFound();
        var question = new SendQuestion(MessageClass.Marketing, occurrence.Approach, OverCap.Defer, occurrence.ClosesAt)
        {
            Topics = string.Join(',', templates.Find(occurrence.Template)?.Topics ?? []),
            Priority = occurrence.Priority,
        };
        var at = occurrence.OpensAt > show.Now ? occurrence.OpensAt : show.Now;
        return Partial("Broadcasts/_Forecast", await BroadcastForecast.OfAsync(db, Audiences.Parse(occurrence.Audience, "audience"), question, occurrence.ClosesAt, at, cancellation));
    }

    public async Task<IActionResult> OnPostAsync(Guid id, CancellationToken cancellation)
    {
        if (!await LoadAsync(id, cancellation)) return NotFound();
        if (!ModelState.IsValid) return Page();
        var before = OccurrenceChanges.Of(Occurrence);
        var changes = before with
        {
            DaysMoved = before.DaysMoved + Form.Day!.Value.DayNumber - show.DayOf(Occurrence.OpensAt).DayNumber,
            Template = Form.Template == Occurrence.Template ? before.Template : Form.Template,
            Priority = Form.Priority == Occurrence.Priority ? before.Priority : Form.Priority,
            Capacity = Form.Capacity == Occurrence.Capacity ? before.Capacity : Form.Capacity ?? 0,
            Owner = Form.Owner == Occurrence.Owner ? before.Owner : Form.Owner ?? "",
            OnPaper = Form.OnPaper,
        };
        try
        {
            await review.ChangeAsync(id, changes, cancellation);
        }
        catch (BadInputException broken)
        {
            ModelState.AddModelError("Form." + char.ToUpperInvariant(broken.Place[0]) + broken.Place[1..], words["This does not fit here."]);
            return Page();
        }
        catch (RuleBrokenException broken)
        {
            this.Refuse(broken, show);
            return RedirectToPage(new { id });
        }
        this.Done(words["Saved."]);
        return RedirectToPage(new { id });
    }

    public Task<IActionResult> OnPostApproveAsync(Guid id, bool accept, CancellationToken cancellation) =>
        DoAsync(
            id,
            async by =>
            {
                var template = await db.Occurrences.Where(one => one.Id == id).Select(one => one.Template).SingleAsync(cancellation);
                if (!accept && (await WelcomeScores.UnwelcomeAsync(db, show.Now, [template], cancellation)).Count > 0)
                    throw new RuleBrokenException("Tick that you want to use a template that was not welcome, or choose another one.");
                await review.ApproveAsync(id, by, cancellation);
                // Its window may be open already: then nothing is left to wait for.
                if (await calendar.LaunchDueAsync(cancellation) > 0) work.Wake();
            },
            words["Approved: it goes out by itself."]);

    public Task<IActionResult> OnPostWithdrawAsync(Guid id, CancellationToken cancellation) =>
        DoAsync(id, _ => review.WithdrawApprovalAsync(id, cancellation), words["It does not go out until somebody approves it."]);

    public Task<IActionResult> OnPostLeaveOutAsync(Guid id, CancellationToken cancellation) =>
        DoAsync(id, _ => review.LeaveOutAsync(id, cancellation), words["It does not go out this time."]);

    public Task<IActionResult> OnPostTakeInAsync(Guid id, CancellationToken cancellation) =>
        DoAsync(id, _ => review.TakeInAgainAsync(id, cancellation), words["It is planned again."]);

    private async Task<IActionResult> DoAsync(Guid id, Func<string, Task> what, string done)
    {
        if (!await db.Occurrences.AnyAsync(one => one.Id == id)) return NotFound();
        await this.TryAsync(what, done, show);
        return RedirectToPage(new { id });
    }

    private async Task<bool> LoadAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Occurrences.AsNoTracking().SingleOrDefaultAsync(one => one.Id == id, cancellation) is not { } occurrence) return false;
        Occurrence = occurrence;
        LastYear = await PastResult.OfAsync(db, occurrence.Key, occurrence.Year - 1, show.Zone, cancellation);
        if (LastYear?.BroadcastId is { } past) UseLastYear = (await MailUses.OfBroadcastAsync(db, past, show.Today, cancellation))?.Use;
        IsOutOfStock = (await db.StockAsync(cancellation)).IsOut(occurrence.Guards);
        if (occurrence.State is OccurrenceState.Planned)
        {
            Unwelcome = new UnwelcomeTemplates(await WelcomeScores.UnwelcomeAsync(db, show.Now, [occurrence.Template], cancellation), "approve", Asks: !occurrence.IsApproved);
            Reached = await Audiences.CountAsync(db, Audiences.Parse(occurrence.Audience, "audience"), show.DayOf(occurrence.OpensAt), cancellation);
        }
        Templates = [.. templates.All.Where(template => template.Class is MessageClass.Marketing).Select(template => template.Id)
            .Append(occurrence.Template).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        IsPublished = templates.Find(occurrence.Template) is not null;
        return true;
    }
}

/// <summary>What can be changed on one mailing.</summary>
public sealed class OccurrenceForm
{
    [Required(ErrorMessage = "Please fill this in.")]
    public DateOnly? Day { get; set; }

    [Required(ErrorMessage = "Please fill this in.")]
    public string Template { get; set; } = "";

    [Range(0, 100, ErrorMessage = "Between {1} and {2}, please.")]
    public int Priority { get; set; }

    /// <summary>Empty: no limit.</summary>
    [Range(1, int.MaxValue, ErrorMessage = "At least {1}, or empty.")]
    public int? Capacity { get; set; }

    [StringLength(100, ErrorMessage = "At most {1} characters, please.")]
    public string? Owner { get; set; }

    public bool OnPaper { get; set; }
}

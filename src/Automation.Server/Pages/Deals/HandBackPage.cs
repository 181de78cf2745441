using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Contacts;
using Automation.Marketing.Days;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Deals;

/// <summary>When the customer wants to hear from us again.</summary>
public enum RevisitChoice { None, HalfYear, FiscalYear, Day }

/// <summary>What pages share on which deals are handed back: the form's fields and what they would lead to.</summary>
internal abstract class HandBackPage(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    // Japan's business year.
    private const int FiscalYearBegins = 4;

    [BindProperty, Required(ErrorMessage = "Choose why the deal is handed back.")]
    public HandBackReason? Reason { get; set; }

    /// <summary>Null: as <see cref="RevisitOn"/> says.</summary>
    [BindProperty]
    public RevisitChoice? When { get; set; }

    [BindProperty]
    public DateOnly? RevisitOn { get; set; }

    [BindProperty, StringLength(500, ErrorMessage = "The note may have at most {1} characters.")]
    public string? Note { get; set; }

    public HandBackPreview? Preview { get; protected set; }

    protected AutomationDb Db => db;
    protected Show Show => show;
    protected IStringLocalizer L => words;

    public static DateOnly InHalfAYear(DateOnly today) => today.AddMonths(6);

    public static DateOnly NextFiscalYear(DateOnly today) => new(today.Month < FiscalYearBegins ? today.Year : today.Year + 1, FiscalYearBegins, 1);

    protected DateOnly? Revisit() => DayOf(When, RevisitOn);

    protected bool IsRevisitFine()
    {
        if (When is RevisitChoice.Day && RevisitOn is null) ModelState.AddModelError(nameof(RevisitOn), words["Choose the day."]);
        if (Revisit() <= show.Today) ModelState.AddModelError(nameof(RevisitOn), words["The date has passed already. Choose a later one or leave it empty."]);
        return ModelState.IsValid;
    }

    protected HandBackRequest Wanted() => new(Reason!.Value, Revisit(), string.IsNullOrWhiteSpace(Note) ? null : Note.Trim());

    protected DateOnly? DayOf(RevisitChoice? when, DateOnly? day) => when switch
    {
        RevisitChoice.None => null,
        RevisitChoice.HalfYear => InHalfAYear(show.Today),
        RevisitChoice.FiscalYear => NextFiscalYear(show.Today),
        _ => day,
    };

    protected async Task<HandBackPreview> PreviewAsync(HandBackReason reason, DateOnly? revisitOn, int deals, CancellationToken cancellation)
    {
        var key = revisitOn is null ? reason.Word() : HandingBack.Revisit;
        var flows = !reason.IsNurtured() ? [] : await (from trigger in db.FlowTriggers
                                                       where trigger.Name == Stimuli.HandedBack && trigger.Key == key
                                                       join definition in db.FlowDefinitions on trigger.DefinitionVersionId equals definition.Id
                                                       where definition.IsPublished
                                                       select definition.Name).Distinct().ToListAsync(cancellation);
        return new HandBackPreview(flows, revisitOn, LocalTime.InstantOf(WorkingDays.After(show.Today), new TimeOnly(10, 0), show.Zone), deals);
    }
}

/// <summary>What a hand-back would start.</summary>
/// <param name="FirstMail">No mail of the flow leaves before.</param>
/// <param name="Deals">How many are handed back.</param>
public sealed record HandBackPreview(IReadOnlyList<string> Flows, DateOnly? RevisitOn, DateTimeOffset FirstMail, int Deals = 1)
{
    public DateOnly? MutedUntil => RevisitOn is { } day ? Promise.MutedUntil(day) : null;
}

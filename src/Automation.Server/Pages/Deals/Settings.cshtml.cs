using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Deals;

/// <summary>The shop's own stages, and whether quiet deals go back by themselves.</summary>
internal sealed class DealSettingsModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    private const int MaxLines = 2000;

    public IReadOnlyList<string> Stages { get; private set; } = [];
    public bool IsAutomatic { get; private set; }

    /// <summary>Working days.</summary>
    public int UntakenAfterDays { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Stages = await DealStages.ReadAsync(db, cancellation);
        UntakenAfterDays = HandBackProposals.UntakenAfterTimes * (await LeadSettings.ReadAsync(db, cancellation)).AnswerDays;
        IsAutomatic = await HandBackProposals.IsAutomaticAsync(db, cancellation);
    }

    public async Task<IActionResult> OnPostStagesAsync(string? stages, CancellationToken cancellation)
    {
        var lines = stages is { Length: <= MaxLines } ? stages.Split('\n') : [];
        await this.TryAsync(_ => DealStages.SaveAsync(db, lines, show.Now, cancellation), words["Saved."], show);
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostAutomaticAsync(bool automatic, CancellationToken cancellation)
    {
        await this.TryAsync(_ => HandBackProposals.SetAutomaticAsync(db, automatic, show.Now, cancellation), words["Saved."], show);
        return RedirectToPage();
    }
}

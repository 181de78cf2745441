using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Deals;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Leads;

/// <summary>Who gets leads, how long they have, and who is told of what is left undone.</summary>
internal sealed class LeadSettingsModel(AutomationDb db, Show show, IStringLocalizer words) : PageModel
{
    private const int MostLines = 100;

    [BindProperty]
    public bool Automatic { get; set; }

    [BindProperty]
    public OwnerMethod Method { get; set; }

    /// <summary>A prefecture and a name a line, with a colon between.</summary>
    [BindProperty, StringLength(5000, ErrorMessage = "At most {1} characters, please.")]
    public string? Territories { get; set; }

    [BindProperty]
    public string? Default { get; set; }

    [BindProperty]
    public string? Manager { get; set; }

    [BindProperty, Range(1, LeadSettings.MostAnswerDays, ErrorMessage = "Enter a number of days from {1} to {2}.")]
    public int AnswerDays { get; set; }

    public IReadOnlyList<string> Sellers { get; private set; } = [];
    public IReadOnlyList<string> Team { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var known = await LeadSettings.ReadAsync(db, cancellation);
        (Automatic, Method, Default, Manager, AnswerDays) = (known.Automatic, known.Method, known.Default, known.Manager, known.AnswerDays);
        Territories = string.Join("\n", known.Territories.Select(pair => $"{pair.Key}: {pair.Value}"));
        await ListAsync(cancellation);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        await ListAsync(cancellation);
        if (!string.IsNullOrEmpty(Manager) && !Team.Contains(Manager)) ModelState.AddModelError(nameof(Manager), words["Choose somebody of the team."]);
        var lines = Lines();
        if (lines is null) ModelState.AddModelError(nameof(Territories), words["Write one prefecture and one name a line, with a colon between, each prefecture once."]);
        if (!ModelState.IsValid) return Page();
        try
        {
            var settings = new LeadSettings(Automatic, Method, lines!, Or(Default), Or(Manager), AnswerDays);
            await LeadSettings.SaveAsync(db, settings, User.Identity!.Name!, show.Now, cancellation);
        }
        catch (RuleBrokenException broken)
        {
            ModelState.AddModelError("", show.Rule(broken));
            return Page();
        }
        this.Done(words["Saved. It holds from the next lead on."]);
        return RedirectToPage();
    }

    private async Task ListAsync(CancellationToken cancellation)
    {
        Sellers = await LeadOwners.SellersAsync(db, cancellation);
        Team = await db.Users.Where(user => user.DisabledAt == null).OrderBy(user => user.DisplayName).Select(user => user.DisplayName).Distinct().ToListAsync(cancellation);
    }

    private Dictionary<string, string>? Lines()
    {
        var territories = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in (Territories ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.Split([':', '：'], 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } prefecture, { Length: > 0 } name] || territories.Count == MostLines || !territories.TryAdd(prefecture, name))
                return null;
        }
        return territories;
    }

    private static string? Or(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

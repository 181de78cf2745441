using Automation.Marketing.Accounts;
using Automation.Marketing.Campaigns.Weekly;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Broadcasts;

/// <summary>The Monday mail: who gets it, whether it goes, and what it would say now.</summary>
public sealed class WeeklyModel(AutomationDb db, IWeeklyMailWriter writer, Show show, IStringLocalizer words) : PageModel
{
    private const int LastMails = 10;

    public WeeklyMailSetting Setting { get; private set; } = WeeklyMailSetting.Off;
    public IReadOnlyList<User> Team { get; private set; } = [];

    /// <summary>This week's, as it would read.</summary>
    public string Subject { get; private set; } = "";

    /// <inheritdoc cref="Subject"/>
    public string Text { get; private set; } = "";

    public IReadOnlyList<WeeklyMail> Last { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Setting = await WeeklyMails.SettingAsync(db, cancellation);
        Team = await db.Users.AsNoTracking().Where(user => user.DisabledAt == null).OrderBy(user => user.DisplayName).ToListAsync(cancellation);
        Last = await db.WeeklyMails.AsNoTracking().OrderByDescending(mail => mail.Week).ThenBy(mail => mail.UserId).Take(LastMails).ToListAsync(cancellation);
        var monday = show.Today.AddDays(-(((int)show.Today.DayOfWeek + 6) % 7));
        var mail = writer.Write(await WeeklySummary.OfAsync(db, monday, cancellation), show.Shop);
        (Subject, Text) = (mail.Subject, mail.Text);
    }

    public async Task<IActionResult> OnPostAsync(bool on, List<Guid> members, CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return BadRequest();
        var known = await db.Users.Where(user => members.Contains(user.Id)).Select(user => user.Id).ToListAsync(cancellation);
        await this.TryAsync(
            who => WeeklyMails.SaveAsync(db, new WeeklyMailSetting(on, known), who, show.Now, cancellation),
            on && known.Count > 0 ? words["Saved. The mail goes out on Mondays at 8:00."] : words["Saved. No Monday mail goes out."], show);
        return RedirectToPage();
    }

    public string NameOf(Guid user) => Team.FirstOrDefault(one => one.Id == user)?.DisplayName ?? "–";
}

using System.ComponentModel.DataAnnotations;
using Automation.Marketing;
using Automation.Marketing.Accounts;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Team;

/// <summary>Who signs in, and inviting one more.</summary>
internal sealed class TeamModel(AutomationDb db, Settings settings, Show show, IStringLocalizer words) : PageModel
{
    [BindProperty, StringLength(100)]
    public string? Name { get; set; }

    [BindProperty, StringLength(EmailAddress.MaxLength)]
    public string? Email { get; set; }

    [BindProperty, StringLength(16)]
    public string? Role { get; set; }

    public IReadOnlyList<TeamLine> Lines { get; private set; } = [];

    public Task OnGetAsync(CancellationToken cancellation) => LoadAsync(cancellation);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (await InviteAsync(cancellation)) return RedirectToPage();
        await LoadAsync(cancellation);
        return Page();
    }

    private async Task<bool> InviteAsync(CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(Name)) ModelState.AddModelError(nameof(Name), words["Please enter the name."]);
        if (!EmailAddress.TryParse(Email?.Trim(), out var address)) ModelState.AddModelError(nameof(Email), words["Please enter a mail address like name@example.com."]);
        if (RoleNames.Parse(Role) is not (not Roles.None and var role)) ModelState.AddModelError(nameof(Role), words["Please choose a role."]);
        else if (ModelState.IsValid)
        {
            try
            {
                TeamLinks.ShowOnce(this, settings, await TeamDesk.InviteAsync(db, Name!, address, role, User.Identity!.Name!, show.Now, cancellation));
                return true;
            }
            catch (RuleBrokenException broken)
            {
                ModelState.AddModelError(nameof(Email), show.Rule(broken));
            }
        }
        return false;
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        var seen = await db.UserSessions.GroupBy(session => session.UserId).Select(group => new { group.Key, At = group.Max(session => session.LastSeenAt) })
            .ToDictionaryAsync(line => line.Key, line => line.At, cancellation);
        var users = await db.Users.AsNoTracking().OrderBy(user => user.UserName).ToListAsync(cancellation);
        Lines = [.. users.Select(user => new TeamLine(user, TeamLine.StateOf(user, show.Now), seen.TryGetValue(user.Id, out var at) ? at : null))];
    }
}

public enum MemberState { Active, Invited, Locked, Disabled }

/// <param name="SeenAt">In a session that still lasts.</param>
public sealed record TeamLine(User User, MemberState State, DateTimeOffset? SeenAt)
{
    public static MemberState StateOf(User user, DateTimeOffset now) =>
        user.DisabledAt is not null ? MemberState.Disabled : user.IsInvited ? MemberState.Invited : user.LockedUntil > now ? MemberState.Locked : MemberState.Active;
}

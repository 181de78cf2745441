using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Automation.Server.SignIn;
using Automation.Server.Wording;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Pages.Team;

/// <summary>One of the team: role, link for a new password, sessions, second factor, disabling.</summary>
internal sealed class MemberModel(AutomationDb db, Settings settings, Show show, IStringLocalizer words) : PageModel
{
    public User Member { get; private set; } = null!;
    public MemberState State { get; private set; }
    public IReadOnlyList<UserSession> Sessions { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, cancellation) is not { } member) return NotFound();
        (Member, State) = (member, TeamLine.StateOf(member, show.Now));
        Sessions = await db.UserSessions.AsNoTracking().Where(session => session.UserId == id).OrderByDescending(session => session.LastSeenAt).ToListAsync(cancellation);
        return Page();
    }

    public Task<IActionResult> OnPostRoleAsync(Guid id, string? role, CancellationToken cancellation) =>
        RoleNames.Parse(role) is not Roles.None and var wanted
            ? DoAsync(id, who => TeamDesk.ChangeRoleAsync(db, id, wanted, who, show.Now, cancellation), words["The role counts from the next click on."])
            : Task.FromResult<IActionResult>(BadRequest());

    public Task<IActionResult> OnPostLinkAsync(Guid id, CancellationToken cancellation) => DoAsync(
        id, async who => TeamLinks.ShowOnce(this, settings, await TeamDesk.LinkAsync(db, id, who, show.Now, cancellation)), words["Earlier links do not work any more."]);

    public Task<IActionResult> OnPostDisableAsync(Guid id, CancellationToken cancellation) => DoAsync(
        id, who => TeamDesk.DisableAsync(db, id, who, show.Now, cancellation), words["Signed out everywhere, and may not sign in any more."]);

    public Task<IActionResult> OnPostEnableAsync(Guid id, CancellationToken cancellation) => DoAsync(
        id, who => TeamDesk.EnableAsync(db, id, who, show.Now, cancellation), words["May sign in again."]);

    public Task<IActionResult> OnPostEndSessionsAsync(Guid id, Guid? session, CancellationToken cancellation) => DoAsync(
        id, who => TeamDesk.EndSessionsAsync(db, id, session, SignInSessions.IdOf(User), who, show.Now, cancellation), words["Signed out there."]);

    public Task<IActionResult> OnPostRemoveFactorAsync(Guid id, CancellationToken cancellation) => DoAsync(
        id, who => TeamDesk.RemoveSecondFactorAsync(db, id, who, show.Now, cancellation), words["The password alone is enough now."]);

    private async Task<IActionResult> DoAsync(Guid id, Func<string, Task> what, string done)
    {
        await this.TryAsync(what, done, show);
        return RedirectToPage(new { id });
    }
}

using System.Security.Claims;
using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.SignIn;

/// <summary>
/// Starts and ends sessions. The cookie names a row; each request looks it up, so that an ended session, a disabled
/// person and a changed role count from the next click on.
/// </summary>
internal sealed class SignInSessions(AutomationDb db, TimeProvider clock)
{
    private const string SessionClaim = "session";

    /// <summary>A session that nobody uses ends after this.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(12);

    /// <summary>However much it is used, the password is asked for again after this.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    private static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(1);

    public static Guid? UserOf(ClaimsPrincipal who) => Guid.TryParse(who.FindFirst(ClaimTypes.NameIdentifier)?.Value, out var id) ? id : null;

    public static Guid? IdOf(ClaimsPrincipal who) => Guid.TryParse(who.FindFirst(SessionClaim)?.Value, out var id) ? id : null;

    /// <summary>Signs this browser in; whatever session it had ends, so that nobody can plant one.</summary>
    public async Task StartAsync(HttpContext context, User user, CancellationToken cancellation)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        var session = new UserSession
        {
            Id = Guid.NewGuid(),
            UserId = user.Id,
            StartedAt = TimeProvider.System.GetUtcNow(),
            LastSeenAt = TimeProvider.System.GetUtcNow(),
            Address = context.Connection.RemoteIpAddress?.ToString(),
            Agent = agent.Length <= UserSession.MaxAgent ? agent : agent[..UserSession.MaxAgent],
        };
        await using (var transaction = await db.BeginWriteAsync(cancellation))
        {
            await EndOwnAsync(context.User, cancellation);
            var idleSince = session.StartedAt - Idle;
            await db.UserSessions.Where(one => one.UserId == user.Id && one.LastSeenAt < idleSince).ExecuteDeleteAsync(cancellation);
            db.UserSessions.Add(session);
            await db.SaveChangesAsync(cancellation);
            await Audit.WriteAsync(db, user.UserName, "user.signed-in", user.UserName, before: null, after: null, clock.GetUtcNow(), cancellation);
            await transaction.CommitAsync(cancellation);
        }
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, PrincipalOf(user, session.Id));
    }

    public async Task EndAsync(HttpContext context, CancellationToken cancellation)
    {
        await EndOwnAsync(context.User, cancellation);
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    /// <summary>Lets a cookie in only while its session lasts, as the person is now.</summary>
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        // Styles and scripts are the same for everybody.
        var asked = context.HttpContext.GetEndpoint()?.Metadata;
        if (asked?.GetMetadata<IAllowAnonymous>() is not null && asked.GetMetadata<PageActionDescriptor>() is null) return;
        var db = context.HttpContext.RequestServices.GetRequiredService<AutomationDb>();
        if (context.Principal is not { } who || IdOf(who) is not { } id || await FindAsync(db, id, context.HttpContext.RequestAborted) is not (var user, var seenAt))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            return;
        }
        context.ReplacePrincipal(PrincipalOf(user, id));
        var now = TimeProvider.System.GetUtcNow();
        if (now - seenAt >= SeenEvery)
            await db.UserSessions.Where(session => session.Id == id).ExecuteUpdateAsync(set => set.SetProperty(session => session.LastSeenAt, now), CancellationToken.None);
    }

    private static async Task<(User User, DateTimeOffset SeenAt)?> FindAsync(AutomationDb db, Guid session, CancellationToken cancellation)
    {
        var oldest = TimeProvider.System.GetUtcNow() - Longest;
        var found = await db.UserSessions.Where(one => one.Id == session && one.StartedAt > oldest)
            .Join(db.Users.Where(user => user.DisabledAt == null), one => one.UserId, user => user.Id, (one, user) => new { User = user, one.LastSeenAt })
            .AsNoTracking().SingleOrDefaultAsync(cancellation);
        return found is null ? null : (found.User, found.LastSeenAt);
    }

    private async Task EndOwnAsync(ClaimsPrincipal who, CancellationToken cancellation)
    {
        if (IdOf(who) is { } own) await db.UserSessions.Where(session => session.Id == own).ExecuteDeleteAsync(cancellation);
    }

    private static ClaimsPrincipal PrincipalOf(User user, Guid session) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, user.Id.ToString()),
            new Claim(ClaimTypes.Name, user.UserName),
            new Claim(ClaimTypes.GivenName, user.DisplayName),
            new Claim(ClaimTypes.Role, user.Role),
            new Claim(SessionClaim, session.ToString()),
        ],
        CookieAuthenticationDefaults.AuthenticationScheme));
}

using System.Security.Claims;
using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.SignIn;

/// <summary>Checks a user name and password. A wrong name, a wrong password and a locked user look the same from outside.</summary>
public sealed class PasswordSignIn(AutomationDb db, IPasswordHasher<User> hasher, TimeProvider clock)
{
    public const int FailuresBeforeLock = 5;
    public static readonly TimeSpan LockLasts = TimeSpan.FromMinutes(15);

    // Compared with when nobody has the name, so that the answer takes as long as for a wrong password.
    private static readonly User Nobody = new() { UserName = "", DisplayName = "", Role = "" };
    private static readonly string NobodysHash = new PasswordHasher<User>().HashPassword(Nobody, Guid.NewGuid().ToString());

    /// <returns>The person, or null when they may not enter.</returns>
    public async Task<ClaimsPrincipal?> CheckAsync(string userName, string password, CancellationToken cancellation)
    {
        var name = userName.Trim().ToLowerInvariant();
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.UserName == name, cancellation);
        var verdict = hasher.VerifyHashedPassword(user ?? Nobody, user?.PasswordHash ?? NobodysHash, password);
        if (user is null || user.LockedUntil > clock.GetUtcNow()) return null;
        if (verdict is PasswordVerificationResult.Failed)
        {
            await CountFailureAsync(user.Id, cancellation);
            return null;
        }
        await db.Users.Where(u => u.Id == user.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.FailedSignIns, 0).SetProperty(u => u.LockedUntil, (DateTimeOffset?)null), cancellation);
        return PrincipalOf(user);
    }

    // Counted in the database: guessing in parallel gains nothing.
    private async Task CountFailureAsync(Guid userId, CancellationToken cancellation)
    {
        await db.Users.Where(u => u.Id == userId)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.FailedSignIns, u => u.FailedSignIns + 1), cancellation);
        DateTimeOffset? until = clock.GetUtcNow() + LockLasts;
        await db.Users.Where(u => u.Id == userId && u.FailedSignIns >= FailuresBeforeLock)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.FailedSignIns, 0).SetProperty(u => u.LockedUntil, until), cancellation);
    }

    private static ClaimsPrincipal PrincipalOf(User user) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, user.Id.ToString()),
            new Claim(ClaimTypes.Name, user.UserName),
            new Claim(ClaimTypes.GivenName, user.DisplayName),
            new Claim(ClaimTypes.Role, user.Role),
        ],
        CookieAuthenticationDefaults.AuthenticationScheme));
}

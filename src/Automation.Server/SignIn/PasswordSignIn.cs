using Automation.Marketing.Accounts;
using Automation.Marketing.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.SignIn;

/// <summary>Checks a user name and password, then a code. A wrong name, a wrong password, a locked and a disabled user look the same from outside.</summary>
public sealed class PasswordSignIn(AutomationDb db, IPasswordHasher<User> hasher, TimeProvider clock)
{
    public const int FailuresBeforeLock = 5;
    public static readonly TimeSpan LockLasts = TimeSpan.FromMinutes(15);

    // Compared with when nobody has the name, so that the answer takes as long as for a wrong password.
    private static readonly User Nobody = new() { UserName = "", DisplayName = "", Role = "" };
    private static readonly string NobodysHash = new PasswordHasher<User>().HashPassword(Nobody, Guid.NewGuid().ToString());

    /// <returns>The person, or null when they may not enter. One with a second factor is not in yet: see <see cref="CheckCodeAsync"/>.</returns>
    public async Task<User?> CheckAsync(string userName, string password, CancellationToken cancellation)
    {
        var name = userName.Trim().ToLowerInvariant();
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.UserName == name, cancellation);
        var verdict = hasher.VerifyHashedPassword(user ?? Nobody, user is null || user.IsInvited ? NobodysHash : user.PasswordHash, password);
        if (user is null || user.DisabledAt is not null || user.IsInvited || IsLocked(user)) return null;
        if (verdict is PasswordVerificationResult.Failed)
        {
            await CountFailureAsync(user, cancellation);
            return null;
        }
        // Failures of the code go on counting until it is right too.
        if (user.TotpSecret is null) await ForgetFailuresAsync(user.Id, cancellation);
        return user;
    }

    /// <summary>The second factor of somebody whose password was right.</summary>
    /// <returns>The person, or null when the code is wrong or has been used, or too many were wrong.</returns>
    public async Task<User?> CheckCodeAsync(Guid userId, string? code, CancellationToken cancellation)
    {
        var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId, cancellation);
        if (user is null || user.DisabledAt is not null || IsLocked(user)) return null;
        // Apps count by the world's clock, also while a demonstration moves the product's.
        if (!await TeamDesk.TakeCodeAsync(db, userId, code, TimeProvider.System.GetUtcNow(), clock.GetUtcNow(), cancellation))
        {
            await CountFailureAsync(user, cancellation);
            return null;
        }
        await ForgetFailuresAsync(userId, cancellation);
        return user;
    }

    private bool IsLocked(User user) => user.LockedUntil > clock.GetUtcNow();

    private Task ForgetFailuresAsync(Guid userId, CancellationToken cancellation) =>
        db.Users.Where(u => u.Id == userId)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.FailedSignIns, 0).SetProperty(u => u.LockedUntil, (DateTimeOffset?)null), cancellation);

    // Counted in the database: guessing in parallel gains nothing.
    private async Task CountFailureAsync(User user, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.Users.Where(u => u.Id == user.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.FailedSignIns, u => u.FailedSignIns + 1), cancellation);
        var now = clock.GetUtcNow();
        DateTimeOffset? until = now + LockLasts;
        var locked = await db.Users.Where(u => u.Id == user.Id && u.FailedSignIns >= FailuresBeforeLock)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.FailedSignIns, 0).SetProperty(u => u.LockedUntil, until), cancellation);
        if (locked > 0) await Audit.WriteAsync(db, user.UserName, "user.locked", user.UserName, before: null, new { Until = until }, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}

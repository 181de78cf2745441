using System.Security.Cryptography;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Accounts;

/// <summary>
/// The people who sign in: invited and reset by a link that works once, given a role, disabled. Everything is written
/// down, and whoever loses something loses it in every browser at once.
/// </summary>
public static class TeamDesk
{
    /// <summary>How long a link for an invitation or a new password works.</summary>
    public static readonly TimeSpan LinkLasts = TimeSpan.FromDays(3);

    /// <summary>Recovery codes a person gets with a second factor.</summary>
    public const int RecoveryCodes = 8;

    /// <returns>The token of the link by which the person chooses a password.</returns>
    /// <exception cref="RuleBrokenException">Somebody signs in with this address already.</exception>
    public static async Task<string> InviteAsync(
        AutomationDb db, string displayName, EmailAddress email, Roles role, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        var name = email.Value.ToLowerInvariant();
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await db.Users.AnyAsync(user => user.UserName == name, cancellation))
            throw new RuleBrokenException("Somebody is signed up with this address already.");
        var user = new User { Id = RowId.New(now), UserName = name, DisplayName = displayName.Trim(), Email = email.Value, Role = role.NameOf(), CreatedAt = now };
        db.Users.Add(user);
        await db.SaveChangesAsync(cancellation);
        var token = await NewLinkAsync(db, user, now, cancellation);
        await Audit.WriteAsync(db, who, "user.invited", user.UserName, before: null, new { user.DisplayName, user.Role }, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return token;
    }

    /// <returns>The token of a link by which the person chooses a new password; earlier links end.</returns>
    public static Task<string> LinkAsync(AutomationDb db, Guid id, string who, DateTimeOffset now, CancellationToken cancellation) =>
        ChangeAsync(db, id, async user =>
        {
            RequireEnabled(user);
            var token = await NewLinkAsync(db, user, now, cancellation);
            await Audit.WriteAsync(db, who, "user.link", user.UserName, before: null, new { Until = now + LinkLasts }, now, cancellation);
            return token;
        }, cancellation);

    /// <returns>Whom a link is for; null when it has been used, has expired or never was.</returns>
    public static async Task<User?> ForLinkAsync(AutomationDb db, string token, DateTimeOffset now, CancellationToken cancellation)
    {
        var hash = FirstStart.HashKey(token);
        return await db.AccountLinks.Where(link => link.TokenHash == hash && link.ExpiresAt > now)
            .Join(db.Users.Where(user => user.DisabledAt == null), link => link.UserId, user => user.Id, (_, user) => user).AsNoTracking().SingleOrDefaultAsync(cancellation);
    }

    /// <summary>Whom an OpenID Connect provider vouches for: by its own name for the person, the first time by the address that it
    /// says is verified. An invitation is taken up by coming in this way; nobody is added.</summary>
    /// <returns>Null: nobody on the team, or disabled.</returns>
    public static async Task<User?> ForProviderAsync(
        AutomationDb db, string issuer, string subject, string? verifiedEmail, DateTimeOffset now, CancellationToken cancellation)
    {
        var name = $"{issuer} {subject}";
        if (name.Length > User.MaxProviderSubject) return null;
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var known = await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.ProviderSubject == name, cancellation);
        if (known is not null) return known.DisabledAt is null ? known : null;
        if (!EmailAddress.TryParse(verifiedEmail, out var address)) return null;
        var email = address.Value.ToLowerInvariant();
        // Two people who gave the same address: whose it is, nobody can say.
        var found = await db.Users.Where(user => user.UserName == email || user.Email == address.Value || user.Email == email).Take(2).ToListAsync(cancellation);
        if (found is not [{ DisabledAt: null, ProviderSubject: null } person]) return null;
        person.ProviderSubject = name;
        await db.SaveChangesAsync(cancellation);
        await Audit.WriteAsync(db, person.UserName, "user.provider", person.UserName, before: null, new { Issuer = issuer }, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return person;
    }

    /// <summary>Uses a link: sets the password, lifts a lock and ends every session.</summary>
    /// <returns>The person; null when the link does not work any more.</returns>
    /// <exception cref="RuleBrokenException">The password breaks <see cref="PasswordRules"/>.</exception>
    public static async Task<User?> UseLinkAsync(
        AutomationDb db, string token, string password, Func<User, string, string> hashPassword, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await ForLinkAsync(db, token, now, cancellation) is not { } known) return null;
        PasswordRules.Check(password, known);
        // Taken before anything else: of two who use it at the same time one finds it gone.
        if (await db.AccountLinks.Where(link => link.UserId == known.Id).ExecuteDeleteAsync(cancellation) == 0) return null;
        var user = await db.Users.SingleAsync(one => one.Id == known.Id, cancellation);
        (user.PasswordHash, user.PasswordSetAt, user.FailedSignIns, user.LockedUntil) = (hashPassword(user, password), now, 0, null);
        await db.SaveChangesAsync(cancellation);
        await db.UserSessions.Where(session => session.UserId == user.Id).ExecuteDeleteAsync(cancellation);
        await Audit.WriteAsync(db, user.UserName, "user.password", user.UserName, before: null, new { By = "link" }, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return user;
    }

    /// <summary>Sets one's own password; all other sessions end.</summary>
    /// <param name="session">The one that goes on.</param>
    /// <exception cref="RuleBrokenException">The password breaks <see cref="PasswordRules"/>.</exception>
    public static Task ChangePasswordAsync(
        AutomationDb db, Guid id, Guid session, string password, Func<User, string, string> hashPassword, DateTimeOffset now, CancellationToken cancellation) =>
        ChangeAsync(db, id, async user =>
        {
            PasswordRules.Check(password, user);
            (user.PasswordHash, user.PasswordSetAt) = (hashPassword(user, password), now);
            await db.UserSessions.Where(one => one.UserId == id && one.Id != session).ExecuteDeleteAsync(cancellation);
            await Audit.WriteAsync(db, user.UserName, "user.password", user.UserName, before: null, after: null, now, cancellation);
        }, cancellation);

    /// <exception cref="RuleBrokenException">Nobody would be administrator any more.</exception>
    public static Task ChangeRoleAsync(AutomationDb db, Guid id, Roles role, string who, DateTimeOffset now, CancellationToken cancellation) =>
        ChangeAsync(db, id, async user =>
        {
            if (user.Role == role.NameOf()) return;
            if (role is not Roles.Admin) await RequireAnotherAdministratorAsync(db, user, cancellation);
            var before = user.Role;
            user.Role = role.NameOf();
            await Audit.WriteAsync(db, who, "user.role", user.UserName, new { Role = before }, new { user.Role }, now, cancellation);
        }, cancellation);

    /// <summary>The person may not sign in any more; sessions and links end.</summary>
    /// <exception cref="RuleBrokenException">Nobody would be administrator any more.</exception>
    public static Task DisableAsync(AutomationDb db, Guid id, string who, DateTimeOffset now, CancellationToken cancellation) =>
        ChangeAsync(db, id, async user =>
        {
            RequireEnabled(user);
            await RequireAnotherAdministratorAsync(db, user, cancellation);
            user.DisabledAt = now;
            await db.AccountLinks.Where(link => link.UserId == id).ExecuteDeleteAsync(cancellation);
            await db.UserSessions.Where(session => session.UserId == id).ExecuteDeleteAsync(cancellation);
            await Audit.WriteAsync(db, who, "user.disabled", user.UserName, before: null, after: null, now, cancellation);
        }, cancellation);

    public static Task EnableAsync(AutomationDb db, Guid id, string who, DateTimeOffset now, CancellationToken cancellation) =>
        ChangeAsync(db, id, async user =>
        {
            if (user.DisabledAt is null) throw new RuleBrokenException($"'{user.UserName}' may sign in already.");
            (user.DisabledAt, user.FailedSignIns, user.LockedUntil) = (null, 0, null);
            await Audit.WriteAsync(db, who, "user.enabled", user.UserName, before: null, after: null, now, cancellation);
        }, cancellation);

    /// <param name="session">Null: every one.</param>
    /// <param name="except">One's own, which goes on.</param>
    public static Task EndSessionsAsync(AutomationDb db, Guid id, Guid? session, Guid? except, string who, DateTimeOffset now, CancellationToken cancellation) =>
        ChangeAsync(db, id, async user =>
        {
            var ended = await db.UserSessions.Where(one => one.UserId == id && (session == null || one.Id == session) && one.Id != except).ExecuteDeleteAsync(cancellation);
            if (ended > 0) await Audit.WriteAsync(db, who, "user.sessions-ended", user.UserName, new { Sessions = ended }, after: null, now, cancellation);
        }, cancellation);

    /// <summary>Asks this person for a code at sign-in from now on.</summary>
    /// <param name="realNow">The instant by which authenticator apps count, whatever the service's clock says.</param>
    /// <returns>Recovery codes, to be shown once.</returns>
    /// <exception cref="RuleBrokenException">There is a second factor, or the code is not the app's.</exception>
    public static Task<IReadOnlyList<string>> AddSecondFactorAsync(
        AutomationDb db, Guid id, string secret, string? code, DateTimeOffset realNow, DateTimeOffset now, CancellationToken cancellation) =>
        ChangeAsync(db, id, async user =>
        {
            if (user.TotpSecret is not null) throw new RuleBrokenException("There is a second factor already. Remove it first.");
            var step = Totp.Check(secret, code, taken: 0, realNow)
                ?? throw new RuleBrokenException("This is not the code that the app shows now. Look at the clock of your phone and try the next code.");
            var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => NewRecoveryCode()).ToList();
            (user.TotpSecret, user.TotpStep, user.RecoveryCodes) = (secret, step, string.Join(' ', codes.Select(FirstStart.HashKey)));
            await Audit.WriteAsync(db, user.UserName, "user.second-factor", user.UserName, new { SecondFactor = false }, new { SecondFactor = true }, now, cancellation);
            return (IReadOnlyList<string>)codes;
        }, cancellation);

    /// <exception cref="RuleBrokenException">There is none.</exception>
    public static Task RemoveSecondFactorAsync(AutomationDb db, Guid id, string who, DateTimeOffset now, CancellationToken cancellation) =>
        ChangeAsync(db, id, async user =>
        {
            if (user.TotpSecret is null) throw new RuleBrokenException("There is no second factor to remove.");
            (user.TotpSecret, user.TotpStep, user.RecoveryCodes) = (null, 0, "");
            await Audit.WriteAsync(db, who, "user.second-factor", user.UserName, new { SecondFactor = true }, new { SecondFactor = false }, now, cancellation);
        }, cancellation);

    /// <summary>Takes a code of the app, or a recovery code, once.</summary>
    public static async Task<bool> TakeCodeAsync(AutomationDb db, Guid id, string? code, DateTimeOffset realNow, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(one => one.Id == id, cancellation) is not { TotpSecret: { } secret } user) return false;
        var taken = Totp.Check(secret, code, user.TotpStep, realNow) is { } step
            // The condition decides between two who send the same code at the same time.
            ? await db.Users.Where(one => one.Id == id && one.TotpStep < step).ExecuteUpdateAsync(set => set.SetProperty(one => one.TotpStep, step), cancellation) > 0
            : await TakeRecoveryCodeAsync(db, user, code, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return taken;
    }

    private static async Task<bool> TakeRecoveryCodeAsync(AutomationDb db, User user, string? code, DateTimeOffset now, CancellationToken cancellation)
    {
        var hash = FirstStart.HashKey((code ?? "").Trim().ToLowerInvariant());
        var left = user.RecoveryCodes.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!left.Contains(hash)) return false;
        var (before, rest) = (user.RecoveryCodes, string.Join(' ', left.Where(one => one != hash)));
        if (await db.Users.Where(one => one.Id == user.Id && one.RecoveryCodes == before).ExecuteUpdateAsync(set => set.SetProperty(one => one.RecoveryCodes, rest), cancellation) == 0)
            return false;
        await Audit.WriteAsync(db, user.UserName, "user.recovery-code", user.UserName, new { Left = left.Length }, new { Left = left.Length - 1 }, now, cancellation);
        return true;
    }

    private static Task ChangeAsync(AutomationDb db, Guid id, Func<User, Task> change, CancellationToken cancellation) =>
        ChangeAsync(db, id, async user =>
        {
            await change(user);
            return true;
        }, cancellation);

    // One at a time: two administrators who demote each other at the same moment must not both succeed.
    private static async Task<T> ChangeAsync<T>(AutomationDb db, Guid id, Func<User, Task<T>> change, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.QueryAsync($"SELECT id FROM users ORDER BY id{db.Dialect.ForUpdate}", row => row.Guid(0), cancellation);
        db.ChangeTracker.Clear();
        var user = await db.Users.SingleOrDefaultAsync(one => one.Id == id, cancellation) ?? throw new RuleBrokenException("This person is not in the team.");
        var result = await change(user);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return result;
    }

    private static async Task<string> NewLinkAsync(AutomationDb db, User user, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.AccountLinks.Where(link => link.UserId == user.Id).ExecuteDeleteAsync(cancellation);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        db.AccountLinks.Add(new AccountLink { Id = RowId.New(now), UserId = user.Id, TokenHash = FirstStart.HashKey(token), CreatedAt = now, ExpiresAt = now + LinkLasts });
        await db.SaveChangesAsync(cancellation);
        return token;
    }

    private static void RequireEnabled(User user)
    {
        if (user.DisabledAt is not null) throw new RuleBrokenException($"'{user.UserName}' is disabled. Let them in again first.");
    }

    private static async Task RequireAnotherAdministratorAsync(AutomationDb db, User user, CancellationToken cancellation)
    {
        var admin = Roles.Admin.NameOf();
        if (user.Role != admin) return;
        if (!await db.Users.AnyAsync(other => other.Id != user.Id && other.Role == admin && other.DisabledAt == null && other.PasswordHash != "", cancellation))
            throw new RuleBrokenException("This is the only administrator. Make somebody else administrator first.");
    }

    private static string NewRecoveryCode() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 10);
}

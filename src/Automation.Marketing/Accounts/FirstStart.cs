using System.Security.Cryptography;
using System.Text;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Accounts;

/// <summary>What the first start made; everything is null or false on later starts.</summary>
/// <param name="OneTimePassword">The administrator's generated password, to be shown once; null when one was set.</param>
/// <param name="AdministratorMade">The user <c>admin</c> was created.</param>
/// <param name="KeyMade">The API key was created.</param>
public sealed record FirstStartResult(string? OneTimePassword, bool AdministratorMade, bool KeyMade);

/// <summary>Makes sure that somebody can sign in to a new workspace.</summary>
public static class FirstStart
{
    public const string AdministratorName = "admin";

    private const string KeyName = "setup";

    /// <summary>Creates the administrator, and the API key if one is given, unless there is a user or a key already.</summary>
    /// <param name="hashPassword">The sign-in's own way to keep passwords.</param>
    /// <param name="adminPassword">Null: one is generated.</param>
    public static async Task<FirstStartResult> EnsureAsync(
        AutomationDb db, Func<User, string, string> hashPassword, string? adminPassword, string? apiKey, DateTimeOffset now, CancellationToken cancellation = default)
    {
        var makeUser = !await db.Users.AnyAsync(cancellation);
        var makeKey = !string.IsNullOrEmpty(apiKey) && !await db.ApiKeys.AnyAsync(cancellation);
        var generated = makeUser && string.IsNullOrEmpty(adminPassword) ? NewPassword() : null;
        if (makeUser) db.Users.Add(Administrator(hashPassword, generated ?? adminPassword!, now));
        if (makeKey) db.ApiKeys.Add(new ApiKey { Id = RowId.New(now), Name = KeyName, KeyHash = HashKey(apiKey!), Role = Roles.Admin.NameOf(), CreatedAt = now });
        if (makeUser || makeKey) await db.SaveChangesAsync(cancellation);
        return new FirstStartResult(generated, makeUser, makeKey);
    }

    /// <returns>What <see cref="ApiKey.KeyHash"/> holds for <paramref name="key"/>.</returns>
    public static string HashKey(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static User Administrator(Func<User, string, string> hashPassword, string password, DateTimeOffset now)
    {
        var user = new User { Id = RowId.New(now), UserName = AdministratorName, DisplayName = "Administrator", Role = Roles.Admin.NameOf(), CreatedAt = now };
        user.PasswordHash = hashPassword(user, password);
        return user;
    }

    // Letters and digits that cannot be mistaken for each other; 16 of them are 92 bits.
    private static string NewPassword() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 16);
}

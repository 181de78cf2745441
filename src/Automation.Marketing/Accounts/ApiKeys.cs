using System.Security.Cryptography;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Accounts;

/// <summary>A key as it is shown once.</summary>
public sealed record NewApiKey(ApiKey Key, string Secret);

/// <summary>Makes and revokes the keys of programs.</summary>
public static class ApiKeys
{
    private const string Prefix = "ak_";
    private const int Shown = 7;

    /// <exception cref="RuleBrokenException">The name is empty, too long or taken by a key in use.</exception>
    public static async Task<NewApiKey> MakeAsync(AutomationDb db, string name, Roles role, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        var called = name.Trim();
        if (called.Length is 0 or > ApiKey.MaxName) throw new RuleBrokenException($"A key needs a name of at most {ApiKey.MaxName} characters.");
        await using var transaction = await db.BeginWriteAsync(cancellation);
        if (await db.ApiKeys.AnyAsync(key => key.Name == called && key.RevokedAt == null, cancellation))
            throw new RuleBrokenException($"There is a key '{called}' already. Revoke it first, or choose another name.");
        // 32 letters and digits are 190 bits.
        var secret = Prefix + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 32);
        var key = new ApiKey
        {
            Id = RowId.New(now),
            Name = called,
            KeyHash = FirstStart.HashKey(secret),
            Start = secret[..Shown],
            Role = role.NameOf(),
            CreatedBy = who,
            CreatedAt = now,
        };
        db.ApiKeys.Add(key);
        await db.SaveChangesAsync(cancellation);
        await Audit.WriteAsync(db, who, "key.made", called, before: null, new { key.Role, key.Start }, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return new NewApiKey(key, secret);
    }

    /// <summary>The key opens nothing any more, from the next request on.</summary>
    /// <exception cref="RuleBrokenException">There is no such key, or it is revoked.</exception>
    public static async Task RevokeAsync(AutomationDb db, Guid id, string who, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.BeginWriteAsync(cancellation);
        var key = await db.ApiKeys.SingleOrDefaultAsync(one => one.Id == id && one.RevokedAt == null, cancellation)
            ?? throw new RuleBrokenException("This key is revoked already.");
        key.RevokedAt = now;
        await db.SaveChangesAsync(cancellation);
        await Audit.WriteAsync(db, who, "key.revoked", key.Name, new { key.Role, key.Start }, after: null, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}

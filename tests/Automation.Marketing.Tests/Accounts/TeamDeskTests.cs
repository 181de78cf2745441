using Automation.Marketing.Accounts;
using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Accounts;

public sealed class TeamDeskTests
{
    private const string Good = "correct horse battery";

    private static readonly DateTimeOffset Now = new(2026, 10, 20, 1, 0, 0, TimeSpan.Zero);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_link_works_once_and_says_whose_it_is(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var token = await InviteAsync(db, "hanako@example.com", Roles.Sales);
        Assert.Equal("hanako@example.com", (await TeamDesk.ForLinkAsync(db, token, Now, default))!.UserName);

        var user = await UseAsync(db, token, Good);
        Assert.Equal(("sales", "hashed " + Good), (user!.Role, user.PasswordHash));
        Assert.Null(await UseAsync(db, token, Good));
        Assert.Null(await TeamDesk.ForLinkAsync(db, token, Now, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Of_many_who_use_a_link_at_the_same_time_one_gets_in(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var token = await InviteAsync(db, "hanako@example.com", Roles.Sales);
        var tries = await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            await using var own = database.CreateDbContext();
            return await UseAsync(own, token, $"{Good} {number}");
        }));
        Assert.Single(tries, user => user is not null);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_link_expires_and_a_new_one_ends_it(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var first = await InviteAsync(db, "hanako@example.com", Roles.Sales);
        Assert.NotNull(await TeamDesk.ForLinkAsync(db, first, Now + TeamDesk.LinkLasts - TimeSpan.FromSeconds(1), default));
        Assert.Null(await TeamDesk.ForLinkAsync(db, first, Now + TeamDesk.LinkLasts, default));

        var second = await TeamDesk.LinkAsync(db, (await db.Users.SingleAsync()).Id, "admin", Now, default);
        Assert.Null(await TeamDesk.ForLinkAsync(db, first, Now, default));
        Assert.NotNull(await TeamDesk.ForLinkAsync(db, second, Now, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_bad_password_leaves_the_link_as_it_was(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var token = await InviteAsync(db, "hanako@example.com", Roles.Sales);
        await Assert.ThrowsAsync<RuleBrokenException>(() => UseAsync(db, token, "short"));
        Assert.NotNull(await UseAsync(db, token, Good));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_last_administrator_stays_whoever_else_is_disabled_or_only_invited(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var admin = await JoinAsync(db, "admin@example.com", Roles.Admin);
        await InviteAsync(db, "never.came@example.com", Roles.Admin);
        var gone = await JoinAsync(db, "gone@example.com", Roles.Admin);
        await TeamDesk.DisableAsync(db, gone, "admin", Now, default);

        await Assert.ThrowsAsync<RuleBrokenException>(() => TeamDesk.DisableAsync(db, admin, "admin", Now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => TeamDesk.ChangeRoleAsync(db, admin, Roles.Viewer, "admin", Now, default));
        Assert.Equal("admin", (await db.Users.AsNoTracking().SingleAsync(user => user.Id == admin)).Role);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Two_administrators_who_demote_each_other_at_the_same_time_do_not_both_succeed(DatabaseProvider provider)
    {
        for (var round = 0; round < 5; round++)
        {
            await using var database = await TestDatabases.CreateAsync(provider);
            await using var db = database.CreateDbContext();
            Guid[] admins = [await JoinAsync(db, "one@example.com", Roles.Admin), await JoinAsync(db, "two@example.com", Roles.Admin)];
            await Task.WhenAll(admins.Select(async id =>
            {
                await using var own = database.CreateDbContext();
                await Record.ExceptionAsync(() => TeamDesk.ChangeRoleAsync(own, id, Roles.Viewer, "admin", Now, default));
            }));
            Assert.Equal(1, await db.Users.AsNoTracking().CountAsync(user => user.Role == "admin"));
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Disabling_ends_sessions_and_links(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        await JoinAsync(db, "admin@example.com", Roles.Admin);
        var id = await JoinAsync(db, "hanako@example.com", Roles.Sales);
        var token = await TeamDesk.LinkAsync(db, id, "admin", Now, default);
        db.UserSessions.Add(new UserSession { Id = Guid.NewGuid(), UserId = id, StartedAt = Now, LastSeenAt = Now });
        await db.SaveChangesAsync();

        await TeamDesk.DisableAsync(db, id, "admin", Now, default);
        Assert.False(await db.UserSessions.AnyAsync(session => session.UserId == id));
        Assert.Null(await UseAsync(db, token, Good));
        await Assert.ThrowsAsync<RuleBrokenException>(() => TeamDesk.LinkAsync(db, id, "admin", Now, default));
        await TeamDesk.EnableAsync(db, id, "admin", Now, default);
        Assert.NotNull(await TeamDesk.LinkAsync(db, id, "admin", Now, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_code_of_the_app_opens_once_even_for_many_at_the_same_time(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var (id, secret, _) = await WithFactorAsync(db);
        var later = Now.AddMinutes(1);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var own = database.CreateDbContext();
            return await TeamDesk.TakeCodeAsync(own, id, Totp.CodeAt(secret, later), later, Now, default);
        }));
        Assert.Single(taken, one => one);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Each_recovery_code_opens_once(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var (id, _, codes) = await WithFactorAsync(db);
        Assert.Equal(TeamDesk.RecoveryCodes, codes.Distinct().Count());
        foreach (var code in codes)
        {
            Assert.True(await TeamDesk.TakeCodeAsync(db, id, code.ToUpperInvariant() + " ", Now, Now, default));
            Assert.False(await TeamDesk.TakeCodeAsync(db, id, code, Now, Now, default));
        }
        Assert.False(await TeamDesk.TakeCodeAsync(db, id, "", Now, Now, default));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Every_change_of_a_person_is_in_the_audit_trail_without_secrets(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        await JoinAsync(db, "admin@example.com", Roles.Admin);
        var (id, secret, codes) = await WithFactorAsync(db);
        await TeamDesk.ChangeRoleAsync(db, id, Roles.Steward, "boss", Now, default);
        await TeamDesk.RemoveSecondFactorAsync(db, id, "boss", Now, default);
        await TeamDesk.DisableAsync(db, id, "boss", Now, default);
        await TeamDesk.EnableAsync(db, id, "boss", Now, default);

        var entries = await db.AuditEntries.AsNoTracking().Where(entry => entry.Subject == "factor@example.com").ToListAsync();
        Assert.Equal(
            ["user.disabled", "user.enabled", "user.invited", "user.password", "user.role", "user.second-factor", "user.second-factor"],
            entries.Select(entry => entry.Action).Order(StringComparer.Ordinal));
        var role = entries.Single(entry => entry.Action == "user.role");
        Assert.Equal(("boss", """{"role":"viewer"}""", """{"role":"steward"}"""), (role.Actor, role.Before, role.After));
        Assert.DoesNotContain(entries, entry => codes.Append(secret).Append(Good).Any($"{entry.Before}{entry.After}".Contains));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_key_is_kept_as_its_hash_and_named_once_while_it_works(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var made = await ApiKeys.MakeAsync(db, " shop ", Roles.Steward, "admin", Now, default);
        Assert.Equal(("shop", FirstStart.HashKey(made.Secret), made.Secret[..7]), (made.Key.Name, made.Key.KeyHash, made.Key.Start));
        await Assert.ThrowsAsync<RuleBrokenException>(() => ApiKeys.MakeAsync(db, "shop", Roles.Viewer, "admin", Now, default));
        await Assert.ThrowsAsync<RuleBrokenException>(() => ApiKeys.MakeAsync(db, "  ", Roles.Viewer, "admin", Now, default));
        await ApiKeys.RevokeAsync(db, made.Key.Id, "admin", Now, default);
        await Assert.ThrowsAsync<RuleBrokenException>(() => ApiKeys.RevokeAsync(db, made.Key.Id, "admin", Now, default));
        Assert.NotEqual(made.Secret, (await ApiKeys.MakeAsync(db, "shop", Roles.Viewer, "admin", Now, default)).Secret);
        Assert.DoesNotContain(await db.AuditEntries.AsNoTracking().ToListAsync(), entry => $"{entry.After}".Contains(made.Secret, StringComparison.Ordinal));
    }

    private static Task<string> InviteAsync(AutomationDb db, string email, Roles role) =>
        TeamDesk.InviteAsync(db, "Somebody", EmailAddress.Parse(email), role, "admin", Now, default);

    private static Task<User?> UseAsync(AutomationDb db, string token, string password) =>
        TeamDesk.UseLinkAsync(db, token, password, (_, chosen) => "hashed " + chosen, Now, default);

    private static async Task<Guid> JoinAsync(AutomationDb db, string email, Roles role) => (await UseAsync(db, await InviteAsync(db, email, role), Good))!.Id;

    private static async Task<(Guid Id, string Secret, IReadOnlyList<string> Codes)> WithFactorAsync(AutomationDb db)
    {
        var (id, secret) = (await JoinAsync(db, "factor@example.com", Roles.Viewer), Totp.NewSecret());
        return (id, secret, await TeamDesk.AddSecondFactorAsync(db, id, secret, Totp.CodeAt(secret, Now), Now, Now, default));
    }
}

using System.Data.Common;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Storage;

public sealed class AuditTests
{
    private static readonly DateTimeOffset Now = new(2026, 10, 20, 1, 0, 0, TimeSpan.Zero);

    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_database_itself_refuses_to_change_or_delete_an_entry(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        await Audit.WriteAsync(db, "admin", "user.role", "hanako", new { Role = "viewer" }, new { Role = "admin" }, Now, default);
        string[] forbidden = ["UPDATE audit_entries SET actor = 'nobody'", "DELETE FROM audit_entries", .. provider is DatabaseProvider.PostgreSql ? ["TRUNCATE audit_entries"] : Array.Empty<string>()];
        foreach (var sql in forbidden)
            Assert.Contains("only ever added", (await Assert.ThrowsAnyAsync<DbException>(() => db.ExecuteAsync(sql, default))).Message, StringComparison.Ordinal);
        Assert.Equal("admin", (await db.AuditEntries.AsNoTracking().SingleAsync()).Actor);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_change_that_is_given_up_leaves_no_entry(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        await using (await db.BeginWriteAsync(default))
            await Audit.WriteAsync(db, "admin", "user.role", "hanako", before: null, after: null, Now, default);
        Assert.False(await db.AuditEntries.AnyAsync());
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_entry_says_where_it_came_from_and_is_readable_in_any_script(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        Audit.Address = "192.0.2.7";
        await Audit.WriteAsync(db, "花子", "template.published", "案内/冬", before: null, new { note = "解禁日を直した" }, Now, default);
        Audit.Address = null;
        var entry = await db.AuditEntries.AsNoTracking().SingleAsync(one => one.After!.Contains("解禁日"));
        Assert.Equal(("花子", "192.0.2.7", "案内/冬", Now), (entry.Actor, entry.Address, entry.Subject, entry.At));
    }
}

using Automation.Marketing.Contacts;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Databases;

public sealed class TestDatabasesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [MemberData(nameof(TestDatabases.Both), MemberType = typeof(TestDatabases))]
    public async Task Each_test_gets_an_empty_migrated_database_of_its_own(DatabaseProvider provider)
    {
        await using var first = await TestDatabases.CreateAsync(provider);
        await using var second = await TestDatabases.CreateAsync(provider);
        await using (var db = first.CreateDbContext())
        {
            db.Contacts.Add(Contact.Create(Guid.CreateVersion7(Now), Now));
            await db.SaveChangesAsync();
            Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        }
        await using var other = second.CreateDbContext();
        Assert.Equal(0, await other.Contacts.CountAsync());
    }
}

using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Tests.Storage;

public sealed class MigrationsTests
{
    public static TheoryData<DatabaseProvider> Both => TestDatabases.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task The_migrations_make_what_the_records_say(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        Assert.False(db.Database.HasPendingModelChanges());
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        foreach (var entity in db.Model.GetEntityTypes())
        {
            var columns = string.Join(", ", entity.GetProperties().Select(property => $"\"{property.GetColumnName()}\""));
            Assert.Empty(await db.QueryAsync($"SELECT {columns} FROM {entity.GetTableName()}", row => row, default));
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Migrating_again_changes_nothing(DatabaseProvider provider)
    {
        await using var database = await TestDatabases.CreateAsync(provider);
        await using var db = database.CreateDbContext();
        var before = await db.Database.GetAppliedMigrationsAsync();
        await db.Database.MigrateAsync();
        Assert.Equal(before, await db.Database.GetAppliedMigrationsAsync());
    }
}

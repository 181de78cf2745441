using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Databases;
using Automation.Server.Tests;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Benchmarks;

/// <summary>Flows at full scale: what the usual suite checks with a few hundred people.</summary>
internal static class ChecksFlows
{
    private const int People = 2_000;
    private const int Kills = 50;

    /// <summary>Kills the service 50 times while 2,000 people go through a flow, on each database.</summary>
    /// <returns>0 when everyone came through exactly once, else 1.</returns>
    public static async Task<int> KillsAsync()
    {
        var sound = true;
        foreach (var provider in new[] { DatabaseProvider.Sqlite, DatabaseProvider.PostgreSql })
        {
            await using var database = await ChecksDatabase.CreateAsync(provider);
            await using var flows = new KilledFlows(provider, database.ConnectionString, database.Open, seed: 4);
            var found = await flows.RunAsync(People, Kills);
            Console.WriteLine($"{provider,-10} {found} {(found.IsSound ? "" : "NOT SOUND")}");
            sound &= found.IsSound;
        }
        return sound ? 0 : 1;
    }
}

/// <summary>A migrated database of its own for a check; gone with it.</summary>
internal sealed class ChecksDatabase : IAsyncDisposable
{
    private readonly ServiceProvider services;

    private ChecksDatabase(DatabaseProvider provider, string connectionString, string folder)
    {
        (ConnectionString, Folder) = (connectionString, folder);
        services = new ServiceCollection().AddLogging().AddAutomationStorage(provider, connectionString).BuildServiceProvider();
    }

    public string ConnectionString { get; }

    /// <summary>For files of the check; the SQLite file is in it.</summary>
    public string Folder { get; }

    public static async Task<ChecksDatabase> CreateAsync(DatabaseProvider provider)
    {
        var folder = Directory.CreateTempSubdirectory("automation-checks-").FullName;
        var connectionString = $"Data Source={Path.Combine(folder, "automation.db")}";
        if (provider is DatabaseProvider.PostgreSql)
        {
            var cluster = await PostgresCluster.StartAsync();
            await cluster.ExecuteAsync("CREATE DATABASE checks");
            connectionString = cluster.ConnectionStringFor("checks");
        }
        var database = new ChecksDatabase(provider, connectionString, folder);
        await using var db = database.Open();
        await db.Database.MigrateAsync();
        return database;
    }

    public AutomationDb Open() => services.GetRequiredService<IDbContextFactory<AutomationDb>>().CreateDbContext();

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }
}

using System.Globalization;
using Automation.Marketing.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Automation.Marketing.Tests.Databases;

/// <summary>Real databases for tests, migrated, one of its own for each caller.</summary>
public static class TestDatabases
{
    private static readonly Lazy<Task<string>> SqliteTemplate = new(MakeSqliteTemplateAsync);
    private static readonly Lazy<Task<PostgresCluster>> Postgres = new(MakePostgresTemplateAsync);
    private static int made;

    /// <summary>For <c>[Theory] [MemberData]</c>: the rule holds on both.</summary>
    public static TheoryData<DatabaseProvider> Both => [DatabaseProvider.Sqlite, DatabaseProvider.PostgreSql];

    public static Task<TestDatabase> CreateAsync(DatabaseProvider provider) =>
        provider is DatabaseProvider.Sqlite ? SqliteAsync() : PostgresAsync();

    /// <summary>A file of its own in the temporary folder.</summary>
    public static async Task<TestDatabase> SqliteAsync()
    {
        var template = await SqliteTemplate.Value;
        var file = Path.Combine(Path.GetDirectoryName(template)!, NextName() + ".db");
        File.Copy(template, file);
        return new TestDatabase(DatabaseProvider.Sqlite, $"Data Source={file}", () => DeleteSqlite(file));
    }

    /// <summary>A database of its own in this process's throw-away cluster.</summary>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed, or its cluster does not start.</exception>
    public static async Task<TestDatabase> PostgresAsync()
    {
        var cluster = await Postgres.Value;
        var name = NextName();
        await cluster.ExecuteAsync($"CREATE DATABASE {name} TEMPLATE migrated");
        return new TestDatabase(
            DatabaseProvider.PostgreSql, cluster.ConnectionStringFor(name), () => cluster.ExecuteAsync($"DROP DATABASE {name} WITH (FORCE)"));
    }

    private static string NextName() => "test_" + Interlocked.Increment(ref made).ToString(CultureInfo.InvariantCulture);

    private static async Task<string> MakeSqliteTemplateAsync()
    {
        var folder = Directory.CreateTempSubdirectory("automation-tests-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => DeleteFolder(folder);
        var file = Path.Combine(folder, "migrated.db");
        // Without a pool the last connection closes, and the write-ahead log goes into the file that is copied.
        await MigrateAsync(DatabaseProvider.Sqlite, $"Data Source={file};Pooling=False");
        return file;
    }

    private static async Task<PostgresCluster> MakePostgresTemplateAsync()
    {
        var cluster = await PostgresCluster.StartAsync();
        await cluster.ExecuteAsync("CREATE DATABASE migrated");
        await MigrateAsync(DatabaseProvider.PostgreSql, cluster.ConnectionStringFor("migrated") + ";Pooling=false");
        return cluster;
    }

    private static async Task MigrateAsync(DatabaseProvider provider, string connectionString)
    {
        await using var services = new ServiceCollection().AddLogging().AddAutomationStorage(provider, connectionString).BuildServiceProvider();
        await using var db = services.GetRequiredService<IDbContextFactory<AutomationDb>>().CreateDbContext();
        await db.Database.MigrateAsync();
    }

    private static Task DeleteSqlite(string file)
    {
        using (var connection = new SqliteConnection($"Data Source={file}")) SqliteConnection.ClearPool(connection);
        foreach (var part in new[] { file, file + "-wal", file + "-shm" }) File.Delete(part);
        return Task.CompletedTask;
    }

    private static void DeleteFolder(string folder)
    {
        try
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A connection still open at the process's end; the folder is temporary.
        }
    }
}

/// <summary>One migrated database; gone when disposed.</summary>
public sealed class TestDatabase : IDbContextFactory<AutomationDb>, IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly Func<Task> drop;

    internal TestDatabase(DatabaseProvider provider, string connectionString, Func<Task> drop)
    {
        (Provider, ConnectionString, this.drop) = (provider, connectionString, drop);
        services = new ServiceCollection().AddLogging().AddAutomationStorage(provider, connectionString).BuildServiceProvider();
    }

    public DatabaseProvider Provider { get; }

    public string ConnectionString { get; }

    public AutomationDb CreateDbContext() => services.GetRequiredService<IDbContextFactory<AutomationDb>>().CreateDbContext();

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        if (Provider is DatabaseProvider.PostgreSql)
        {
            await using var connection = new NpgsqlConnection(ConnectionString);
            NpgsqlConnection.ClearPool(connection);
        }
        await drop();
    }
}

using System.Data.Common;
using Automation.Marketing.Storage.Postgres;
using Automation.Marketing.Storage.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Marketing.Storage;

/// <summary>Setting <c>Database:Provider</c>.</summary>
public enum DatabaseProvider { Sqlite, PostgreSql }

public static class StorageRegistration
{
    /// <summary>Registers <see cref="AutomationDb"/> per scope and <see cref="IDbContextFactory{TContext}"/> for work outside one.</summary>
    public static IServiceCollection AddAutomationStorage(this IServiceCollection services, DatabaseProvider provider, string connectionString)
    {
        if (provider is DatabaseProvider.Sqlite)
            services.AddFactory<SqliteAutomationDb>(options => options.UseSqlite(connectionString).AddInterceptors(SqliteSettings.Instance));
        else
            services.AddFactory<PostgresAutomationDb>(options => options.UseNpgsql(connectionString));
        services.AddScoped(each => each.GetRequiredService<IDbContextFactory<AutomationDb>>().CreateDbContext());
        return services;
    }

    private static void AddFactory<TDb>(this IServiceCollection services, Action<DbContextOptionsBuilder> configure) where TDb : AutomationDb
    {
        services.AddPooledDbContextFactory<TDb>(configure);
        services.AddSingleton<IDbContextFactory<AutomationDb>, Factory<TDb>>();
    }

    private sealed class Factory<TDb>(IDbContextFactory<TDb> inner) : IDbContextFactory<AutomationDb> where TDb : AutomationDb
    {
        public AutomationDb CreateDbContext() => inner.CreateDbContext();
    }
}

/// <summary>
/// What each SQLite connection is told. Commits are flushed to disk (FULL): that an attempt to send has begun must
/// survive a power cut, or the mail could leave twice.
/// </summary>
internal sealed class SqliteSettings : DbConnectionInterceptor
{
    public static readonly SqliteSettings Instance = new();

    // Pages that many commits change go from the log into the file once for all of them; the log grows to 16 MB. A connection
    // that works keeps up to 8 MB of pages.
    private const string Settings =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=15000; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-8000;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Settings;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Settings;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

using Automation.Marketing.DemoData;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Marketing.Tests.DemoData;

/// <summary>The demo company as of one afternoon in November, made once for all tests that only read it.</summary>
public sealed class DemoCompanyFixture : IAsyncLifetime
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 14, 0, 0, TimeSpan.FromHours(9));

    internal DemoDatabase Database { get; } = new();

    public AutomationDb Open() => Database.CreateDbContext();

    public Task InitializeAsync() => DemoCompany.CreateAsync(Database, Now, progress: null, default);

    public Task DisposeAsync()
    {
        Database.Dispose();
        return Task.CompletedTask;
    }
}

/// <summary>An empty database in a file of its own.</summary>
internal sealed class DemoDatabase : IDbContextFactory<AutomationDb>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("automation-demo-").FullName;
    private readonly ServiceProvider services;

    public DemoDatabase()
    {
        // Without pooling no connection outlives its context, and the folder can go.
        services = new ServiceCollection()
            .AddAutomationStorage(DatabaseProvider.Sqlite, $"Data Source={Path.Combine(folder, "demo.db")};Pooling=False")
            .BuildServiceProvider();
        using var db = CreateDbContext();
        db.Database.Migrate();
    }

    public AutomationDb CreateDbContext() => services.GetRequiredService<IDbContextFactory<AutomationDb>>().CreateDbContext();

    public void Dispose()
    {
        services.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}

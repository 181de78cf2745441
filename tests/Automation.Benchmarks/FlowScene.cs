using System.Diagnostics;
using Automation.Marketing.Contacts;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Marketing.Tests.Scenarios;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Benchmarks;

/// <summary>The engine alone on a SQLite file, with two flows: an event starts it, it waits for another, then it tags the person.</summary>
internal sealed class FlowScene : IAsyncDisposable
{
    public const string Go = "bench.go";
    public const string Wake = "bench.wake";

    /// <summary>Starts the flow that waits for an event published to everybody: <see cref="ForAll"/>.</summary>
    public const string GoForAll = "bench.go-for-all";

    public const string ForAll = "bench.for-all";
    public const string Tag = "woken";

    private readonly ServiceProvider services;
    private readonly Commits commits = new();
    private int people;

    private FlowScene(string folder, ServiceProvider services, FlowEngine engine) => (Folder, this.services, Engine) = (folder, services, engine);

    public string Folder { get; }
    public string File => Path.Combine(Folder, "automation.db");
    public FlowEngine Engine { get; }

    /// <summary>Transactions committed so far by all in this process.</summary>
    public int Committed => commits.Count;

    public static async Task<FlowScene> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("automation-benchmark-").FullName;
        var services = new ServiceCollection().AddLogging()
            .AddAutomationStorage(DatabaseProvider.Sqlite, $"Data Source={Path.Combine(folder, "automation.db")}").BuildServiceProvider();
        var dbs = services.GetRequiredService<IDbContextFactory<AutomationDb>>();
        var (_, engine, flows) = FlowParts.Of(dbs, TemplateCatalogue.Empty, new TemplateRenderer(TimeProvider.System), TimeProvider.System);
        await using (var db = await dbs.CreateDbContextAsync())
        {
            await db.Database.MigrateAsync();
            var files = Directory.CreateDirectory(Path.Combine(folder, "flows")).FullName;
            await System.IO.File.WriteAllTextAsync(
                Path.Combine(files, "bench.json"), Flow("bench", Go, "Automation.WaitForEvent", "eventType", Wake, "Received"));
            await System.IO.File.WriteAllTextAsync(
                Path.Combine(files, "bench-for-all.json"), Flow("bench-for-all", GoForAll, "Elsa.Event", "eventName", ForAll, "Done"));
            await flows.PublishFolderAsync(db, files, TimeProvider.System.GetUtcNow(), default);
        }
        return new FlowScene(folder, services, engine);
    }

    public AutomationDb Open() => services.GetRequiredService<IDbContextFactory<AutomationDb>>().CreateDbContext();

    /// <summary>New people, nobody of whom is in the flow.</summary>
    public async Task<Guid[]> PeopleAsync(int count)
    {
        await using var db = Open();
        var now = TimeProvider.System.GetUtcNow();
        await using var transaction = await db.BeginWriteAsync(default);
        var ids = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7(now)).ToArray();
        await db.InsertManyAsync(
            "contacts", ["id", "email", "email_key", "name", "language", "custom", "sales_owned", "created_at", "updated_at"],
            [.. ids.Select(id => (Id: id, Email: $"p{people++}@example.com")).Select(one => new object?[] { one.Id, one.Email, one.Email, "山田 花子", "ja", "{}", false, now, now })],
            "", default);
        await transaction.CommitAsync(default);
        return ids;
    }

    /// <summary>An event happens to each of them, so many a commit.</summary>
    public async Task HappensAsync(string type, IEnumerable<Guid> to, int aCommit)
    {
        foreach (var some in to.Chunk(aCommit))
        {
            await using var db = Open();
            await using var transaction = await db.BeginWriteAsync(default);
            var now = TimeProvider.System.GetUtcNow();
            await Stimuli.WriteAsync(db, [.. some.Select(id => new NewStimulus(Stimuli.EventReceived, type, id, Payload(type)))], now, default);
            await transaction.CommitAsync(default);
        }
    }

    public async Task WorkAsync()
    {
        while (await Engine.WorkAsync(default) > 0) { }
    }

    public async Task<int> CountAsync(string sql)
    {
        await using var db = Open();
        return (await db.QueryAsync(sql, row => row.Int(0), default))[0];
    }

    public static string Payload(string type) =>
        $$$"""{"type":"{{{type}}}","occurred_at":"2026-11-16T10:00:00.0000000+09:00","source":"web-shop","id":"0198d3a000007000800000000000abcd","data":{"page":"/crab"}}""";

    public async ValueTask DisposeAsync()
    {
        commits.Dispose();
        await services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Flow(string id, string go, string waitType, string waitInput, string waitsFor, string woken) => new FlowSketch(id)
        .Step("go", "Automation.EventReceived", ("eventType", go)).Step("wait", waitType, (waitInput, waitsFor)).Step("tag", "Automation.AddTag", ("tag", Tag))
        .Line("go", "Done", "wait").Line("wait", woken, "tag").ToJson();

    // The engine's transactions are its own affair; EF tells of each that was committed.
    private sealed class Commits : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private const string Committed = "Microsoft.EntityFrameworkCore.Database.Transaction.TransactionCommitted";

        private readonly IDisposable listening;
        private IDisposable? heard;
        private int count;

        public Commits() => listening = DiagnosticListener.AllListeners.Subscribe(this);

        public int Count => count;

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.EntityFrameworkCore") heard ??= value.Subscribe(this, name => name == Committed);
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Key == Committed) Interlocked.Increment(ref count);
        }

        public void OnCompleted() { }

        public void OnError(Exception error) { }

        public void Dispose()
        {
            heard?.Dispose();
            listening.Dispose();
        }
    }
}

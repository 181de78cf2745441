using System.Net.Http.Headers;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Storage;
using Automation.Server;
using Automation.Server.Clock;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Benchmarks;

/// <summary>The program on a fresh SQLite file, sending to a stand-in that only counts, in a process of its own.</summary>
internal sealed class BenchmarkedApp : IAsyncDisposable
{
    private const string ApiKey = "benchmark-key";

    private readonly StandInProcess standIn;

    public required AutomationServer Server { get; init; }
    public required MovableClock Clock { get; init; }
    public required HttpClient Http { get; init; }
    public required string Folder { get; init; }
    public required Uri StandInAddress { get; init; }

    public IDbContextFactory<AutomationDb> Dbs => Server.App.Services.GetRequiredService<IDbContextFactory<AutomationDb>>();

    /// <param name="addTemplates">Puts more templates into this folder.</param>
    public static async Task<BenchmarkedApp> StartAsync(Action<string>? addTemplates = null)
    {
        var folder = Directory.CreateTempSubdirectory("automation-benchmark-").FullName;
        var clock = new MovableClock(new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.FromHours(9)));
        var standIn = await StandInProcess.StartAsync();
        try
        {
            return await StartAsync(folder, clock, standIn, addTemplates);
        }
        catch
        {
            await standIn.DisposeAsync();
            throw;
        }
    }

    private static async Task<BenchmarkedApp> StartAsync(string folder, MovableClock clock, StandInProcess standIn, Action<string>? addTemplates)
    {
        var server = AutomationServer.Build(
            [
                "--urls", "http://127.0.0.1:0", $"--ConnectionStrings:Automation=Data Source={Path.Combine(folder, "automation.db")}",
                $"--Setup:ApiKey={ApiKey}", "--Setup:AdminPassword=benchmark", $"--SendGrid:BaseAddress={standIn.Address}", "--contentRoot", ContentRoot(folder, addTemplates),
                "--Logging:LogLevel:Default=Warning",
                // What is measured asks more than any shop.
                "--Limits:RequestsPerKey=10000000", "--Limits:RequestsPerAddress=10000000",
            ],
            clock);
        await server.StartAsync();
        var http = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        var app = new BenchmarkedApp(standIn) { Server = server, Clock = clock, Http = http, Folder = folder, StandInAddress = standIn.Address };
        await using var db = await app.Dbs.CreateDbContextAsync();
        await db.SaveShopAsync(
            new ShopIdentity("越前みなと水産", "株式会社越前みなと水産", "福井県坂井市みなと町1-2-3", "0776-00-0000", "https://shop.example.com", "info@shop.example.com", "越前みなと水産", null),
            clock.GetUtcNow(), default);
        return app;
    }

    private BenchmarkedApp(StandInProcess standIn) => this.standIn = standIn;

    private static string ContentRoot(string folder, Action<string>? addTemplates)
    {
        // No flows and no calendar: the season's own broadcasts would be measured along as the clock moves on.
        var shipped = Path.Combine(AppContext.BaseDirectory, "templates");
        foreach (var file in Directory.EnumerateFiles(shipped, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, "templates", Path.GetRelativePath(shipped, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        Directory.CreateDirectory(Path.Combine(folder, "workflows"));
        addTemplates?.Invoke(Path.Combine(folder, "templates"));
        return folder;
    }

    /// <summary>People who agreed to be mailed.</summary>
    /// <param name="custom">Own fields that templates may read: JSON.</param>
    /// <param name="first">The number of the first of them.</param>
    public async Task AddPeopleAsync(int count, string custom = "{}", int first = 0)
    {
        await using var db = await Dbs.CreateDbContextAsync();
        var now = Clock.GetUtcNow();
        await using var transaction = await db.BeginWriteAsync(default);
        // A part at a time: rows of all at once would be measured along with what the product takes.
        foreach (var numbers in Enumerable.Range(first, count).Chunk(10_000))
        {
            var people = numbers.Select(number => (Id: RowId.New(now), Number: number)).ToList();
            await db.InsertManyAsync(
                "contacts", ["id", "email", "email_key", "name", "language", "custom", "sales_owned", "created_at", "updated_at"],
                [.. people.Select(one => new object?[] { one.Id, $"p{one.Number}@example.com", $"p{one.Number}@example.com", $"山田 {one.Number}", "ja", custom, false, now, now })], "", default);
            await db.InsertManyAsync(
                "consent_entries", ["id", "contact_id", "channel", "topic", "state", "basis", "source", "actor", "at"],
                [.. people.Select(one => new object?[] { RowId.New(now), one.Id, ConsentEntry.Email, "", ConsentState.Granted, ConsentBasis.OptIn, "benchmark", "benchmark", now })],
                "", default);
        }
        await transaction.CommitAsync(default);
    }

    public async Task<int> CountAsync(string sql)
    {
        await using var db = await Dbs.CreateDbContextAsync();
        return (await db.QueryAsync(sql, row => row.Int(0), default))[0];
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        await standIn.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }
}

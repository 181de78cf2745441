using Automation.Marketing.DemoData;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Commands;

/// <summary><c>demo</c>: the service on a fresh database of its own, with a believable company and a clock that can be moved on.</summary>
internal static class DemoCommand
{
    /// <summary>What a visitor signs in with; the demonstration holds nothing that is worth protecting.</summary>
    public const string Password = "demo-password";

    public static async Task<int> RunAsync(string[] args, CancellationToken cancellation)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"automation-demo-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        // Only a stand-in for mail, whatever keys the environment holds.
        string[] own =
        [
            .. args,
            "--Database:Provider=Sqlite", $"--ConnectionStrings:Automation=Data Source={Path.Combine(folder, "automation.db")}",
            "--SendGrid:ApiKey=", "--SendGrid:BaseAddress=", $"--Setup:AdminPassword={Password}", "--Setup:ApiKey=demo-key", "--Setup:Calendars=crab-shop,gift-seasons,year-end-thanks",
            $"--Clock:Start={Now(args):O}",
        ];
        try
        {
            await using var server = AutomationServer.Build(own);
            await Console.Out.WriteLineAsync("Making the demo company…");
            await MakeCompanyAsync(server, cancellation);
            await server.StartAsync(cancellation);
            await Console.Out.WriteLineAsync($"Automation's demo listens on {server.Address}");
            await Console.Out.WriteLineAsync($"Sign in as 'admin' with the password '{Password}'. API key: demo-key. Nothing is really sent.");
            await server.WaitForShutdownAsync(cancellation);
            return CommandLine.Done;
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MakeCompanyAsync(AutomationServer server, CancellationToken cancellation)
    {
        var dbs = server.App.Services.GetRequiredService<IDbContextFactory<AutomationDb>>();
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await db.Database.MigrateAsync(cancellation);
        await DemoCompany.CreateAsync(
            dbs, server.App.Services.GetRequiredService<TimeProvider>().GetUtcNow(), new Progress<string>(Console.WriteLine), cancellation);
    }

    private static DateTimeOffset Now(string[] args) =>
        new ConfigurationBuilder().AddCommandLine(args).Build()["Clock:Start"] is { Length: > 0 } start
            ? DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture)
            : TimeProvider.System.GetUtcNow();
}

using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Commands;

/// <summary><c>migrate</c>: brings the database up to date.</summary>
internal static class MigrateCommand
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellation)
    {
        await using var server = AutomationServer.Build(args);
        await using var scope = server.App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AutomationDb>();
        var pending = (await db.Database.GetPendingMigrationsAsync(cancellation)).ToList();
        await db.Database.MigrateAsync(cancellation);
        await Console.Out.WriteLineAsync(pending.Count == 0 ? "The database is up to date." : $"Applied {string.Join(", ", pending)}.");
        return CommandLine.Done;
    }
}

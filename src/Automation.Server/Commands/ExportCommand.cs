using System.Text;
using Automation.Marketing;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Commands;

/// <summary><c>export suppressions FILE</c>: the addresses that nothing is sent to, in the form that an import takes.</summary>
internal static class ExportCommand
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellation)
    {
        if (args is not ["suppressions", var file, ..] || file.StartsWith('-'))
        {
            await Console.Error.WriteLineAsync("Usage: export suppressions FILE");
            return CommandLine.WrongUsage;
        }
        if (File.Exists(file)) throw new BadInputException(file, "exists already; an export never overwrites one.");
        await using var server = AutomationServer.Build(args[2..]);
        await using var scope = server.App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AutomationDb>();
        await db.Database.MigrateAsync(cancellation);
        await using var output = new StreamWriter(file, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        await SuppressionList.ExportAsync(db, output, cancellation);
        return CommandLine.Done;
    }
}

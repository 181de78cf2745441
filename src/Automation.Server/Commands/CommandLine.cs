using Automation.Marketing;
using Automation.Marketing.Journeys;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Storage;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Commands;

/// <summary>The program is its own tool (architecture §6). Exit status 0: done; 1: the input is at fault; 2: wrong usage.</summary>
internal static class CommandLine
{
    public const int Done = 0;
    public const int InputAtFault = 1;
    public const int WrongUsage = 2;

    private const string Usage = """
        Usage: Automation.Server [command]
          serve                     run the service (default); --urls, settings by environment or arguments
          demo                      the same on a fresh database with a believable company
          render TEMPLATE …         render a template; render --each DIR --out DIR2
          flow check|run …          load, validate and run workflow definitions
          stand-in …                the SendGrid stand-in alone
          import KIND FILE …        customers, purchases, deals, cdnow or suppressions; --basis, --evidence, --dry-run
          export suppressions FILE  the addresses that nothing is sent to, as CSV
          backup FILE, restore FILE a consistent copy while serving, and back
          migrate                   bring the database up to date
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        using var stopping = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stopping.Cancel();
        };
        try
        {
            var isCommand = args.Length > 0 && !args[0].StartsWith('-');
            var (command, rest) = isCommand ? (args[0], args[1..]) : ("serve", args);
            return await RunAsync(command, rest, stopping.Token);
        }
        catch (BadInputException bad)
        {
            await Console.Error.WriteLineAsync(bad.Message);
            return InputAtFault;
        }
    }

    private static Task<int> RunAsync(string command, string[] args, CancellationToken cancellation) => command switch
    {
        "serve" => ServeCommand.RunAsync(args, cancellation),
        "demo" => DemoCommand.RunAsync(args, cancellation),
        "migrate" => MigrateCommand.RunAsync(args, cancellation),
        "stand-in" => StandInCommand.RunAsync(args, cancellation),
        "flow" => FlowCommand.RunAsync(args, Console.Out, Console.Error, AddOurActivities, [new ScribanHandler(TemplateRenderer.WithoutPartials)], cancellation),
        "render" => Task.FromResult(RenderCommand.Run(args, Console.Out, Console.Error)),
        "import" => ImportAsync(args, cancellation),
        "export" => ExportCommand.RunAsync(args, cancellation),
        "backup" => BackupCommand.BackupAsync(args, cancellation),
        "restore" => BackupCommand.RestoreAsync(args, cancellation),
        _ => UsageAsync(command),
    };

    private static void AddOurActivities(ActivityRegistry registry) => registry.AddFrom(typeof(FlowCatalogue).Assembly);

    private static async Task<int> ImportAsync(string[] args, CancellationToken cancellation)
    {
        var settings = args.Where(IsSetting).ToArray();
        await using var server = AutomationServer.Build(settings);
        await using (var db = await server.App.Services.GetRequiredService<IDbContextFactory<AutomationDb>>().CreateDbContextAsync(cancellation))
            await db.Database.MigrateAsync(cancellation);
        return await ImportCommand.RunAsync([.. args.Where(arg => !IsSetting(arg))], server.App.Services, Console.Out, Console.Error, cancellation);
    }

    // E.g. --Database:Provider=Sqlite, as against the command's own --basis.
    private static bool IsSetting(string arg) =>
        arg.StartsWith("--", StringComparison.Ordinal) && arg.Length > 2 && char.IsUpper(arg[2]) && arg.Contains('=', StringComparison.Ordinal);

    private static async Task<int> UsageAsync(string command)
    {
        if (command is not "help") await Console.Error.WriteLineAsync($"There is no command '{command}'.");
        await Console.Error.WriteLineAsync(Usage);
        return WrongUsage;
    }
}

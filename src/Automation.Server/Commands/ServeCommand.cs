namespace Automation.Server.Commands;

/// <summary><c>serve</c>: runs the service until it is told to stop.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellation)
    {
        await using var server = AutomationServer.Build(args);
        await server.StartAsync(cancellation);
        await Console.Out.WriteLineAsync($"Automation listens on {server.Address}");
        if (server.OneTimePassword is { } password)
            await Console.Out.WriteLineAsync($"Sign in as 'admin' with the one-time password {password} (shown only now).");
        if (server.StandInAddress is { } standIn) await Console.Out.WriteLineAsync($"Nothing is really sent: mail goes to the stand-in at {standIn}");
        await server.WaitForShutdownAsync(cancellation);
        return CommandLine.Done;
    }
}

using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Automation.Benchmarks;

/// <summary>The stand-in in a process of its own, keeping who got what but no bodies; gone when disposed.</summary>
internal sealed class StandInProcess : IAsyncDisposable
{
    private readonly Process process;

    private StandInProcess(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<StandInProcess> StartAsync()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var word in new[] { Path.Combine(AppContext.BaseDirectory, "Automation.Server.dll"), "stand-in", "--urls", "http://127.0.0.1:0", "--keep-bodies", "0" })
            start.ArgumentList.Add(word);
        var process = Process.Start(start)!;
        var first = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The stand-in did not start.");
        return new StandInProcess(process, new Uri(JsonNode.Parse(first)!["address"]!.GetValue<string>()));
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}

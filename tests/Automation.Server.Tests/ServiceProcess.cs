using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Automation.Server.Tests;

/// <summary>The program as a process of its own, which can be killed as a power cut would.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    public const string ApiKey = "test-key";

    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(90);

    private readonly Process process;
    private readonly StringBuilder said = new();

    private ServiceProcess(Process process) => this.process = process;

    /// <summary>Everything it has written so far.</summary>
    public string Said
    {
        get
        {
            lock (said) return said.ToString();
        }
    }

    /// <summary>What it holds of the machine's memory.</summary>
    public double Megabytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>Starts a command and waits until its output holds a text.</summary>
    public static async Task<ServiceProcess> StartAsync(string until, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = AppContext.BaseDirectory };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Automation.Server.dll"));
        foreach (var arg in args) start.ArgumentList.Add(arg);
        var service = new ServiceProcess(new Process { StartInfo = start });
        service.process.OutputDataReceived += (_, line) => service.Hear(line.Data);
        service.process.ErrorDataReceived += (_, line) => service.Hear(line.Data);
        service.process.Start();
        service.process.BeginOutputReadLine();
        service.process.BeginErrorReadLine();
        var patience = TimeProvider.System.GetUtcNow() + StartsWithin;
        while (!service.Said.Contains(until, StringComparison.Ordinal))
        {
            if (service.process.HasExited || TimeProvider.System.GetUtcNow() > patience) throw new InvalidOperationException($"It did not start:\n{service.Said}");
            await Task.Delay(50);
        }
        return service;
    }

    /// <summary>As <c>kill -9</c>: nothing is tidied up.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>A client that shows the API key.</summary>
    public static HttpClient Client(string address)
    {
        var http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        return http;
    }

    public static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await KillAsync();
        process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (said) said.AppendLine(line);
    }
}

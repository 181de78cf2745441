using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Automation.Server.Tests.Sending;

/// <summary>Prism, from npm: answers by an OpenAPI document and refuses what the document does not allow.</summary>
internal sealed class PrismMock : IAsyncDisposable
{
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(120);
    private static readonly SemaphoreSlim Installing = new(1);

    private readonly Process process;
    private readonly HttpClient http;

    private PrismMock(Process process, Uri address)
    {
        this.process = process;
        http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "key");
    }

    public static async Task<PrismMock> StartAsync(string document)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Sending", "prism");
        var program = Path.Combine(folder, "node_modules", "@stoplight", "prism-cli", "dist", "index.js");
        await InstallAsync(folder, program);
        var port = ServiceProcess.FreePort();
        var (process, said) = Start("node", folder, program, "mock", "-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "--errors", document);
        var began = TimeProvider.System.GetTimestamp();
        while (!Text(said).Contains("is listening", StringComparison.Ordinal))
        {
            if (process.HasExited || TimeProvider.System.GetElapsedTime(began) > StartsWithin) throw new InvalidOperationException($"Prism did not start:\n{Text(said)}");
            await Task.Delay(50);
        }
        return new PrismMock(process, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")));
    }

    public async Task<int> StatusOfAsync(byte[] request)
    {
        using var content = new ByteArrayContent(request);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await http.PostAsync("/v3/mail/send", content);
        return (int)answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task InstallAsync(string folder, string program)
    {
        await Installing.WaitAsync();
        try
        {
            if (File.Exists(program)) return;
            var (npm, said) = Start("npm", folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            await npm.WaitForExitAsync();
            if (npm.ExitCode != 0) throw new InvalidOperationException($"Prism could not be installed:\n{Text(said)}");
        }
        finally
        {
            Installing.Release();
        }
    }

    private static (Process Process, StringBuilder Said) Start(string program, string folder, params string[] words)
    {
        var start = new ProcessStartInfo(program, words) { UseShellExecute = false, WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        var said = new StringBuilder();
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Hear(said, line.Data);
        process.ErrorDataReceived += (_, line) => Hear(said, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return (process, said);
    }

    private static void Hear(StringBuilder said, string? line)
    {
        lock (said) said.AppendLine(line);
    }

    private static string Text(StringBuilder said)
    {
        lock (said) return said.ToString();
    }
}

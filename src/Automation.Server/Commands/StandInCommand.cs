using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Automation.SendGrid.StandIn;

namespace Automation.Server.Commands;

/// <summary>
/// <c>stand-in [--urls U] [--webhook URL] [--key-file PEM] [--data FILE] [--api-key KEY] [--keep-bodies BYTES]</c>: the SendGrid stand-in
/// in a process of its own, until cancelled. Its first line of output is JSON with its address and the public key of its events.
/// </summary>
internal static class StandInCommand
{
    private static readonly string[] Known = ["--urls", "--webhook", "--key-file", "--data", "--api-key", "--keep-bodies"];

    /// <returns>0 after an orderly end, 1 when an argument's content is at fault, 2 for wrong usage.</returns>
    public static async Task<int> RunAsync(string[] args, CancellationToken ct)
    {
        if (Read(args) is not { } given)
        {
            await Console.Error.WriteLineAsync($"Usage: stand-in [{string.Join(" VALUE] [", Known)} VALUE]");
            return 2;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            await using var app = StandInServer.Build(Options(given));
            await app.StartAsync(stop.Token);
            var start = new Dictionary<string, string>
            {
                ["address"] = StandInServer.Address(app).ToString(),
                ["publicKey"] = StandInServer.PublicKey(app),
            };
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(start));
            await app.WaitForShutdownAsync(stop.Token);
            return 0;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or IOException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return 1;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static Dictionary<string, string>? Read(string[] args)
    {
        var given = new Dictionary<string, string>();
        for (var index = 0; index < args.Length; index += 2)
        {
            if (!Known.Contains(args[index]) || index + 1 == args.Length || !given.TryAdd(args[index], args[index + 1])) return null;
        }

        return given;
    }

    private static StandInOptions Options(Dictionary<string, string> given)
    {
        var defaults = new StandInOptions();
        return defaults with
        {
            Urls = given.GetValueOrDefault("--urls", defaults.Urls),
            ApiKey = given.GetValueOrDefault("--api-key"),
            WebhookUrl = given.TryGetValue("--webhook", out var webhook) ? Web(webhook) : null,
            PrivateKeyPem = given.TryGetValue("--key-file", out var file) ? KeyIn(file) : null,
            DataFile = given.GetValueOrDefault("--data"),
            KeepBodyBytes = given.TryGetValue("--keep-bodies", out var bytes) ? Count(bytes) : defaults.KeepBodyBytes,
        };
    }

    private static Uri Web(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new FormatException($"--webhook: '{text}' is not an http or https address.");

    private static long Count(string text) =>
        long.TryParse(text, out var bytes) && bytes >= 0
            ? bytes
            : throw new FormatException($"--keep-bodies: '{text}' is not a number of bytes.");

    // Made on first use, readable by its owner only, so that a stand-in keeps its public key over restarts.
    internal static string KeyIn(string file)
    {
        if (File.Exists(file)) return File.ReadAllText(file);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = key.ExportPkcs8PrivateKeyPem();
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, how);
        writer.Write(pem);
        return pem;
    }
}

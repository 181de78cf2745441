using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Automation.Marketing.Tests.Databases;

/// <summary>A throw-away PostgreSQL cluster: loopback only, nothing flushed to disk, gone with this process.</summary>
internal sealed class PostgresCluster
{
    private const int Attempts = 3;
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(60);

    // The server lives as long as its shell's standard input, which the system closes even when this process is killed.
    private const string UntilInputEnds = """
        "$1/postgres" -D "$2" -p "$3" -h 127.0.0.1 -k "" -F -c full_page_writes=off -c synchronous_commit=off -c max_connections=200 -c logging_collector=off </dev/null >"$2/log" 2>&1 &
        server=$!
        cat >/dev/null
        kill -QUIT $server
        wait $server
        rm -rf "$2"
        """;

    private readonly int port;

    // Held so that the shell's standard input stays open.
    private readonly Process shell;

    private PostgresCluster(int port, Process shell) => (this.port, this.shell) = (port, shell);

    public static async Task<PostgresCluster> StartAsync()
    {
        var binaries = Binaries();
        for (var attempt = 1; ; attempt++)
        {
            var folder = await InitializeAsync(binaries);
            var port = FreePort();
            var cluster = new PostgresCluster(port, Start("sh", "-c", UntilInputEnds, "sh", binaries, folder, port.ToString(CultureInfo.InvariantCulture)));
            if (await cluster.IsReadyAsync(folder)) return cluster;
            cluster.shell.StandardInput.Close();
            if (attempt == Attempts) throw new InvalidOperationException($"PostgreSQL did not start in {Attempts} attempts.");
        }
    }

    public string ConnectionStringFor(string database) =>
        $"Host=127.0.0.1;Port={port};Username=postgres;Database={database};Maximum Pool Size=20;Include Error Detail=true";

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionStringFor("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Binaries() =>
        Directory.Exists("/usr/lib/postgresql")
        && Directory.GetDirectories("/usr/lib/postgresql")
            .Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb")))
            .OrderByDescending(bin => bin, StringComparer.Ordinal)
            .FirstOrDefault() is { } found
            ? found
            : throw new InvalidOperationException("These tests need PostgreSQL (Debian package 'postgresql'): no initdb in /usr/lib/postgresql/*/bin.");

    private static async Task<string> InitializeAsync(string binaries)
    {
        var folder = Path.Combine(Path.GetTempPath(), "automation-postgres-" + Guid.NewGuid().ToString("N"));
        using var initdb = Start(Path.Combine(binaries, "initdb"), "-D", folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        initdb.StandardInput.Close();
        await initdb.WaitForExitAsync();
        return initdb.ExitCode == 0 ? folder : throw new InvalidOperationException($"initdb ended with {initdb.ExitCode} for {folder}.");
    }

    // PostgreSQL refuses to run as root; setpriv becomes the other user without another process between.
    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = Path.GetTempPath() };
        start.FileName = Environment.IsPrivilegedProcess ? "setpriv" : program;
        if (Environment.IsPrivilegedProcess)
            foreach (var word in new[] { "--reuid=postgres", "--regid=postgres", "--clear-groups", program }) start.ArgumentList.Add(word);
        foreach (var word in arguments) start.ArgumentList.Add(word);
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> IsReadyAsync(string folder)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < StartsWithin && !shell.HasExited)
        {
            try
            {
                await ExecuteAsync("SELECT 1");
                // Another server might have taken the port in between: ours says where its data is.
                await using var connection = new NpgsqlConnection(ConnectionStringFor("postgres"));
                await connection.OpenAsync();
                await using var command = new NpgsqlCommand("SHOW data_directory", connection);
                return (string)(await command.ExecuteScalarAsync())! == folder;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }
        return false;
    }
}

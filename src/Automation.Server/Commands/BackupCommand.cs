using System.Diagnostics;
using System.Globalization;
using Automation.Marketing;
using Automation.Marketing.Mail.Delivery;
using Automation.Marketing.Mail.Delivery.Holds;
using Automation.Marketing.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Commands;

/// <summary><c>backup FILE</c> and <c>restore FILE</c>: a consistent copy while the service runs, and back while it does not.</summary>
internal static class BackupCommand
{
    private const int Busy = 5;

    public static async Task<int> BackupAsync(string[] args, CancellationToken cancellation)
    {
        if (args.Length == 0 || args[0].StartsWith('-')) return await WrongUsageAsync("backup FILE");
        var settings = SettingsOf(args);
        if (File.Exists(args[0])) throw new BadInputException(args[0], "exists already; a backup never overwrites one.");
        if (settings.Provider is DatabaseProvider.PostgreSql)
            return await RunAsync("pg_dump", ["--format=custom", "--no-password", $"--file={args[0]}"], settings, cancellation);
        // Only the running service and this copy: SQLite's own online copy sees one state of the file.
        await using var source = new SqliteConnection(settings.ConnectionString + ";Mode=ReadOnly");
        await OpenAsync(source, settings.ConnectionString, cancellation);
        await using var target = new SqliteConnection($"Data Source={args[0]};Pooling=False");
        await target.OpenAsync(cancellation);
        source.BackupDatabase(target);
        await Console.Out.WriteLineAsync($"Backed up to {args[0]}");
        return CommandLine.Done;
    }

    public static async Task<int> RestoreAsync(string[] args, CancellationToken cancellation)
    {
        if (args.Length == 0 || args[0].StartsWith('-')) return await WrongUsageAsync("restore FILE");
        if (!File.Exists(args[0])) throw new BadInputException(args[0], "does not exist.");
        var settings = SettingsOf(args);
        if (settings.Provider is DatabaseProvider.PostgreSql)
        {
            await RequireUnusedAsync(settings.ConnectionString, cancellation);
            var database = new Npgsql.NpgsqlConnectionStringBuilder(settings.ConnectionString).Database;
            var restored = await RunAsync(
                "pg_restore", ["--clean", "--if-exists", "--single-transaction", "--no-password", $"--dbname={database}", args[0]], settings, cancellation);
            if (restored != CommandLine.Done) return restored;
        }
        else
        {
            await CopyBackAsync(args[0], settings.ConnectionString, cancellation);
        }
        await HoldBackAsync(args, cancellation);
        await Console.Out.WriteLineAsync($"""
            Restored from {args[0]}. Nothing is sent until somebody resumes sending on the page 'Outgoing mail'.
            What became due since the copy was made may have been sent already: such mails are settled by what the provider reports, such
            broadcasts and calendar mailings are over, and such people's runs of flows are paused until somebody lets them go on.
            """);
        return CommandLine.Done;
    }

    private static async Task CopyBackAsync(string file, string connectionString, CancellationToken cancellation)
    {
        await using var source = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        await OpenAsync(source, file, cancellation);
        if (!await IsOursAsync(source, file, cancellation)) throw new BadInputException(file, "is not a backup of this program.");
        await using var target = new SqliteConnection(connectionString + ";Pooling=False;Default Timeout=2");
        try
        {
            await target.OpenAsync(cancellation);
            await using (var exclusive = target.CreateCommand())
            {
                exclusive.CommandText = "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT; PRAGMA locking_mode=NORMAL;";
                await exclusive.ExecuteNonQueryAsync(cancellation);
            }
            source.BackupDatabase(target);
        }
        catch (SqliteException busy) when (busy.SqliteErrorCode == Busy)
        {
            throw new BadInputException(connectionString, "is in use; stop the service first.");
        }
    }

    // What became due between the copy and now may have left: none of it must leave again blindly.
    private static async Task HoldBackAsync(string[] args, CancellationToken cancellation)
    {
        await using var server = AutomationServer.Build(args[1..]);
        await using var db = await server.App.Services.GetRequiredService<IDbContextFactory<AutomationDb>>().CreateDbContextAsync(cancellation);
        await db.Database.MigrateAsync(cancellation);
        var now = server.App.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await db.ExecuteAsync("""
            UPDATE outbox_messages SET state = 'Uncertain', rule = 'outcome-unknown', due_at = @p1, lease_owner = NULL, lease_until = NULL
            WHERE state = 'Sending' OR (state IN ('Queued', 'Deferred') AND due_at <= @p0)
            """, cancellation, now, now + MailSender.SettlesMarketing);
        await db.ExecuteAsync("UPDATE broadcasts SET state = 'Stopped' WHERE state IN ('Scheduled', 'Selecting', 'Sending') AND send_at <= @p0", cancellation, now);
        await db.ExecuteAsync("UPDATE occurrences SET state = 'Missed', missed_because = 'Late' WHERE state = 'Planned' AND opens_at <= @p0", cancellation, now);
        await db.ExecuteAsync(
            "UPDATE flow_instances SET paused_at = @p0 WHERE paused_at IS NULL AND id IN (SELECT instance_id FROM flow_bookmarks WHERE due_at <= @p0)", cancellation, now);
        await SendingHolds.PauseAsync(db, HoldScope.All, "", "restore", now, cancellation);
        await Audit.WriteAsync(db, "restore", "database.restored", Path.GetFileName(args[0]), before: null, after: null, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    // A service that runs would go on with what it holds in memory.
    private static async Task RequireUnusedAsync(string connectionString, CancellationToken cancellation)
    {
        await using var connection = new Npgsql.NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(cancellation);
        await using var others = new Npgsql.NpgsqlCommand("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", connection);
        if ((long)(await others.ExecuteScalarAsync(cancellation))! > 0) throw new BadInputException(connection.Database, "is in use; stop the service first.");
    }

    private static async Task OpenAsync(SqliteConnection connection, string named, CancellationToken cancellation)
    {
        try
        {
            await connection.OpenAsync(cancellation);
        }
        catch (SqliteException broken)
        {
            throw new BadInputException(named, $"cannot be opened: {broken.Message}");
        }
    }

    private static async Task<bool> IsOursAsync(SqliteConnection source, string file, CancellationToken cancellation)
    {
        try
        {
            await using var command = source.CreateCommand();
            command.CommandText = "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('outbox_messages', '__EFMigrationsHistory')";
            return (long)(await command.ExecuteScalarAsync(cancellation))! == 2;
        }
        catch (SqliteException broken)
        {
            throw new BadInputException(file, $"is not a database: {broken.Message}");
        }
    }

    private static async Task<int> RunAsync(string program, string[] args, Settings settings, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, args);
        // By environment: arguments are shown to everybody on the machine.
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(settings.ConnectionString);
        (start.Environment["PGHOST"], start.Environment["PGPORT"]) = (connection.Host, connection.Port.ToString(CultureInfo.InvariantCulture));
        (start.Environment["PGDATABASE"], start.Environment["PGUSER"], start.Environment["PGPASSWORD"]) = (connection.Database, connection.Username, connection.Password);
        try
        {
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? CommandLine.Done : CommandLine.InputAtFault;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new BadInputException(program, "is not installed; it comes with PostgreSQL's client programs.");
        }
    }

    private static Settings SettingsOf(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args[1..]);
        return Settings.Read(builder.Configuration, builder.Environment.ContentRootPath);
    }

    private static async Task<int> WrongUsageAsync(string usage)
    {
        await Console.Error.WriteLineAsync($"Usage: {usage}");
        return CommandLine.WrongUsage;
    }
}

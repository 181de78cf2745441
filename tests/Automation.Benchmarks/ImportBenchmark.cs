using System.Diagnostics;
using System.Globalization;
using System.Text;
using Automation.Marketing.Imports;
using Automation.Marketing.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Automation.Benchmarks;

/// <summary>
/// <c>import [POSTGRESQL-CONNECTION-STRING]</c>: the time of an import over that of inserting the same rows by a prepared statement
/// in one transaction, measured in turn on databases of the same content; the median of the rounds.
/// </summary>
internal static class ImportBenchmark
{
    private const int Rounds = 5;
    private const int People = 5_000;
    private const int Rows = 50_000;

    public static async Task<int> RunAsync(string[] args)
    {
        await Console.Out.WriteLineAsync($"| database | file | rows | import rows/s | raw rows/s | import ÷ raw, median of {Rounds} |");
        await Console.Out.WriteLineAsync("| --- | --- | --- | --- | --- | --- |");
        var purchases = Encoding.UTF8.GetBytes(PurchasesCsv());
        await MeasureAsync(null, "purchases.csv", ImportKind.Purchases, purchases);
        if (args.Length > 0) await MeasureAsync(args[0], "purchases.csv", ImportKind.Purchases, purchases);
        if (Cdnow() is not { } file) return 0;
        var cdnow = await File.ReadAllBytesAsync(file);
        await MeasureAsync(null, "CDNOW_master.txt", ImportKind.Cdnow, cdnow);
        if (args.Length > 0) await MeasureAsync(args[0], "CDNOW_master.txt", ImportKind.Cdnow, cdnow);
        return 0;
    }

    private static async Task MeasureAsync(string? postgres, string file, ImportKind kind, byte[] content)
    {
        var rounds = new List<(double Import, double Raw)>();
        long rows = 0;
        for (var round = 0; round <= Rounds; round++)
        {
            await using var imported = await Store.MakeAsync(postgres, kind);
            var watch = Stopwatch.StartNew();
            var report = await ImportAsync(imported.Databases, kind, file, content);
            var import = watch.Elapsed.TotalSeconds;
            if (report.Refused > 0) throw new InvalidOperationException(report.Refusals[0].ToString());
            rows = report.Taken;
            var tables = await imported.ReadAsync(kind);
            await using var raw = await Store.MakeAsync(postgres, kind);
            watch.Restart();
            await raw.InsertAsync(tables);
            // The first round warms up.
            if (round > 0) rounds.Add((import, watch.Elapsed.TotalSeconds));
        }
        var database = postgres is null ? "SQLite" : "PostgreSQL";
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"| {database} | {file} | {rows:N0} | {rows / Median(rounds.Select(r => r.Import)):N0} | {rows / Median(rounds.Select(r => r.Raw)):N0} | {Median(rounds.Select(r => r.Import / r.Raw)):0.00} |"));
    }

    private static Task<ImportReport> ImportAsync(IDbContextFactory<AutomationDb> databases, ImportKind kind, string file, byte[] content) =>
        Importer.ImportAsync(
            databases, new ImportRequest { Kind = kind, Content = new MemoryStream(content), FileName = file, Actor = "benchmark" }, null, TimeProvider.System, CancellationToken.None);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static string PurchasesCsv()
    {
        var random = new Random(20261122);
        var csv = new StringBuilder("order_id,line,external_id,date,product,category,quantity,net,cost,currency\n");
        for (var row = 0; row < Rows; row++)
        {
            var date = new DateOnly(2024, 11, 1).AddDays(row * 730 / Rows);
            csv.AppendLine(CultureInfo.InvariantCulture, $"A-{row / 2:0000000},{row % 2 + 1},C-{random.Next(People):00000},{date:yyyy-MM-dd},毛がに {row % 40},蟹,{random.Next(1, 5)},{random.Next(1000, 30000)},{random.Next(500, 900)},JPY");
        }
        return csv.ToString();
    }

    private static string CustomersCsv()
    {
        var csv = new StringBuilder("external_id,email\n");
        for (var person = 0; person < People; person++) csv.AppendLine(CultureInfo.InvariantCulture, $"C-{person:00000},c{person}@example.com");
        return csv.ToString();
    }

    private static string? Cdnow()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Automation.sln"))) folder = folder.Parent;
        var path = folder?.Parent is { } beside ? Path.Combine(beside.FullName, "shared", "data", "cdnow", "CDNOW_master.txt") : "";
        return File.Exists(path) ? path : null;
    }

    /// <summary>A database of its own, with the people of the purchases where the file does not bring them.</summary>
    private sealed class Store(ServiceProvider services, string? sqliteFile) : IAsyncDisposable
    {
        public IDbContextFactory<AutomationDb> Databases => services.GetRequiredService<IDbContextFactory<AutomationDb>>();

        public static async Task<Store> MakeAsync(string? postgres, ImportKind kind)
        {
            var file = postgres is null ? Path.Combine(Path.GetTempPath(), $"import-{Guid.NewGuid():N}.db") : null;
            var services = new ServiceCollection().AddLogging()
                .AddAutomationStorage(postgres is null ? DatabaseProvider.Sqlite : DatabaseProvider.PostgreSql, postgres ?? $"Data Source={file}")
                .BuildServiceProvider();
            var store = new Store(services, file);
            await using var db = store.Databases.CreateDbContext();
            if (postgres is not null) await db.Database.EnsureDeletedAsync();
            await db.Database.MigrateAsync();
            if (kind is ImportKind.Purchases) await ImportAsync(store.Databases, ImportKind.Customers, "customers.csv", Encoding.UTF8.GetBytes(CustomersCsv()));
            return store;
        }

        /// <summary>What the import wrote, as the database stores it.</summary>
        public async Task<List<(string Table, string[] Columns, List<object[]> Rows)>> ReadAsync(ImportKind kind)
        {
            await using var db = Databases.CreateDbContext();
            await db.Database.OpenConnectionAsync();
            var tables = new List<(string, string[], List<object[]>)>();
            foreach (var table in kind is ImportKind.Cdnow ? new[] { "contacts", "contact_sources", "purchases" } : ["purchases"])
            {
                await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // The table names are constants above.
                command.CommandText = $"SELECT * FROM {table}";
#pragma warning restore CA2100
                await using var reader = await command.ExecuteReaderAsync();
                var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
                var rows = new List<object[]>();
                while (await reader.ReadAsync())
                {
                    var values = new object[columns.Length];
                    reader.GetValues(values);
                    rows.Add(values);
                }
                tables.Add((table, columns, rows));
            }
            return tables;
        }

        public async Task InsertAsync(List<(string Table, string[] Columns, List<object[]> Rows)> tables)
        {
            await using var db = Databases.CreateDbContext();
            await db.Database.OpenConnectionAsync();
            var connection = db.Database.GetDbConnection();
            await using var transaction = await connection.BeginTransactionAsync();
            foreach (var (table, columns, rows) in tables)
            {
                await using var command = connection.CreateCommand();
                command.Transaction = transaction;
#pragma warning disable CA2100 // Table and columns come from the schema.
                command.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, at) => "@p" + at))})";
#pragma warning restore CA2100
                for (var at = 0; at < columns.Length; at++)
                {
                    var parameter = command.CreateParameter();
                    parameter.ParameterName = "@p" + at;
                    parameter.Value = rows.Select(row => row[at]).FirstOrDefault(value => value is not DBNull) ?? DBNull.Value;
                    command.Parameters.Add(parameter);
                }
                await command.PrepareAsync();
                foreach (var row in rows)
                {
                    for (var at = 0; at < row.Length; at++) command.Parameters[at].Value = row[at];
                    await command.ExecuteNonQueryAsync();
                }
            }
            await transaction.CommitAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await services.DisposeAsync();
            if (sqliteFile is null) return;
            SqliteConnection.ClearAllPools();
            foreach (var part in new[] { sqliteFile, sqliteFile + "-wal", sqliteFile + "-shm" }) File.Delete(part);
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Automation.Marketing.Storage;
using Automation.Server.Tests;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Automation.Benchmarks;

/// <summary>
/// A million people waiting in a flow, on SQLite: the service is ready as soon as on an empty database; after a downtime
/// the waits that are over end in their order; events of that hour are not kept waiting; and its memory does not grow.
/// </summary>
internal static class ChecksMillion
{
    private const int Waiting = 1_000_000;
    private const int Starts = 5;
    private const int Overdue = 20_000;
    private const int Events = 500;
    private const int EventsABatch = 25;
    private const double MostSecondsMore = 1;
    private const double MostSecondsToWake = 5;
    private const double MostMegabytesMore = 100;

    /// <param name="args">How many wait; default a million.</param>
    /// <returns>0 when every limit holds, else 1.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var waiting = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Waiting;
        await using var empty = await ChecksDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var full = await FlowScene.StartAsync();
        await FillAsync(full, waiting);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{waiting:N0} people wait; the database has {new FileInfo(full.File).Length / 1e6:F0} MB"));
        var sound = await IsReadyAsSoonAsync(Path.Combine(empty.Folder, "automation.db"), full.File);
        sound &= await WakesInOrderAsync(full, waiting);
        return sound ? 0 : 1;
    }

    // One person really enters; the others are copies of her rows under ids of their own.
    private static async Task FillAsync(FlowScene scene, int waiting)
    {
        var person = (await scene.PeopleAsync(1))[0];
        await scene.HappensAsync(FlowScene.Go, [person], 1);
        await scene.WorkAsync();
        SqliteConnection.ClearAllPools();
        await using var connection = new SqliteConnection($"Data Source={scene.File};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 0;
        // Contact n and run n are told by the last twelve digits of their ids.
        command.CommandText = $"""
            PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000;
            CREATE TEMP TABLE one AS SELECT i.*, lower(replace(i.id, '-', '')) AS plain, lower(i.contact_id) AS person, b.name AS wait, b.key AS wait_key, b.node_id
            FROM flow_instances i JOIN flow_bookmarks b ON b.instance_id = i.id;
            CREATE TEMP TABLE numbers AS WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {waiting})
            SELECT n, printf('019A0000-0000-7000-8000-%012X', n) AS contact, printf('019B0000-0000-7000-8000-%012X', n) AS run FROM n;
            BEGIN;
            INSERT INTO contacts (id, external_id, email, email_key, name, language, custom, sales_owned, created_at, updated_at)
            SELECT contact, 'm' || n, 'm' || n || '@example.com', 'm' || n || '@example.com', '山田 花子', 'ja', '{"{}"}', 0, one.started_at, one.started_at FROM numbers, one;
            INSERT INTO flow_instances (id, definition_id, definition_version_id, contact_id, entry, entry_key, status, end_reason, state, event, revision, started_at, updated_at)
            SELECT run, definition_id, definition_version_id, contact, 1, '', 'Running', '',
                   replace(replace(state, plain, lower(replace(run, '-', ''))), person, lower(contact)), event, 1, started_at, updated_at FROM numbers, one;
            INSERT INTO flow_bookmarks (id, instance_id, contact_id, name, key, node_id, due_at)
            SELECT lower(replace(run, '-', '')) || '-b' || substr(b.id, instr(b.id, '-b') + 2), run, contact, wait, wait_key, one.node_id, b.due_at + n FROM numbers, one, flow_bookmarks b;
            COMMIT;
            PRAGMA journal_mode=WAL;
            """;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<bool> IsReadyAsSoonAsync(string empty, string full)
    {
        var (emptySeconds, fullSeconds, emptyMegabytes, fullMegabytes) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var start = -1; start < Starts; start++)
        {
            await ReadyAsync(empty, emptySeconds, emptyMegabytes);
            await ReadyAsync(full, fullSeconds, fullMegabytes);
            // The first start of each prepares Quartz's file and its own.
            if (start < 0) foreach (var list in new[] { emptySeconds, fullSeconds, emptyMegabytes, fullMegabytes }) list.Clear();
        }
        return Report("ready, empty database", "s", Median(emptySeconds), double.MaxValue)
            & Report("ready, waiting database", "s", Median(fullSeconds), Median(emptySeconds) + MostSecondsMore)
            & Report("memory when ready, empty database", "MB", Median(emptyMegabytes), double.MaxValue)
            & Report("memory when ready, waiting database", "MB", Median(fullMegabytes), Median(emptyMegabytes) + MostMegabytesMore);
    }

    private static async Task ReadyAsync(string file, List<double> seconds, List<double> megabytes)
    {
        var watch = Stopwatch.StartNew();
        var (service, http) = await StartAsync(file);
        seconds.Add(watch.Elapsed.TotalSeconds);
        megabytes.Add(service.Megabytes);
        http.Dispose();
        await service.DisposeAsync();
    }

    private static async Task<bool> WakesInOrderAsync(FlowScene scene, int waiting)
    {
        var before = TimeProvider.System.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds();
        await using (var db = scene.Open())
        {
            // Their instants are scattered over the day of the downtime, in no order of ids.
            await db.ExecuteAsync(
                $"UPDATE flow_bookmarks SET due_at = {before} + (rowid * 7919 % {Overdue}) * 1000 WHERE rowid IN (SELECT rowid FROM flow_bookmarks WHERE rowid > 1 ORDER BY rowid LIMIT {Overdue})", default);
            await db.ExecuteAsync("CREATE TABLE was_due AS SELECT contact_id, due_at FROM flow_bookmarks WHERE due_at <= @p0", default, TimeProvider.System.GetUtcNow());
        }
        SqliteConnection.ClearAllPools();
        var (service, http) = await StartAsync(scene.File);
        await using var running = service;
        using var client = http;
        var (ready, most) = (service.Megabytes, service.Megabytes);
        var watch = Stopwatch.StartNew();
        for (var first = 0; first < Events; first += EventsABatch)
        {
            var events = Enumerable.Range(waiting - Events + first + 1, EventsABatch)
                .Select(number => new { source = "check", id = $"e{number}", type = FlowScene.Wake, contact = new { externalId = $"m{number}" } });
            (await client.PostAsJsonAsync("/api/events/batch", new { events })).EnsureSuccessStatusCode();
            most = Math.Max(most, service.Megabytes);
        }
        while (await scene.CountAsync("SELECT COUNT(*) FROM flow_bookmarks WHERE due_at <= " + TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()) > 0
            || await scene.CountAsync("SELECT COUNT(*) FROM stimuli") > 0)
        {
            most = Math.Max(most, service.Megabytes);
            await Task.Delay(100);
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Overdue:N0} overdue waits and {Events} events worked off {watch.Elapsed.TotalSeconds:F1} s after it was ready"));
        await using var found = scene.Open();
        var inTurn = await found.QueryAsync(
            "SELECT d.due_at FROM flow_steps s JOIN was_due d ON d.contact_id = s.contact_id WHERE s.activity_id = 'wait' AND s.happened = 'Completed' ORDER BY s.id",
            row => row.Long(0), default);
        var waited = await found.QueryAsync(
            """
            SELECT s.at - e.received_at FROM lead_events e
            JOIN flow_steps s ON s.contact_id = e.contact_id AND s.activity_id = 'wait' AND s.happened = 'Completed' WHERE e.source = 'check' ORDER BY 1
            """,
            row => row.Long(0) / 1000.0, default);
        return Report("waits that ended after a later one", "", inTurn.Zip(inTurn.Skip(1), (one, next) => one > next).Count(wrong => wrong), 0)
            & Report("waits not ended", "", Overdue - inTurn.Count, 0)
            & Report("events that woke nobody", "", Events - waited.Count, 0)
            & Report("event to woken run by the product's records, median", "s", waited[waited.Count / 2], double.MaxValue)
            & Report("event to woken run by the product's records, longest", "s", waited[^1], MostSecondsToWake)
            & Report("memory while waking, at most", "MB", most, ready + MostMegabytesMore);
    }

    private static async Task<(ServiceProcess Service, HttpClient Http)> StartAsync(string file)
    {
        var port = ServiceProcess.FreePort();
        var service = await ServiceProcess.StartAsync(
            "listens", "serve", "--urls", $"http://127.0.0.1:{port}", $"--ConnectionStrings:Automation=Data Source={file}", "--SendGrid:BaseAddress=http://127.0.0.1:9/",
            $"--Setup:ApiKey={ServiceProcess.ApiKey}", "--Setup:AdminPassword=test-password");
        var http = ServiceProcess.Client($"http://127.0.0.1:{port}");
        while (!(await http.GetAsync("/health")).IsSuccessStatusCode) await Task.Delay(20);
        return (service, http);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static bool Report(string what, string unit, double measured, double most)
    {
        var holds = measured <= most;
        var limit = most == double.MaxValue ? "" : string.Create(CultureInfo.InvariantCulture, $"at most {most:0.##} {unit}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-60} {measured,8:0.##} {unit,-2} {limit}{(holds ? "" : " NOT SOUND")}"));
        return holds;
    }
}
